//! Does an alert become one case, whoever else promotes it (D25), and only within the grant?

use crate::gate::observed::CarryOutWrite as _;
use serde_json::json;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::{Lab, alert, effect};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write as _};
use crate::thehive::PromoteAlert;

async fn lab() -> (Lab, PromoteAlert) {
    let lab = Lab::start().await;
    let id = lab
        .create(&alert("1"), &effect("alert", false))
        .await
        .unwrap()
        .answer
        .id;
    let call = PromoteAlert {
        alert_id: id,
        assignee: Some("synapse@soc.test".to_owned()),
        case_template: None,
    };
    (lab, call)
}

#[tokio::test]
async fn d25_an_alert_with_a_case_answers_it_and_nothing_is_sent() {
    let (lab, call) = lab().await;
    let first = lab.send(&call, &effect("one", false)).await.unwrap();
    assert_eq!(
        (first.how, first.answer.assignee.as_deref()),
        (How::Performed, Some("synapse@soc.test"))
    );
    let path = format!("/api/v1/alert/{}/case", call.alert_id);
    assert_eq!(lab.requests("POST", &path), 1);
    let second = lab.send(&call, &effect("another run", false)).await.unwrap();
    assert_eq!((second.how, second.answer.id), (How::Adopted, first.answer.id));
    assert_eq!(lab.requests("POST", &path), 1);
}

#[tokio::test]
async fn d25_a_refusal_because_somebody_was_quicker_answers_their_case() {
    let (lab, call) = lab().await;
    let refusal =
        json!({"lie": "did_it", "status": 400, "body": {"type": "BadRequest", "message": "Alert is already imported"}});
    lab.fault("POST", "/api/v1/alert/*/case", &refusal);
    let settled = lab.send(&call, &effect("one", false)).await.unwrap();
    assert_eq!(settled.how, How::Adopted);
    assert_eq!(
        call.probe(&lab.client, &effect("one", false)).await,
        Ok(Some(settled.answer))
    );
}

#[tokio::test]
async fn a_refusal_without_a_case_is_the_servers_own() {
    let (lab, call) = lab().await;
    lab.fault(
        "POST",
        "/api/v1/alert/*/case",
        &json!({"status": 403, "body": {"type": "AuthorizationError", "message": "no"}}),
    );
    let refused = lab.send(&call, &effect("one", false)).await.unwrap_err();
    assert!(matches!(&refused.error, Error::Other(other) if other.code == "forbidden"));
    assert_eq!(refused.certainty, Certainty::Refused);
}

#[tokio::test]
async fn row_22_an_alert_outside_the_grant_is_not_promoted_and_answers_like_an_absent_one() {
    let (lab, call) = lab().await;
    let scopes = Scopes::from([("alert-source".to_owned(), ["console-b".to_owned()].into())]);
    let absent = PromoteAlert {
        alert_id: "~999999999".to_owned(),
        ..call.clone()
    };
    for call in [&call, &absent] {
        let refused = call
            .carry_out(&lab.client, &scopes, &effect("one", false))
            .await
            .unwrap_err();
        assert_eq!(refused.error, Error::NotFound);
    }
    assert_eq!(lab.effects(), 1);
}
