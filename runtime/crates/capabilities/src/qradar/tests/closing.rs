//! Is an offense closed once, for a reason that may be used, and is a stranger's closing never taken for ours? (contract 3.1, 5)

use crate::gate::observed::{CarryOutRead as _, CarryOutWrite as _};
use serde_json::{Value, json};
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use synapse_sim::start::Simulator;

use super::super::calls::{CloseOffense, ClosingReasons};
use super::super::client::Client;
use super::super::permission::{CLOSING_REASON, DOMAIN};
use super::console::{client, client_with, console, fault, offenses, options};
use super::effects::{accepted, effect, offense, refusal, scope, send};
use crate::bindings::synapse::qradar::offenses::{Offense, Status};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, Failure};

/// Two services, so that one can close what the other is about to; reasons that cannot be used; the customer's own.
fn state() -> Value {
    json!({
        "offenses": offenses([7]),
        "tokens": [{"token": "sim-token", "label": "synapse"}, {"token": "other-token", "label": "other"}],
        "closing_reasons": [
            {"id": 1, "text": "Non-Issue", "is_deleted": false, "is_reserved": false},
            {"id": 4, "text": "Old", "is_deleted": true, "is_reserved": false},
            {"id": 5, "text": "System", "is_deleted": false, "is_reserved": true},
            {"id": 54, "text": "False-Positive, Tuned", "is_deleted": false, "is_reserved": false},
        ],
    })
}

fn close(reason: u64) -> CloseOffense {
    CloseOffense {
        id: 7,
        closing_reason_id: reason,
    }
}

/// The other service closes it.
async fn somebody_closes(console: &Simulator, reason: u64) {
    let other = client_with(console, "other-token", options());
    send(&other, &close(reason), &effect(console, "theirs", false))
        .await
        .unwrap();
}

async fn closed(client: &Client, console: &Simulator, repeat: bool) -> Result<Done<Offense>, Failure> {
    send(client, &close(54), &effect(console, "ours", repeat)).await
}

#[tokio::test]
async fn an_offense_is_closed_with_the_reason_under_our_name() {
    let console = console(state()).await;
    let done = closed(&client(&console), &console, false).await.unwrap();
    assert_eq!((done.how, done.answer.status), (How::Performed, Status::Closed));
    assert_eq!(done.answer.closing_user.as_deref(), Some("API_user: synapse"));
    assert!(done.answer.inactive && done.answer.close_time.unwrap() % 1_000 == 0);
    let sent = json!({"status": "CLOSED", "closing_reason_id": 54});
    assert_eq!(accepted(&console), [("POST".to_owned(), sent)]);
}

#[tokio::test]
async fn d12_a_reason_that_cannot_be_used_is_refused_loudly_and_nothing_is_sent() {
    let console = console(state()).await;
    let client = client(&console);
    for (reason, why) in [(4, "is deleted"), (5, "is reserved"), (99, "does not exist")] {
        let refused = refusal(send(&client, &close(reason), &effect(&console, "one", false)).await);
        let Error::Invalid(refused) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(refused.field, "closing-reason-id");
        assert!(refused.reason.contains(why), "{}", refused.reason);
        assert!(
            refused.reason.contains("1 `Non-Issue`, 54 `False-Positive, Tuned`"),
            "{}",
            refused.reason
        );
    }
    assert_eq!(
        (accepted(&console).len(), offense(&console, 7)["status"].clone()),
        (0, json!("OPEN"))
    );
}

#[tokio::test]
async fn d12_reasons_are_read_with_their_marks_and_without_the_right_to_manage_them_only_the_usable_ones() {
    let mut state = state();
    state["tokens"][1]["capabilities"] = json!(["offenses"]);
    let console = console(state).await;
    let read = async |token: &str, scopes: &Scopes| {
        let client = client_with(&console, token, options());
        let reasons = ClosingReasons {}.carry_out(&client, scopes).await.unwrap();
        reasons
            .iter()
            .map(|reason| (reason.id, reason.reserved || reason.deleted))
            .collect::<Vec<_>>()
    };
    let all = [(1, false), (4, true), (5, true), (54, false)];
    assert_eq!(read("sim-token", &Scopes::new()).await, all);
    assert_eq!(read("other-token", &Scopes::new()).await, [(1, false), (54, false)]);
    assert_eq!(
        read("sim-token", &scope(CLOSING_REASON, &["Non-Issue"])).await,
        [(1, false)]
    );
}

