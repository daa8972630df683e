//! Which items does FindItem find, in which order, and page by page? Contract section 2.

use crate::support::{Ews, INBOX, find_item, mailbox, message, message_with};
use serde_json::{Value, json};

fn compare(operator: &str, uri: &str, constant: &str) -> String {
    format!(
        "<t:{operator}><t:FieldURI FieldURI=\"{uri}\"/><t:FieldURIOrConstant><t:Constant Value=\"{constant}\"/>\
         </t:FieldURIOrConstant></t:{operator}>"
    )
}

fn contains(uri: &str, mode: &str, comparison: &str, constant: &str) -> String {
    format!(
        "<t:Contains ContainmentMode=\"{mode}\" ContainmentComparison=\"{comparison}\"><t:FieldURI FieldURI=\"{uri}\"/>\
         <t:Constant Value=\"{constant}\"/></t:Contains>"
    )
}

fn restricted(condition: &str) -> String {
    find_item(&format!("<m:Restriction>{condition}</m:Restriction>"), "", INBOX)
}

fn page(max: u32, offset: u32) -> String {
    format!("<m:IndexedPageItemView MaxEntriesReturned=\"{max}\" Offset=\"{offset}\" BasePoint=\"Beginning\"/>")
}

fn sorted(order: &str) -> String {
    format!(
        "<m:SortOrder><t:FieldOrder Order=\"{order}\"><t:FieldURI FieldURI=\"item:DateTimeReceived\"/></t:FieldOrder></m:SortOrder>"
    )
}

fn four() -> Value {
    mailbox(&[
        message("Alpha", 1),
        message_with("beta", 2, json!({"is_read": true, "categories": ["TheHive", "Case 1"]})),
        message_with(
            "gamma alpha",
            3,
            json!({"attachments": [{"name": "a.txt", "content": "x"}]}),
        ),
        message("delta", 4),
    ])
}

#[tokio::test]
async fn without_an_order_the_newest_item_is_first_and_an_order_is_followed() {
    let ews = Ews::new(four()).await;
    let newest = ["delta", "gamma alpha", "beta", "Alpha"];
    assert_eq!(ews.ask(&find_item("", "", INBOX)).await.subjects(), newest);
    let oldest = ews.ask(&find_item(&sorted("Ascending"), "", INBOX)).await.subjects();
    assert_eq!(oldest, ["Alpha", "beta", "gamma alpha", "delta"]);
}

#[tokio::test]
async fn each_restriction_finds_what_it_says() {
    let ews = Ews::new(four()).await;
    let not_read = compare("IsEqualTo", "message:IsRead", "false");
    let alpha = contains("item:Subject", "Substring", "IgnoreCase", "alpha");
    for (condition, expected) in [
        (not_read.clone(), vec!["delta", "gamma alpha", "Alpha"]),
        (compare("IsEqualTo", "message:IsRead", "1"), vec!["beta"]),
        (
            compare("IsEqualTo", "message:InternetMessageId", "&lt;beta@example.net&gt;"),
            vec!["beta"],
        ),
        (
            compare(
                "IsGreaterThanOrEqualTo",
                "item:DateTimeReceived",
                "2026-11-02T09:03:00Z",
            ),
            vec!["delta", "gamma alpha"],
        ),
        (
            compare("IsLessThan", "item:DateTimeReceived", "2026-11-02T10:02:00+01:00"),
            vec!["Alpha"],
        ),
        (compare("IsEqualTo", "item:Categories", "case 1"), vec!["beta"]),
        (compare("IsEqualTo", "item:HasAttachments", "true"), vec!["gamma alpha"]),
        (
            compare("IsEqualTo", "item:ItemClass", "IPM.Note"),
            vec!["delta", "gamma alpha", "beta", "Alpha"],
        ),
        (alpha.clone(), vec!["gamma alpha", "Alpha"]),
        (
            contains("item:Subject", "Substring", "Exact", "alpha"),
            vec!["gamma alpha"],
        ),
        (
            contains("item:Subject", "Prefixed", "IgnoreCase", "ALPHA"),
            vec!["Alpha"],
        ),
        (contains("item:Subject", "FullString", "IgnoreCase", "gamma"), vec![]),
        (
            contains("message:From", "Substring", "IgnoreCase", "bob@"),
            vec!["delta", "gamma alpha", "beta", "Alpha"],
        ),
        (
            format!("<t:And>{not_read}{alpha}</t:And>"),
            vec!["gamma alpha", "Alpha"],
        ),
        (format!("<t:And>{alpha}<t:Not>{not_read}</t:Not></t:And>"), vec![]),
        (
            format!(
                "<t:Or>{}{}</t:Or>",
                compare("IsEqualTo", "item:Subject", "beta"),
                compare("IsEqualTo", "item:Subject", "delta")
            ),
            vec!["delta", "beta"],
        ),
        (
            "<t:Exists><t:FieldURI FieldURI=\"item:Categories\"/></t:Exists>".to_owned(),
            vec!["beta"],
        ),
    ] {
        assert_eq!(
            ews.ask(&restricted(&condition)).await.subjects(),
            expected,
            "{condition}"
        );
    }
}

