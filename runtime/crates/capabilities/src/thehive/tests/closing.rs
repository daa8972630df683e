//! Is a case closed as the organisation means it, and taken up again (D26)?

use serde_json::json;
use synapse_domain::run::How;

use super::{Lab, effect};
use crate::bindings::synapse::thehive::cases::{Closing, Impact};
use crate::bindings::synapse::thehive::statuses::Subject;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Write};
use crate::thehive::{CloseCase, ListStatuses, ReopenCase};

fn close(id: &str, status: &str) -> CloseCase {
    CloseCase {
        id: id.to_owned(),
        closing: Closing {
            status: status.to_owned(),
            impact: Impact::NoImpact,
            summary: Some("Nothing happened".to_owned()),
        },
    }
}

#[tokio::test]
async fn d26_a_closing_status_is_meant_whatever_its_case_and_blanks_and_says_what_happened() {
    for name in ["FalsePositive", "false positive", " False-Positive "] {
        let lab = Lab::start().await;
        let id = lab.case().await;
        let closed = lab
            .send(&close(&id, name), &effect("close", false))
            .await
            .unwrap()
            .answer;
        assert_eq!(
            (closed.status.as_str(), closed.stage.as_str()),
            ("FalsePositive", "Closed")
        );
        assert_eq!(closed.impact, Some(Impact::NoImpact));
        assert_eq!(closed.summary.as_deref(), Some("Nothing happened"));
        assert!(closed.closed_at.is_some());
        let open = lab
            .send(&ReopenCase { id }, &effect("open", false))
            .await
            .unwrap()
            .answer;
        assert_eq!(
            (open.status.as_str(), open.stage.as_str()),
            ("InProgress", "InProgress")
        );
        assert_eq!(open.closed_at, None);
    }
}

#[tokio::test]
async fn d26_a_status_that_closes_nothing_is_refused_with_those_that_do_and_nothing_is_sent() {
    let lab = Lab::start().await;
    let id = lab.case().await;
    let before = lab.effects();
    for name in ["InProgress", "Resolved", "[\"FalsePositive\"]"] {
        let refused = lab.send(&close(&id, name), &effect(name, false)).await.unwrap_err();
        assert_eq!(refused.certainty, Certainty::NotSent);
        let Error::Invalid(argument) = refused.error else {
            panic!("{name}: {refused:?}");
        };
        assert!(
            argument.field == "closing.status" && argument.reason.contains("TruePositive"),
            "{argument:?}"
        );
    }
    assert_eq!(lab.effects(), before);
}

#[tokio::test]
async fn an_organisations_own_closed_status_closes_and_a_server_that_lists_none_has_the_built_in_ones() {
    let lab = Lab::start().await;
    let names = |statuses: Vec<crate::bindings::synapse::thehive::statuses::Status>| -> Vec<String> {
        statuses.into_iter().map(|status| status.name).collect()
    };
    lab.fault(
        "POST",
        "/api/v1/query",
        &json!({"status": 400, "body": {"type": "BadRequest", "message": "no"}}),
    );
    let built_in = names(lab.ask(&ListStatuses { subject: Subject::Case }).await.unwrap());
    let rows = json!([
        {"value": "New", "stage": "New"},
        {"value": "Tuned", "stage": "Closed", "order": 2},
        {"value": "Active", "stage": "InProgress", "order": 1},
    ]);
    lab.fault("POST", "/api/v1/query", &json!({"status": 200, "body": rows}));
    let own = names(lab.ask(&ListStatuses { subject: Subject::Case }).await.unwrap());
    assert_eq!(own, ["New", "Active", "Tuned"]);
    assert!(built_in.contains(&"Duplicated".to_owned()));
    // What was asked for is used by the next closing.
    let id = lab.case().await;
    let refused = lab
        .send(&close(&id, "TruePositive"), &effect("one", false))
        .await
        .unwrap_err();
    assert!(matches!(refused.error, Error::Invalid(argument) if argument.reason.contains("Tuned")));
    let alerts = names(
        lab.ask(&ListStatuses {
            subject: Subject::Alert,
        })
        .await
        .unwrap(),
    );
    assert!(alerts.contains(&"Duplicate".to_owned()) && alerts.contains(&"Imported".to_owned()));
}

#[tokio::test]
async fn a_closing_in_doubt_is_looked_at_before_it_is_repeated() {
    let lab = Lab::start().await;
    let id = lab.case().await;
    let before = lab.effects();
    lab.fault("PATCH", "/api/v1/case/*", &json!({"lie": "did_it", "status": 500}));
    let unknown = lab.send(&close(&id, "Other"), &effect("one", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    let settled = lab.send(&close(&id, "Other"), &effect("one", true)).await.unwrap();
    assert_eq!((settled.how, lab.effects()), (How::Adopted, before + 1));
    let long = CloseCase {
        id: "7".to_owned(),
        ..close("~1", "Other")
    };
    assert!(long.check().is_err());
}
