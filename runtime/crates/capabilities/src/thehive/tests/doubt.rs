//! After every way a creation can end, is there exactly one alert, and is a stranger's never taken for ours (design G3)?

use serde_json::json;
use synapse_domain::run::How;

use super::{Lab, alert, effect};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::client::Options;

/// Both servers of D13: a duplicate is 400 up to 5.5 and 409 from 5.6.
const DUPLICATES: [u16; 2] = [400, 409];

async fn lab(duplicate_status: u16) -> Lab {
    Lab::with(json!({"duplicate_status": duplicate_status}), Options::default()).await
}

#[tokio::test]
async fn d13_a_repeat_that_meets_our_own_alert_adopts_it() {
    for status in DUPLICATES {
        let lab = lab(status).await;
        let first = lab.create(&alert("1"), &effect("one", false)).await.unwrap();
        let again = lab.create(&alert("1"), &effect("one", true)).await.unwrap();
        assert_eq!((again.how, &again.answer.id), (How::Adopted, &first.answer.id));
        assert_eq!(lab.effects(), 1);
    }
}

#[tokio::test]
async fn d13_a_strangers_alert_with_the_same_key_is_already_exists_with_its_id() {
    for status in DUPLICATES {
        for repeat in [false, true] {
            let lab = lab(status).await;
            let theirs = lab.create(&alert("1"), &effect("theirs", false)).await.unwrap();
            let refused = lab.create(&alert("1"), &effect("ours", repeat)).await.unwrap_err();
            assert_eq!(refused.error, Error::AlreadyExists(theirs.answer.id));
            assert_eq!((refused.certainty, lab.effects()), (Certainty::Refused, 1));
        }
    }
}

#[tokio::test]
async fn row_66_a_lie_or_a_lost_answer_is_unknown_and_the_repeat_makes_no_second_alert() {
    let lies = [
        json!({"lie": "did_it", "status": 500}),
        json!({"lie": "did_it", "status": 503}),
        json!({"lie": "did_it", "status": 302}),
        json!({"lie": "did_it", "status": 408}),
        json!({"drop_response": true}),
        json!({"reset_after_bytes": 20}),
        json!({"lie": "did_it", "status": 201, "raw_body": "<html>", "headers": {"content-type": "text/html"}}),
        json!({"lie": "did_it", "status": 201, "raw_body": "{\"_id\":", "headers": {"content-type": "application/json"}}),
        json!({"lie": "did_it", "status": 201, "body": {}}),
        json!({"lie": "did_nothing", "drop_response": true}),
        json!({"status": 500}),
        json!({"status": 201, "body": {}}),
    ];
    for lie in lies {
        let lab = Lab::start().await;
        lab.fault("POST", "/api/v1/alert", &lie);
        let unknown = lab.create(&alert("1"), &effect("one", false)).await.unwrap_err();
        assert_eq!(unknown.certainty, Certainty::Unknown, "{lie}: {unknown:?}");
        let settled = lab.create(&alert("1"), &effect("one", true)).await.unwrap();
        assert_eq!(lab.effects(), 1, "{lie}");
        let kept = lab.sim.control.effects(0)[0].id.clone();
        assert_eq!(Some(settled.answer.id), kept, "{lie}");
    }
}

#[tokio::test]
async fn a_duplicate_that_cannot_be_looked_at_stays_unknown() {
    let lab = Lab::start().await;
    lab.create(&alert("1"), &effect("one", false)).await.unwrap();
    lab.fault("GET", "/api/v1/alert/*", &json!({"status": 503}));
    let unknown = lab.create(&alert("1"), &effect("one", true)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
}

#[tokio::test]
async fn a_create_error_without_such_an_alert_is_a_refusal_in_the_servers_words() {
    let lab = Lab::start().await;
    let broken = json!({"status": 400, "body": {"type": "CreateError", "message": "the template is broken"}});
    lab.fault("POST", "/api/v1/alert", &broken);
    let refused = lab.create(&alert("1"), &effect("one", false)).await.unwrap_err();
    assert_eq!(refused.certainty, Certainty::Refused);
    assert!(
        matches!(&refused.error, Error::Other(other) if other.code == "CreateError" && other.message.contains("template"))
    );
}

#[tokio::test]
async fn keys_that_a_path_would_make_ambiguous_are_looked_up_by_query() {
    for reference in ["a;b", "a/b", "../x", "50%", "a?b#c", "ünï"] {
        let lab = Lab::start().await;
        let first = lab.create(&alert(reference), &effect("one", false)).await.unwrap();
        let again = lab.create(&alert(reference), &effect("one", true)).await.unwrap();
        assert_eq!(
            (again.how, again.answer.id),
            (How::Adopted, first.answer.id),
            "{reference}"
        );
    }
}

#[tokio::test]
async fn what_fails_before_the_creation_is_sent_was_not_sent() {
    let lab = Lab::start().await;
    let mut call = alert("1");
    call.alert.observables = vec![super::observable("ip", "192.0.2.1")];
    lab.fault("POST", "/api/v1/query*", &json!({"status": 503}));
    let failure = lab.create(&call, &effect("one", false)).await.unwrap_err();
    assert_eq!(
        (failure.certainty, lab.requests("POST", "/api/v1/alert")),
        (Certainty::NotSent, 0)
    );
    assert_eq!(lab.effects(), 0);
}
