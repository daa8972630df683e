//! Is every request one that the schema takes, and does it say what was asked, whatever the texts in it are?

use proptest::prelude::*;

use super::super::*;
use super::schema;
use super::tree::Element;

const PLAIN: Envelope<'_> = Envelope {
    version: "Exchange2016",
    impersonate: None,
};

/// Every request there is, with this text wherever a text goes.
fn all(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let envelope = Envelope {
        version: text,
        impersonate: Some(text),
    };
    let known = FolderId::Known {
        name: "inbox",
        mailbox: Some(text),
    };
    let inbox = FolderId::Known {
        name: "inbox",
        mailbox: None,
    };
    let id = FolderId::Id(text);
    let restrictions = [
        Restriction::SubjectContains(text.to_owned()),
        Restriction::IsRead(false),
        Restriction::InternetMessageId(text.to_owned()),
        Restriction::ReceivedSince(1_795_571_757_935),
    ];
    let item = ItemRef {
        id: text.to_owned(),
        change_key: Some(text.to_owned()),
    };
    let bare = ItemRef {
        id: text.to_owned(),
        change_key: None,
    };
    let categories = Change::Categories(vec![text.to_owned(), "Case-42".to_owned()]);
    let mut all = vec![
        ("GetFolder", get_folder(&envelope, &known)),
        ("GetFolder", get_folder(&PLAIN, &id)),
        ("FindFolder", find_folder(&envelope, &known, Some(text), true, 0)),
        ("FindFolder", find_folder(&envelope, &id, None, false, 100)),
        ("FindItem", find_item(&envelope, &known, &restrictions, 0, 100)),
        ("FindItem", find_item(&envelope, &inbox, &restrictions[..1], 200, 50)),
        ("FindItem", find_item(&PLAIN, &id, &[], 0, 1)),
        ("GetAttachment", get_attachment(&envelope, text)),
        ("SyncFolderItems", sync_folder_items(&envelope, &known, None, 100)),
        ("SyncFolderItems", sync_folder_items(&envelope, &id, Some(text), 512)),
        (
            "UpdateItem",
            update_item(&envelope, &item, &Change::Read(true), Resolution::AutoResolve),
        ),
        (
            "UpdateItem",
            update_item(&envelope, &bare, &Change::Read(false), Resolution::AlwaysOverwrite),
        ),
        (
            "UpdateItem",
            update_item(&envelope, &item, &categories, Resolution::NeverOverwrite),
        ),
        (
            "UpdateItem",
            update_item(
                &envelope,
                &item,
                &Change::Categories(vec![]),
                Resolution::NeverOverwrite,
            ),
        ),
        ("MoveItem", move_item(&envelope, &[text, text], &id)),
        ("GetConversationItems", get_conversation_items(&envelope, text)),
    ];
    for shape in [
        Shape::Attachments,
        Shape::Text,
        Shape::Html,
        Shape::Mime,
        Shape::Parent,
        Shape::Read,
    ] {
        all.push(("GetItem", get_item(&envelope, &[text, text], shape)));
    }
    all
}

/// Puts `text` where `sample` is.
fn replace(element: &mut Element, sample: &str, text: &str) {
    for (_, value) in &mut element.attributes {
        if value == sample {
            text.clone_into(value);
        }
    }
    if element.text == sample {
        text.clone_into(&mut element.text);
    }
    element
        .children
        .iter_mut()
        .for_each(|child| replace(child, sample, text));
}

fn body(request: &[u8]) -> Element {
    Element::parse(request).at("soap:Body").children[0].clone()
}

#[test]
fn every_request_has_the_order_of_the_schema() {
    for (operation, request) in all("text") {
        let root = Element::parse(&request);
        schema::check(&root);
        assert_eq!(root.at("soap:Body").order(), [format!("m:{operation}")]);
    }
}

#[test]
fn a_request_says_its_version_and_impersonates_when_asked() {
    let plain = Element::parse(&get_attachment(&PLAIN, "a"));
    assert_eq!(
        plain.at("t:RequestServerVersion").attribute("Version"),
        Some("Exchange2016")
    );
    assert_eq!(plain.find("t:ExchangeImpersonation"), None);
    let other = Envelope {
        impersonate: Some("soc@example.org"),
        ..PLAIN
    };
    let other = Element::parse(&get_attachment(&other, "a"));
    assert_eq!(other.at("t:PrimarySmtpAddress").text, "soc@example.org");
}