#[tokio::test]
async fn a_reason_outside_the_grant_is_denied_by_id_and_by_text() {
    let console = console(state()).await;
    let client = client(&console);
    for allowed in ["1", "Non-Issue"] {
        let scopes = scope(CLOSING_REASON, &[allowed]);
        let refused = close(54)
            .carry_out(&client, &scopes, &effect(&console, "one", false))
            .await;
        assert!(matches!(refusal(refused), Error::Denied(why) if why.contains("54 `False-Positive, Tuned`")));
    }
    assert!(accepted(&console).is_empty());
    let scopes = scope(CLOSING_REASON, &["False-Positive, Tuned"]);
    close(54)
        .carry_out(&client, &scopes, &effect(&console, "one", false))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_offense_of_another_domain_is_not_there_and_nothing_is_sent() {
    let console = console(state()).await;
    let client = client(&console);
    let refused = close(54)
        .carry_out(&client, &scope(DOMAIN, &["3"]), &effect(&console, "one", false))
        .await;
    assert_eq!(refusal(refused), Error::NotFound);
    let unreadable = close(54)
        .carry_out(&client, &scope(DOMAIN, &["acme"]), &effect(&console, "one", false))
        .await;
    assert!(matches!(refusal(unreadable), Error::Denied(_)));
    assert!(accepted(&console).is_empty());
}

#[tokio::test]
async fn a_purged_offense_is_not_found() {
    let console = console(json!({})).await;
    let gone = closed(&client(&console), &console, true).await;
    assert_eq!(refusal(gone), Error::NotFound);
    let beyond = CloseOffense {
        id: u64::MAX,
        closing_reason_id: 1,
    };
    let beyond = send(&client(&console), &beyond, &effect(&console, "one", false)).await;
    assert_eq!(refusal(beyond), Error::NotFound);
}

#[tokio::test]
async fn what_somebody_closed_is_a_conflict_that_says_by_whom_why_and_when() {
    for repeat in [false, true] {
        let console = console(state()).await;
        somebody_closes(&console, 1).await;
        let refused = refusal(closed(&client(&console), &console, repeat).await);
        let Error::Conflict(text) = refused else {
            panic!("{refused:?}")
        };
        let at = offense(&console, 7)["close_time"].to_string();
        for part in ["API_user: other", "closing reason 1", at.as_str()] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(accepted(&console).len(), 1);
    }
}

/// Both consoles of contract 8.1: between our look and our sending somebody else closes it.
#[tokio::test]
async fn a_second_close_is_a_conflict_whether_the_console_answers_409_or_200() {
    for second_close in [409, 200] {
        let mut state = state();
        state["settings"] = json!({"second_close": second_close});
        let console = console(state).await;
        let stale = offense(&console, 7);
        somebody_closes(&console, 1).await;
        fault(
            &console,
            json!({"method": "GET", "path": "/siem/offenses/7"}),
            json!({"body": stale}),
            1,
        );
        let refused = refusal(closed(&client(&console), &console, false).await);
        assert!(
            matches!(&refused, Error::Conflict(text) if text.contains("API_user: other")),
            "{refused:?}"
        );
        assert_eq!(offense(&console, 7)["closing_reason_id"], json!(1));
    }
}

#[tokio::test]
async fn row_66_after_a_lie_or_a_lost_answer_the_offense_is_closed_once_and_the_repeat_adopts_it() {
    let lies = [
        json!({"drop_response": true}),
        json!({"lie": "did_it", "status": 500}),
        json!({"lie": "did_it", "status": 503}),
        json!({"lie": "did_it", "status": 200, "body": {}}),
        json!({"lie": "did_it", "status": 200, "raw_body": "<html>", "headers": {"content-type": "text/html"}}),
        json!({"lie": "did_it", "status": 200, "raw_body": "{\"id\":7,", "headers": {"content-type": "application/json"}}),
    ];
    for lie in lies {
        let console = console(state()).await;
        let client = client(&console);
        let first = effect(&console, "ours", false);
        fault(
            &console,
            json!({"method": "POST", "path": "/siem/offenses/7"}),
            lie.clone(),
            1,
        );
        let unknown = send(&client, &close(54), &first).await.unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{lie}: {unknown:?}");
        let repeat = crate::gate::EffectId { repeat: true, ..first };
        let settled = send(&client, &close(54), &repeat).await.unwrap();
        assert_eq!((settled.how, accepted(&console).len()), (How::Adopted, 1), "{lie}");
    }
}

#[tokio::test]
async fn a_close_that_did_not_happen_is_sent_again() {
    let console = console(state()).await;
    let client = client(&console);
    fault(
        &console,
        json!({"method": "POST", "path": "/siem/offenses/7"}),
        json!({"lie": "did_nothing", "drop_response": true}),
        1,
    );
    let unknown = closed(&client, &console, false).await.unwrap_err();
    assert_eq!((unknown.certainty, accepted(&console).len()), (Certainty::Unknown, 0));
    let settled = closed(&client, &console, true).await.unwrap();
    assert_eq!((settled.how, accepted(&console).len()), (How::Performed, 1));
}

#[tokio::test]
async fn a_repeat_does_not_adopt_what_we_closed_long_before_or_for_another_reason() {
    let console = console(state()).await;
    let client = client(&console);
    send(&client, &close(1), &effect(&console, "before", false))
        .await
        .unwrap();
    let other_reason = closed(&client, &console, true).await;
    assert!(matches!(refusal(other_reason), Error::Conflict(_)));
    let mut later = effect(&console, "later", true);
    later.since += 20 * 60_000;
    let long_before = send(&client, &close(1), &later).await;
    assert!(matches!(refusal(long_before), Error::Conflict(_)));
}

#[tokio::test]
async fn a_console_whose_clock_is_wrong_closes_all_the_same() {
    let console = console(state()).await;
    let mut ours = effect(&console, "ours", false);
    ours.since += 24 * 60 * 60_000;
    assert_eq!(
        send(&client(&console), &close(54), &ours).await.unwrap().how,
        How::Performed
    );
}

#[tokio::test]
async fn a_repeat_whose_look_fails_says_nothing_about_the_sending_before_it() {
    for (path, certainty) in [
        ("/siem/offenses/7", Certainty::Unknown),
        ("/authorized_services", Certainty::Unknown),
    ] {
        let console = console(state()).await;
        fault(
            &console,
            json!({"method": "GET", "path": path}),
            json!({"status": 503}),
            1,
        );
        let unknown = closed(&client(&console), &console, true).await.unwrap_err();
        assert_eq!(unknown.certainty, certainty, "{path}");
    }
    let console = console(state()).await;
    fault(
        &console,
        json!({"method": "GET", "path": "/siem/offenses/7"}),
        json!({"status": 503}),
        1,
    );
    let not_sent = closed(&client(&console), &console, false).await.unwrap_err();
    assert_eq!((not_sent.certainty, accepted(&console).len()), (Certainty::NotSent, 0));
}

#[tokio::test]
async fn before_17_0_the_console_does_not_tell_our_label_and_any_service_may_have_been_us() {
    let mut state = state();
    state["console"] = json!({"version": "15.0"});
    let console = console(state).await;
    let client = client(&console);
    let first = effect(&console, "ours", false);
    send(&client, &close(54), &first).await.unwrap();
    let repeat = crate::gate::EffectId { repeat: true, ..first };
    assert_eq!(send(&client, &close(54), &repeat).await.unwrap().how, How::Adopted);
}

#[tokio::test]
async fn a_role_without_the_right_is_told_what_is_missing() {
    let console = console(state()).await;
    fault(
        &console,
        json!({"method": "POST", "path": "/siem/offenses/7"}),
        json!({"status": 403, "body": {"code": 1009, "message": "no capability", "description": "", "details": {}}}),
        1,
    );
    let refused = refusal(closed(&client(&console), &console, false).await);
    assert!(
        matches!(&refused, Error::Other(why) if why.code == "forbidden"),
        "{refused:?}"
    );
}
