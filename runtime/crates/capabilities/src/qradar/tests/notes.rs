//! Is a note written once, found again by its marker, and shown without it? (contract 3.2, 5)

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use serde_json::{Value, json};
use synapse_domain::run::How;

use super::super::calls::{AddNote, CloseOffense, ListNotes};
use super::super::permission::DOMAIN;
use super::console::{asked, client, client_with, console, fault, offenses, options};
use super::effects::{accepted, effect, notes, refusal, scope, send};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write as _};

const TEXT: &str = "Closed in TheHive: grün & \"quoted\" 100%_\\ 日本";

fn state() -> Value {
    json!({
        "offenses": offenses([7, 8]),
        "tokens": [{"token": "sim-token", "label": "synapse"}, {"token": "other-token", "label": "other"}],
    })
}

fn note(text: &str) -> AddNote {
    AddNote {
        offense: 7,
        text: text.to_owned(),
        dedup_key: None,
    }
}

#[tokio::test]
async fn a_note_carries_a_marker_that_no_guest_sees() {
    let console = console(state()).await;
    let client = client(&console);
    let ours = effect(&console, "one", false);
    let done = send(&client, &note(TEXT), &ours).await.unwrap();
    assert_eq!((done.how, done.answer.text.as_str()), (How::Performed, TEXT));
    assert_eq!(done.answer.author, "API_user: synapse");
    assert_eq!(notes(&console, 7), [format!("{TEXT}\n\n{}", ours.marker())]);
    let listed = ListNotes { offense: 7 }
        .carry_out(&client, &Default::default())
        .await
        .unwrap();
    assert_eq!(listed, [done.answer]);
}

#[tokio::test]
async fn notes_come_oldest_first_and_a_closed_offense_takes_one() {
    let console = console(state()).await;
    let client = client(&console);
    let close = CloseOffense {
        id: 7,
        closing_reason_id: 1,
    };
    send(&client, &note("first"), &effect(&console, "one", false))
        .await
        .unwrap();
    send(&client, &close, &effect(&console, "close", false)).await.unwrap();
    send(&client, &note("second"), &effect(&console, "two", false))
        .await
        .unwrap();
    let listed = ListNotes { offense: 7 }
        .carry_out(&client, &Default::default())
        .await
        .unwrap();
    assert_eq!(
        listed.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(),
        ["first", "second"]
    );
}

#[tokio::test]
async fn row_66_after_a_lie_or_a_lost_answer_the_note_is_there_once_and_found_by_its_marker() {
    let lies = [
        json!({"drop_response": true}),
        json!({"lie": "did_it", "status": 500}),
        json!({"lie": "did_it", "status": 201, "body": {}}),
        json!({"lie": "did_it", "status": 201, "raw_body": "<html>", "headers": {"content-type": "text/html"}}),
    ];
    for lie in lies {
        let console = console(state()).await;
        let client = client(&console);
        let ours = effect(&console, "one", false);
        fault(&console, json!({"method": "POST", "path": "/notes"}), lie.clone(), 1);
        let unknown = send(&client, &note(TEXT), &ours).await.unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{lie}");
        let found = note(TEXT).probe(&client, &ours).await.unwrap().unwrap();
        assert_eq!((found.text.as_str(), notes(&console, 7).len()), (TEXT, 1), "{lie}");
    }
}

#[tokio::test]
async fn a_note_that_was_not_written_is_absent_and_so_is_one_on_another_offense() {
    let console = console(state()).await;
    let client = client(&console);
    let ours = effect(&console, "one", false);
    assert_eq!(note(TEXT).probe(&client, &ours).await, Ok(None));
    let elsewhere = AddNote {
        offense: 8,
        ..note(TEXT)
    };
    send(&client, &elsewhere, &ours).await.unwrap();
    assert_eq!(note(TEXT).probe(&client, &ours).await, Ok(None));
}

#[tokio::test]
async fn a_strangers_copy_of_our_text_is_not_our_note() {
    let console = console(state()).await;
    let other = client_with(&console, "other-token", options());
    let ours = effect(&console, "one", false);
    send(&other, &note(TEXT), &ours).await.unwrap();
    assert_eq!(note(TEXT).probe(&client(&console), &ours).await, Ok(None));
}

#[tokio::test]
async fn a_console_that_refuses_the_filter_is_asked_for_all_notes() {
    let console = console(state()).await;
    let client = client(&console);
    let ours = effect(&console, "one", false);
    for n in 0..3 {
        send(&client, &note("noise"), &effect(&console, &format!("noise {n}"), false))
            .await
            .unwrap();
    }
    send(&client, &note(TEXT), &ours).await.unwrap();
    let refused =
        json!({"status": 422, "body": {"code": 1010, "message": "A filter parameter was invalid.", "description": ""}});
    fault(&console, json!({"path": "filter=note_text"}), refused, 1);
    assert_eq!(note(TEXT).probe(&client, &ours).await.unwrap().unwrap().text, TEXT);
    assert_eq!(asked(&console, "GET", "/notes"), 2);
}

#[tokio::test]
async fn a_probe_that_cannot_be_answered_is_an_error_and_never_an_absence() {
    let console = console(state()).await;
    fault(
        &console,
        json!({"method": "GET", "path": "/notes"}),
        json!({"status": 503}),
        1,
    );
    let failed = note(TEXT)
        .probe(&client(&console), &effect(&console, "one", true))
        .await;
    assert!(matches!(failed, Err(Error::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn equal_dedup_keys_are_one_note_also_from_another_run() {
    let console = console(state()).await;
    let client = client(&console);
    let call = AddNote {
        dedup_key: Some("close/7".to_owned()),
        ..note(TEXT)
    };
    let first = send(&client, &call, &effect(&console, "keyed", false)).await.unwrap();
    let again = send(&client, &call, &effect(&console, "keyed", false)).await.unwrap();
    assert_eq!((again.how, again.answer), (How::Adopted, first.answer));
    assert_eq!(notes(&console, 7).len(), 1);
}

#[tokio::test]
async fn an_offense_of_another_domain_has_no_notes_and_takes_none() {
    let console = console(state()).await;
    let (client, foreign) = (client(&console), scope(DOMAIN, &["3"]));
    let refused = note(TEXT)
        .carry_out(&client, &foreign, &effect(&console, "one", false))
        .await;
    assert_eq!(refusal(refused), Error::NotFound);
    assert_eq!(
        ListNotes { offense: 7 }.carry_out(&client, &foreign).await,
        Err(Error::NotFound)
    );
    assert!(accepted(&console).is_empty());
}

#[tokio::test]
async fn a_text_that_does_not_fit_or_feigns_a_marker_is_refused_before_anything_is_sent() {
    let refused = |text: &str| match note(text).check() {
        Err(Error::Invalid(refused)) => refused.reason,
        other => panic!("{text:?}: {other:?}"),
    };
    assert!(refused(&"ä".repeat(1_901)).contains("1900"));
    assert!(note(&"ä".repeat(1_900)).check().is_ok());
    for text in ["", " \n", "a\0b", "done\nsynapse:0123456789abcdef"] {
        refused(text);
    }
    let console = console(state()).await;
    send(
        &client(&console),
        &note(&"ä".repeat(1_900)),
        &effect(&console, "one", false),
    )
    .await
    .unwrap();
}