#[test]
fn a_list_is_restricted_sorted_and_paged() {
    let inbox = FolderId::Known {
        name: "inbox",
        mailbox: None,
    };
    let restrictions = [
        Restriction::IsRead(false),
        Restriction::ReceivedSince(1_795_571_757_935),
    ];
    let find = body(&find_item(&PLAIN, &inbox, &restrictions, 100, 50));
    assert_eq!(find.attribute("Traversal"), Some("Shallow"));
    let view = find.at("m:IndexedPageItemView");
    assert_eq!(
        (view.attribute("Offset"), view.attribute("MaxEntriesReturned")),
        (Some("100"), Some("50"))
    );
    assert_eq!(find.at("t:And").order(), ["t:IsEqualTo", "t:IsGreaterThanOrEqualTo"]);
    assert_eq!(
        find.at("t:IsEqualTo").at("t:Constant").attribute("Value"),
        Some("false")
    );
    let since = find.at("t:IsGreaterThanOrEqualTo").at("t:Constant").attribute("Value");
    assert_eq!(since, Some("2026-11-25T01:55:57.935Z"));
    let order = find.at("t:FieldOrder");
    assert_eq!(order.attribute("Order"), Some("Ascending"));
    assert_eq!(
        order.at("t:FieldURI").attribute("FieldURI"),
        Some("item:DateTimeReceived")
    );
    let one = body(&find_item(
        &PLAIN,
        &inbox,
        &[Restriction::SubjectContains("x".to_owned())],
        0,
        1,
    ));
    let contains = one.at("m:Restriction").at("t:Contains");
    assert_eq!(contains.attribute("ContainmentMode"), Some("Substring"));
    assert_eq!(contains.attribute("ContainmentComparison"), Some("IgnoreCase"));
    assert_eq!(body(&find_item(&PLAIN, &inbox, &[], 0, 1)).find("m:Restriction"), None);
}

#[test]
fn a_change_tells_no_sender_that_the_mail_was_read() {
    let item = ItemRef {
        id: "i".to_owned(),
        change_key: None,
    };
    let update = body(&update_item(
        &PLAIN,
        &item,
        &Change::Read(true),
        Resolution::AlwaysOverwrite,
    ));
    assert_eq!(update.attribute("SuppressReadReceipts"), Some("true"));
    assert_eq!(update.attribute("MessageDisposition"), Some("SaveOnly"));
    assert_eq!(update.attribute("ConflictResolution"), Some("AlwaysOverwrite"));
    assert_eq!(update.at("t:ItemId").attributes, [("Id".to_owned(), "i".to_owned())]);
    assert_eq!(update.at("t:IsRead").text, "true");
    let none = body(&update_item(
        &PLAIN,
        &item,
        &Change::Categories(vec![]),
        Resolution::AutoResolve,
    ));
    assert_eq!(
        none.at("t:DeleteItemField").at("t:FieldURI").attribute("FieldURI"),
        Some("item:Categories")
    );
    assert_eq!(none.find("t:SetItemField"), None);
}

#[test]
fn shapes_ask_for_what_rows_hold() {
    let fields = |shape| -> Vec<String> {
        let request = body(&get_item(&PLAIN, &["i"], shape));
        let additional = request.find("t:AdditionalProperties").cloned().unwrap_or_default();
        additional
            .children
            .iter()
            .map(|one| one.attribute("FieldURI").unwrap().to_owned())
            .collect()
    };
    let text = fields(Shape::Text);
    for field in [
        "item:Attachments",
        "item:InternetMessageHeaders",
        "item:Body",
        "message:BccRecipients",
        "message:References",
    ] {
        assert!(text.contains(&field.to_owned()), "{field}");
    }
    assert_eq!(fields(Shape::Html), ["item:Body"]);
    assert!(fields(Shape::Mime).is_empty());
    assert_eq!(fields(Shape::Attachments), ["item:ParentFolderId", "item:Attachments"]);
    assert_eq!(fields(Shape::Parent), ["item:ParentFolderId", "item:ConversationId"]);
    let request = body(&get_item(&PLAIN, &["i"], Shape::Mime));
    assert_eq!(request.at("t:IncludeMimeContent").text, "true");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_breaks_out_and_only_forbidden_characters_change(chars in proptest::collection::vec(any::<char>(), 0..12), control in "[\\x00-\\x20<>&\"'\u{FFFE}\\]]{0,6}") {
        let text: String = chars.into_iter().collect::<String>() + &control;
        let legal: String = text
            .chars()
            .map(|char| match char {
                '\t' | '\n' | '\r' => char,
                '\u{0}'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
                char => char,
            })
            .collect();
        for ((_, request), (_, sample)) in all(&text).iter().zip(&all("a sample")) {
            let mut expected = Element::parse(sample);
            replace(&mut expected, "a sample", &legal);
            prop_assert_eq!(Element::parse(request), expected);
        }
    }
}
