//! What do UpdateItem, change keys and read receipts do? Contract sections 2 (mark read, categories) and 3.

use crate::support::{Ews, READ, categories, mailbox, message, update};
use serde_json::json;

fn asks_for_receipt() -> serde_json::Value {
    json!({"eml": "From: evil@example.net\r\nSubject: receipt\r\nMessage-ID: <r@example.net>\r\n\
                   Disposition-Notification-To: evil@example.net\r\n\r\nx"})
}

#[tokio::test]
async fn marking_read_changes_the_key_and_is_one_effect() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, key) = ews.inbox("one").await;
    let answer = ews.ask(&update(&id, Some(&key), "AutoResolve", "", READ)).await;
    assert_eq!(answer.code(), "NoError");
    let (same, new) = ews.inbox("one").await;
    assert_eq!(
        (answer.attributes("t:ItemId", "Id"), same == id, new != key),
        (vec![id], true, true)
    );
    let effects = ews.effects("mark-read").await;
    assert_eq!(effects.len(), 1);
    assert_eq!(effects[0]["internet_message_id"], "<one@example.net>");
    assert_eq!(
        (&effects[0]["mailbox"], &effects[0]["is_read"], &effects[0]["changed"]),
        (&json!("soc@example.org"), &json!(true), &json!(true))
    );
}

#[tokio::test]
async fn a_sender_who_asked_for_it_is_told_unless_receipts_are_suppressed() {
    for (attributes, receipts) in [
        ("", 1),
        (" SuppressReadReceipts=\"false\"", 1),
        (" SuppressReadReceipts=\"true\"", 0),
    ] {
        let ews = Ews::new(mailbox(&[asks_for_receipt(), message("plain", 1)])).await;
        for subject in ["receipt", "plain", "receipt"] {
            let (id, _) = ews.inbox(subject).await;
            assert_eq!(
                ews.ask(&update(&id, None, "AlwaysOverwrite", attributes, READ))
                    .await
                    .code(),
                "NoError"
            );
        }
        assert_eq!(ews.effects("read-receipt-sent").await.len(), receipts, "{attributes}");
    }
}

#[tokio::test]
async fn without_a_key_only_always_overwrite_is_taken() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, _) = ews.inbox("one").await;
    for (resolution, code) in [
        ("AutoResolve", "ErrorChangeKeyRequired"),
        ("NeverOverwrite", "ErrorChangeKeyRequired"),
        ("AlwaysOverwrite", "NoError"),
    ] {
        assert_eq!(
            ews.ask(&update(&id, None, resolution, "", READ)).await.code(),
            code,
            "{resolution}"
        );
    }
}

#[tokio::test]
async fn a_stale_key_is_a_conflict_where_others_changed_the_same_field() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, stale) = ews.inbox("one").await;
    ews.ask(&update(&id, None, "AlwaysOverwrite", "", &categories(&["theirs"])))
        .await;
    let ask = async |resolution: &str, updates: &str| {
        ews.ask(&update(&id, Some(&stale), resolution, "", updates))
            .await
            .code()
    };
    assert_eq!(
        ask("AutoResolve", &categories(&["mine"])).await,
        "ErrorIrresolvableConflict"
    );
    assert_eq!(ask("NeverOverwrite", READ).await, "ErrorIrresolvableConflict");
    assert_eq!(ask("AutoResolve", READ).await, "NoError", "another field is merged");
    assert_eq!(ask("AlwaysOverwrite", &categories(&["mine"])).await, "NoError");
    let answer = ews.ask(&update(&id, Some("AAAA"), "AutoResolve", "", READ)).await;
    assert_eq!(answer.code(), "ErrorInvalidChangeKey");
}

#[tokio::test]
async fn categories_are_replaced_as_a_whole_and_deleting_empties_them() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, _) = ews.inbox("one").await;
    for names in [&["A", "synapse:ab"][..], &["B"]] {
        ews.ask(&update(&id, None, "AlwaysOverwrite", "", &categories(names)))
            .await;
        assert_eq!(ews.get(&id, &["item:Categories"]).await.texts("t:String"), names);
    }
    let effects = ews.peer.effects().await;
    assert_eq!(
        (&effects[0]["marker"], &effects[0]["body"]["categories"]),
        (&json!("synapse:ab"), &json!(["A", "synapse:ab"]))
    );
    let delete = "<t:DeleteItemField><t:FieldURI FieldURI=\"item:Categories\"/></t:DeleteItemField>";
    ews.ask(&update(&id, None, "AlwaysOverwrite", "", delete)).await;
    assert!(!ews.get(&id, &["item:Categories"]).await.text.contains("t:Categories"));
}

#[tokio::test]
async fn a_message_needs_a_disposition_and_a_bad_id_fails_alone() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, _) = ews.inbox("one").await;
    let without = update(&id, None, "AlwaysOverwrite", "", READ).replace(" MessageDisposition=\"SaveOnly\"", "");
    assert_eq!(ews.ask(&without).await.code(), "ErrorMessageDispositionRequired");
    let change =
        |id: &str| format!("<t:ItemChange><t:ItemId Id=\"{id}\"/><t:Updates>{READ}</t:Updates></t:ItemChange>");
    let both = format!(
        "<m:UpdateItem ConflictResolution=\"AlwaysOverwrite\" MessageDisposition=\"SaveOnly\"><m:ItemChanges>{}{}</m:ItemChanges></m:UpdateItem>",
        change("AAAA"),
        change(&id)
    );
    assert_eq!(ews.ask(&both).await.codes(), ["ErrorInvalidIdMalformed", "NoError"]);
}