#[tokio::test]
async fn a_conversation_cannot_be_searched_for() {
    let ews = Ews::new(four()).await;
    let answer = ews
        .ask(&restricted(&compare("IsEqualTo", "item:ConversationId", "x")))
        .await;
    assert_eq!(answer.code(), "ErrorUnsupportedPathForQuery");
}

#[tokio::test]
async fn a_page_tells_where_the_next_one_starts_and_whether_there_is_one() {
    let ews = Ews::new(four()).await;
    let first = ews.ask(&find_item(&sorted("Ascending"), &page(3, 0), INBOX)).await;
    assert_eq!(first.subjects(), ["Alpha", "beta", "gamma alpha"]);
    let attribute = |name| first.attributes("m:RootFolder", name);
    assert_eq!(attribute("IndexedPagingOffset"), ["3"]);
    assert_eq!(attribute("TotalItemsInView"), ["4"]);
    assert_eq!(attribute("IncludesLastItemInRange"), ["false"]);
    let second = ews.ask(&find_item(&sorted("Ascending"), &page(3, 3), INBOX)).await;
    assert_eq!(second.subjects(), ["delta"]);
    assert_eq!(second.attributes("m:RootFolder", "IncludesLastItemInRange"), ["true"]);
}

#[tokio::test]
async fn a_page_is_cut_at_the_servers_limit_and_a_list_without_pages_over_it_is_an_error() {
    let mut state = four();
    state["settings"] = json!({"find_limit": 3, "restricted_find_limit": 2});
    let ews = Ews::new(state).await;
    let cut = ews.ask(&find_item("", &page(100, 0), INBOX)).await;
    assert_eq!(
        (
            cut.subjects().len(),
            cut.attributes("m:RootFolder", "IncludesLastItemInRange")
        ),
        (3, vec!["false".to_owned()])
    );
    let all = "<m:Restriction><t:Exists><t:FieldURI FieldURI=\"item:Subject\"/></t:Exists></m:Restriction>";
    let cut = ews.ask(&find_item(all, &page(100, 0), INBOX)).await;
    assert_eq!(
        (
            cut.subjects().len(),
            cut.attributes("m:RootFolder", "IndexedPagingOffset")
        ),
        (2, vec!["2".to_owned()])
    );
    assert_eq!(
        ews.ask(&find_item("", "", INBOX)).await.code(),
        "ErrorExceededFindCountLimit"
    );
    assert_eq!(
        ews.ask(&find_item("", &page(0, 0), INBOX)).await.code(),
        "ErrorInvalidPagingMaxRows"
    );
}

#[tokio::test]
async fn a_list_cannot_give_bodies_recipients_attachments_or_mime() {
    let ews = Ews::new(four()).await;
    for uri in [
        "item:Body",
        "item:Attachments",
        "message:ToRecipients",
        "item:InternetMessageHeaders",
        "item:TextBody",
    ] {
        let request = find_item("", "", INBOX).replace("item:Subject", uri);
        assert_eq!(ews.ask(&request).await.code(), "ErrorInvalidPropertyRequest", "{uri}");
    }
    let mime = find_item("", "", INBOX).replace(
        "</t:BaseShape>",
        "</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent>",
    );
    assert_eq!(ews.ask(&mime).await.code(), "ErrorInvalidPropertyRequest");
}

#[tokio::test]
async fn words_of_a_query_string_are_found_and_unknown_terms_refused() {
    let ews = Ews::new(four()).await;
    let query = |text: &str| {
        find_item("", "", INBOX).replace(
            "</m:FindItem>",
            &format!("<m:QueryString>{text}</m:QueryString></m:FindItem>"),
        )
    };
    assert_eq!(
        ews.ask(&query("subject:alpha")).await.subjects(),
        ["gamma alpha", "Alpha"]
    );
    assert_eq!(ews.ask(&query("kind:meeting")).await.code(), "ErrorInvalidQueryString");
}
