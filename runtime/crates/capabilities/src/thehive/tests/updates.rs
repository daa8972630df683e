//! Does a change happen once, and never over somebody else's (design G3)?

use crate::gate::observed::CarryOutWrite as _;
use serde_json::json;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::arguments::nothing;
use super::{Lab, alert, effect, now};
use crate::bindings::synapse::thehive::alerts::{AlertPatch, CustomField, CustomValue, Severity, Tlp};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, EffectId, Write as _};
use crate::thehive::UpdateAlert;

fn patch() -> AlertPatch {
    AlertPatch {
        title: Some("New title".to_owned()),
        severity: Some(Severity::Critical),
        tlp: Some(Tlp::Green),
        summary: Some("Closed as benign".to_owned()),
        status: Some("Ignored".to_owned()),
        add_tags: vec!["seen".to_owned()],
        remove_tags: vec!["qradar".to_owned()],
        custom_fields: vec![CustomField {
            name: "score".to_owned(),
            value: CustomValue::Number(3.0),
        }],
        ..nothing()
    }
}

async fn lab() -> (Lab, UpdateAlert) {
    let lab = Lab::start().await;
    let id = lab.create(&alert("1"), &effect("make", false)).await.unwrap().answer.id;
    (lab, UpdateAlert { id, patch: patch() })
}

#[tokio::test]
async fn a_change_sets_what_was_asked_and_answers_the_alert_after_it() {
    let (lab, call) = lab().await;
    call.check().unwrap();
    let done = call
        .carry_out(&lab.client, &Scopes::new(), &effect("change", false))
        .await
        .unwrap();
    assert_eq!((done.how, done.answer.title.as_str()), (How::Performed, "New title"));
    assert_eq!(
        (done.answer.severity, done.answer.stage.as_str()),
        (Severity::Critical, "Closed")
    );
    assert!(done.answer.tags.contains(&"seen".to_owned()) && !done.answer.tags.contains(&"qradar".to_owned()));
    assert_eq!((lab.effects(), lab.requests("GET", "/api/v1/alert/")), (2, 1));
    let sent = &lab.sim.control.effects(0)[1].body;
    assert_eq!(
        sent["customFields"],
        json!({"score": 3.0}),
        "a map leaves the other fields alone"
    );
}

#[tokio::test]
async fn a_change_in_doubt_that_happened_is_adopted_and_one_that_did_not_is_sent_again() {
    for (action, effects) in [
        (json!({"drop_response": true}), 2),
        (json!({"lie": "did_it", "status": 500}), 2),
        (json!({"status": 503}), 2),
    ] {
        let (lab, call) = lab().await;
        lab.fault("PATCH", "/api/v1/alert/*", &action);
        let first = call
            .carry_out(&lab.client, &Scopes::new(), &effect("change", false))
            .await
            .unwrap_err();
        assert_eq!(first.certainty, Certainty::Unknown, "{action}");
        let happened = lab.effects() == 2;
        let settled = call
            .carry_out(&lab.client, &Scopes::new(), &effect("change", true))
            .await
            .unwrap();
        assert_eq!(
            settled.how,
            if happened { How::Adopted } else { How::Performed },
            "{action}"
        );
        assert_eq!(
            (settled.answer.title.as_str(), lab.effects()),
            ("New title", effects),
            "{action}"
        );
    }
}

#[tokio::test]
async fn a_change_in_doubt_is_a_conflict_when_somebody_else_changed_the_alert_since() {
    let (lab, call) = lab().await;
    let since = now() - 60_000;
    let theirs = AlertPatch {
        title: Some("Theirs".to_owned()),
        ..nothing()
    };
    let other = UpdateAlert {
        id: call.id.clone(),
        patch: theirs,
    };
    other
        .carry_out(&lab.client, &Scopes::new(), &effect("theirs", false))
        .await
        .unwrap();
    let in_doubt = EffectId {
        since,
        ..effect("change", true)
    };
    let refused = call
        .carry_out(&lab.client, &Scopes::new(), &in_doubt)
        .await
        .unwrap_err();
    assert!(matches!(refused.error, Error::Conflict(_)), "{refused:?}");
    assert_eq!((refused.certainty, lab.effects()), (Certainty::Refused, 2));
    assert_eq!(lab.get(&call.id).await.unwrap().title, "Theirs");
}

#[tokio::test]
async fn a_change_whose_result_cannot_be_read_is_unknown_because_it_happened() {
    let (lab, call) = lab().await;
    lab.fault("GET", "/api/v1/alert/*", &json!({"status": 503}));
    let unknown = call
        .carry_out(&lab.client, &Scopes::new(), &effect("change", false))
        .await
        .unwrap_err();
    assert_eq!((unknown.certainty, lab.effects()), (Certainty::Unknown, 2));
    let settled = call
        .carry_out(&lab.client, &Scopes::new(), &effect("change", true))
        .await
        .unwrap();
    assert_eq!((settled.how, lab.effects()), (How::Adopted, 2));
}

#[tokio::test]
async fn row_22_an_alert_outside_the_grant_is_not_changed_and_answers_like_an_absent_one() {
    let (lab, call) = lab().await;
    let scopes = Scopes::from([("alert-source".to_owned(), ["console-b".to_owned()].into())]);
    let absent = UpdateAlert {
        id: "~999999999".to_owned(),
        patch: patch(),
    };
    for call in [&call, &absent] {
        let refused = call
            .carry_out(&lab.client, &scopes, &effect("change", false))
            .await
            .unwrap_err();
        assert_eq!(refused.error, Error::NotFound);
    }
    assert_eq!((lab.effects(), lab.requests("PATCH", "/")), (1, 0));
    let refused = absent
        .carry_out(&lab.client, &Scopes::new(), &effect("change", false))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.error, refused.certainty),
        (Error::NotFound, Certainty::Refused)
    );
}
