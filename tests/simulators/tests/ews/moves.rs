//! What becomes of an item that is moved, copied, deleted or made? Contract sections 2 and 3.

use crate::support::{As, Ews, INBOX, OWNER, find_item, mailbox, message};
use serde_json::json;

fn transfer(operation: &str, id: &str, folder: &str, more: &str) -> String {
    format!(
        "<m:{operation}><m:ToFolderId>{folder}</m:ToFolderId><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds>{more}</m:{operation}>"
    )
}

async fn folder(ews: &Ews, name: &str) -> String {
    let request = format!(
        "<m:FindFolder Traversal=\"Deep\"><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:Restriction><t:IsEqualTo>\
         <t:FieldURI FieldURI=\"folder:DisplayName\"/><t:FieldURIOrConstant><t:Constant Value=\"{name}\"/></t:FieldURIOrConstant>\
         </t:IsEqualTo></m:Restriction><m:ParentFolderIds><t:DistinguishedFolderId Id=\"msgfolderroot\"/></m:ParentFolderIds></m:FindFolder>"
    );
    let id = ews.ask(&request).await.attributes("t:FolderId", "Id").remove(0);
    format!("<t:FolderId Id=\"{id}\"/>")
}

#[tokio::test]
async fn a_move_answers_the_new_id_and_the_old_one_is_gone() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let hive = folder(&ews, "TheHive").await;
    let (old, _) = ews.inbox("one").await;
    let answer = ews
        .ask(&transfer(
            "MoveItem",
            &old,
            &hive,
            "<m:ReturnNewItemIds>true</m:ReturnNewItemIds>",
        ))
        .await;
    let new = answer.attributes("t:ItemId", "Id").remove(0);
    assert_ne!(new, old);
    assert_eq!(ews.get(&old, &[]).await.code(), "ErrorItemNotFound");
    assert_eq!(ews.find("one", &hive).await.0, new);
    let effects = ews.effects("move").await;
    assert_eq!(effects.len(), 1);
    assert_eq!(
        (&effects[0]["from"], &effects[0]["to"]),
        (&json!("Inbox"), &json!("Inbox/TheHive"))
    );
    assert_eq!(
        ews.ask(&transfer("MoveItem", &old, &hive, "")).await.code(),
        "ErrorItemNotFound"
    );
    let quiet = ews
        .ask(&transfer(
            "MoveItem",
            &new,
            INBOX,
            "<m:ReturnNewItemIds>false</m:ReturnNewItemIds>",
        ))
        .await;
    assert!(quiet.attributes("t:ItemId", "Id").is_empty());
}

#[tokio::test]
async fn a_move_to_another_mailbox_answers_no_id() {
    let ews = Ews::new(json!({"mailboxes": [
        {"address": "soc@example.org", "password": "secret", "messages": [message("one", 1)]},
        {"address": "shared@example.org", "delegates": ["soc@example.org"]},
    ]}))
    .await;
    let (id, _) = ews.inbox("one").await;
    let to = "<t:DistinguishedFolderId Id=\"inbox\"><t:Mailbox><t:EmailAddress>shared@example.org</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>";
    let answer = ews.ask(&transfer("MoveItem", &id, to, "")).await;
    assert_eq!(
        (answer.code(), answer.attributes("t:ItemId", "Id").len()),
        ("NoError".to_owned(), 0)
    );
    assert_eq!(ews.ask(&find_item("", "", to)).await.subjects(), ["one"]);
}

#[tokio::test]
async fn a_copy_is_another_item() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, _) = ews.inbox("one").await;
    assert_eq!(ews.ask(&transfer("CopyItem", &id, INBOX, "")).await.code(), "NoError");
    assert_eq!(ews.ask(&find_item("", "", INBOX)).await.subjects(), ["one", "one"]);
}

#[tokio::test]
async fn deleted_items_are_gone_or_in_the_bin_under_another_id() {
    let ews = Ews::new(mailbox(&[message("one", 1), message("two", 2)])).await;
    let delete = |id: &str, kind: &str| {
        format!("<m:DeleteItem DeleteType=\"{kind}\"><m:ItemIds><t:ItemId Id=\"{id}\"/></m:ItemIds></m:DeleteItem>")
    };
    let (one, two) = (ews.inbox("one").await.0, ews.inbox("two").await.0);
    assert_eq!(ews.ask(&delete(&one, "HardDelete")).await.code(), "NoError");
    assert_eq!(ews.ask(&delete(&one, "HardDelete")).await.code(), "ErrorItemNotFound");
    assert_eq!(ews.ask(&delete(&two, "MoveToDeletedItems")).await.code(), "NoError");
    assert_ne!(
        ews.find("two", "<t:DistinguishedFolderId Id=\"deleteditems\"/>")
            .await
            .0,
        two
    );
    assert_eq!(ews.effects("delete").await.len(), 2);
}

#[tokio::test]
async fn a_message_is_made_from_fields_or_from_mime_and_nothing_is_sent() {
    let ews = Ews::new(mailbox(&[])).await;
    let create = |disposition: &str, item: &str| {
        format!(
            "<m:CreateItem MessageDisposition=\"{disposition}\"><m:SavedItemFolderId>{INBOX}</m:SavedItemFolderId>\
             <m:Items><t:Message>{item}</t:Message></m:Items></m:CreateItem>"
        )
    };
    let fields = "<t:Subject>Made \u{2620}</t:Subject><t:Body BodyType=\"Text\">Line 1\nLine 2</t:Body><t:Attachments><t:FileAttachment>\
                  <t:Name>a.bin</t:Name><t:Content>AAEC</t:Content></t:FileAttachment></t:Attachments><t:ToRecipients><t:Mailbox>\
                  <t:EmailAddress>alice@example.org</t:EmailAddress></t:Mailbox></t:ToRecipients><t:IsRead>false</t:IsRead>";
    assert_eq!(ews.ask(&create("SaveOnly", fields)).await.code(), "NoError");
    let (id, _) = ews.inbox("Made \u{2620}").await;
    let answer = ews
        .get(
            &id,
            &[
                "item:Attachments",
                "item:Body",
                "message:IsRead",
                "message:ToRecipients",
            ],
        )
        .await;
    assert_eq!(answer.texts("t:Name"), ["a.bin", "alice@example.org"]);
    assert_eq!(answer.texts("t:IsRead"), ["false"]);
    assert!(answer.text.contains("Line 1\nLine 2"), "{}", answer.text);
    assert_eq!(
        ews.ask(&create(
            "SaveOnly",
            "<t:MimeContent>U3ViamVjdDogbWltZQ0KDQp4</t:MimeContent>"
        ))
        .await
        .code(),
        "NoError"
    );
    ews.inbox("mime").await;
    assert_eq!(
        ews.ask(&create("SendAndSaveCopy", fields)).await.code(),
        "ErrorInvalidRequest"
    );
    assert_eq!(ews.effects("create").await.len(), 2);
}

#[tokio::test]
async fn mail_that_arrives_later_is_found() {
    let ews = Ews::new(mailbox(&[])).await;
    let mut mail = message("late", 5);
    mail["mailbox"] = json!("soc@example.org");
    assert_eq!(ews.peer.call("POST", "/_sim/ews/messages", mail).await.0, 204);
    assert_eq!(
        ews.ask_as(&As { ..OWNER }, &find_item("", "", INBOX)).await.subjects(),
        ["late"]
    );
    let (status, answer) = ews
        .peer
        .call(
            "POST",
            "/_sim/ews/messages",
            json!({"mailbox": "soc@example.org", "elm": "x"}),
        )
        .await;
    assert_eq!(status, 400, "{answer}");
}
