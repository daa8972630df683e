//! What does SyncFolderItems tell? Contract section 2 (delta).

use crate::support::{Answer, Ews, INBOX, READ, categories, mailbox, message, update};
use serde_json::json;

fn sync(state: &str, max: u32) -> String {
    let state = if state.is_empty() {
        String::new()
    } else {
        format!("<m:SyncState>{state}</m:SyncState>")
    };
    format!(
        "<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:FieldURI FieldURI=\"item:Subject\"/>\
         </t:AdditionalProperties></m:ItemShape><m:SyncFolderId>{INBOX}</m:SyncFolderId>{state}\
         <m:MaxChangesReturned>{max}</m:MaxChangesReturned></m:SyncFolderItems>"
    )
}

fn state(answer: &Answer) -> String {
    answer.texts("m:SyncState").remove(0)
}

#[tokio::test]
async fn a_first_sync_tells_every_item_once_over_several_answers() {
    let ews = Ews::new(mailbox(&[message("one", 1), message("two", 2), message("three", 3)])).await;
    let first = ews.ask(&sync("", 2)).await;
    assert_eq!(first.subjects(), ["three", "two"]);
    assert_eq!(first.texts("m:IncludesLastItemInRange"), ["false"]);
    let second = ews.ask(&sync(&state(&first), 2)).await;
    assert_eq!(second.subjects(), ["one"]);
    assert_eq!(second.texts("m:IncludesLastItemInRange"), ["true"]);
    let again = ews.ask(&sync(&state(&first), 2)).await;
    assert_eq!(again.subjects(), ["one"], "an old state can be used again");
    assert!(ews.ask(&sync(&state(&second), 512)).await.subjects().is_empty());
}

#[tokio::test]
async fn later_changes_are_told_by_their_kind() {
    let names = ["updated", "read", "deleted"];
    let ews = Ews::new(mailbox(&names.map(|name| message(name, 1)))).await;
    let before = state(&ews.ask(&sync("", 512)).await);
    let (updated, read, deleted) = (
        ews.inbox("updated").await.0,
        ews.inbox("read").await.0,
        ews.inbox("deleted").await.0,
    );
    ews.ask(&update(&updated, None, "AlwaysOverwrite", "", &categories(&["x"])))
        .await;
    ews.ask(&update(&read, None, "AlwaysOverwrite", "", READ)).await;
    ews.ask(&format!(
        "<m:DeleteItem DeleteType=\"HardDelete\"><m:ItemIds><t:ItemId Id=\"{deleted}\"/></m:ItemIds></m:DeleteItem>"
    ))
    .await;
    let mut mail = message("created", 9);
    mail["mailbox"] = json!("soc@example.org");
    ews.peer.call("POST", "/_sim/ews/messages", mail).await;
    let answer = ews.ask(&sync(&before, 512)).await;
    for (kind, id) in [
        ("t:Update", &updated),
        ("t:ReadFlagChange", &read),
        ("t:Delete", &deleted),
    ] {
        let text = answer
            .text
            .split_once(&format!("<{kind}>"))
            .unwrap()
            .1
            .split_once(&format!("</{kind}>"))
            .unwrap()
            .0;
        assert!(text.contains(id.as_str()), "{kind}: {text}");
    }
    assert!(answer.text.contains("<t:Create>") && answer.subjects().contains(&"created".to_owned()));
    assert!(ews.ask(&sync(&state(&answer), 512)).await.texts("t:Subject").is_empty());
}

#[tokio::test]
async fn what_a_list_cannot_show_is_left_out_and_not_refused() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let request = sync("", 9).replace("item:Subject", "item:Body");
    let answer = ews.ask(&request).await;
    assert_eq!(
        (answer.code(), answer.text.contains("t:Body")),
        ("NoError".to_owned(), false)
    );
}

#[tokio::test]
async fn a_damaged_state_or_that_of_another_folder_is_refused() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let good = state(&ews.ask(&sync("", 512)).await);
    let other = sync(&good, 512).replace("\"inbox\"", "\"sentitems\"");
    let damaged = good.replace(|found: char| found.is_ascii_digit(), "x");
    for request in [other, sync(&damaged, 512), sync("AAAA", 512)] {
        assert_eq!(ews.ask(&request).await.code(), "ErrorInvalidSyncStateData");
    }
    for max in [0, 513] {
        assert_eq!(ews.ask(&sync("", max)).await.code(), "ErrorSchemaValidation");
    }
}
