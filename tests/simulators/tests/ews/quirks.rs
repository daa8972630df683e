//! How does the server go wrong on request? Contract section 4, and the desync recordings.

use crate::support::{Ews, INBOX, find_item, get_item, mailbox, message};
use serde_json::{Value, json};

async fn quirk(ews: &Ews, quirk: Value) {
    let (status, answer) = ews.peer.call("POST", "/_sim/ews/quirks", quirk).await;
    assert_eq!(status, 204, "{answer}");
}

#[tokio::test]
async fn a_busy_server_says_so_for_every_item_with_its_time() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (id, _) = ews.inbox("one").await;
    quirk(
        &ews,
        json!({"operation": "GetItem", "code": "ErrorServerBusy", "back_off_ms": 1500, "skip": 1}),
    )
    .await;
    let both = get_item(&[&id, &id], "", &[]);
    assert_eq!(ews.ask(&both).await.codes(), ["NoError", "NoError"]);
    let busy = ews.ask(&both).await;
    assert_eq!(
        (busy.status, busy.codes()),
        (200, vec!["ErrorServerBusy".to_owned(); 2])
    );
    assert_eq!(busy.texts("t:Value Name=\"BackOffMilliseconds\""), ["1500", "1500"]);
    assert_eq!(ews.ask(&both).await.codes(), ["NoError", "NoError"]);
}

#[tokio::test]
async fn an_error_comes_as_a_fault_with_the_status_asked_for() {
    let ews = Ews::new(mailbox(&[])).await;
    for status in [500_u16, 200] {
        quirk(
            &ews,
            json!({"code": "ErrorInternalServerError", "text": "no luck", "fault_status": status}),
        )
        .await;
        let answer = ews.ask(&find_item("", "", INBOX)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, "ErrorInternalServerError".to_owned())
        );
        assert!(answer.text.contains("s:Fault") && answer.text.contains("no luck"));
    }
}

#[tokio::test]
async fn a_connection_out_of_step_answers_another_operation() {
    let ews = Ews::new(mailbox(&[])).await;
    quirk(&ews, json!({"operation": "FindItem", "answer_of": "GetItem"})).await;
    let answer = ews.ask(&find_item("", "", INBOX)).await;
    assert!(answer.text.contains("<m:GetItemResponse ") && !answer.text.contains("FindItem"));
    assert!(
        ews.ask(&find_item("", "", INBOX))
            .await
            .text
            .contains("<m:FindItemResponse ")
    );
}

#[tokio::test]
async fn a_quirk_that_does_nothing_or_is_misspelt_is_refused_and_all_can_be_removed() {
    let ews = Ews::new(mailbox(&[])).await;
    for bad in [
        json!({"operation": "GetItem"}),
        json!({"code": "x", "answer_of": "y"}),
        json!({"cod": "x"}),
    ] {
        assert_eq!(ews.peer.call("POST", "/_sim/ews/quirks", bad).await.0, 400);
    }
    quirk(&ews, json!({"code": "ErrorTimeoutExpired", "count": -1})).await;
    assert_eq!(ews.ask(&find_item("", "", INBOX)).await.code(), "ErrorTimeoutExpired");
    ews.peer.call("DELETE", "/_sim/ews/quirks", Value::Null).await;
    assert_eq!(ews.ask(&find_item("", "", INBOX)).await.code(), "NoError");
}

#[tokio::test]
async fn a_state_with_a_typo_is_refused_and_a_reset_brings_the_start_back() {
    let ews = Ews::new(mailbox(&[message("one", 1)])).await;
    let (status, answer) = ews
        .peer
        .call("PUT", "/_sim/state", json!({"mailboxes": [{"adress": "x"}]}))
        .await;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(ews.peer.call("PUT", "/_sim/state", mailbox(&[])).await.0, 204);
    assert!(ews.ask(&find_item("", "", INBOX)).await.subjects().is_empty());
    ews.peer.call("POST", "/_sim/reset", Value::Null).await;
    assert_eq!(ews.ask(&find_item("", "", INBOX)).await.subjects(), ["one"]);
}

#[tokio::test]
async fn the_request_log_names_the_operation() {
    let ews = Ews::new(mailbox(&[])).await;
    ews.ask(&find_item("", "", INBOX)).await;
    ews.ask(&get_item(&["AAAA"], "", &[])).await;
    let (_, log) = ews.peer.call("GET", "/_sim/requests", Value::Null).await;
    let operations: Vec<&str> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["operation"].as_str().unwrap())
        .collect();
    assert_eq!(operations, ["FindItem", "GetItem"]);
}
