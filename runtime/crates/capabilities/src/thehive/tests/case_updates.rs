//! Does a change of a case or task happen once, and never over somebody else's (design G3)?

use serde_json::json;
use synapse_domain::run::How;

use super::{Lab, effect, now};
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue, Severity};
use crate::bindings::synapse::thehive::cases::CasePatch;
use crate::bindings::synapse::thehive::tasks::{TaskPatch, TaskStatus};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, EffectId};
use crate::thehive::client::Options;
use crate::thehive::{UpdateCase, UpdateTask};

pub(super) fn no_change() -> CasePatch {
    CasePatch {
        title: None,
        description: None,
        severity: None,
        tlp: None,
        pap: None,
        status: None,
        summary: None,
        impact: None,
        assignee: None,
        flag: None,
        start_date: None,
        add_tags: Vec::new(),
        remove_tags: Vec::new(),
        custom_fields: Vec::new(),
    }
}

fn patch() -> CasePatch {
    CasePatch {
        title: Some("New title".to_owned()),
        severity: Some(Severity::Critical),
        status: Some("TruePositive".to_owned()),
        summary: Some("Closed".to_owned()),
        assignee: Some("synapse@soc.test".to_owned()),
        add_tags: vec!["seen".to_owned()],
        remove_tags: vec!["mail".to_owned()],
        custom_fields: vec![CustomField {
            name: "score".to_owned(),
            value: CustomValue::Number(3.0),
        }],
        ..no_change()
    }
}

async fn lab() -> (Lab, UpdateCase, UpdateTask) {
    let lab = Lab::start().await;
    let id = lab.case().await;
    let change = UpdateTask {
        id: lab.task().await,
        patch: TaskPatch {
            title: Some("Answers".to_owned()),
            status: Some(TaskStatus::InProgress),
            assignee: Some("synapse@soc.test".to_owned()),
            group: None,
            mandatory: None,
            flag: None,
            due_date: None,
        },
    };
    (lab, UpdateCase { id, patch: patch() }, change)
}

#[tokio::test]
async fn a_change_sets_what_was_asked_and_answers_the_case_after_it() {
    let (lab, call, task) = lab().await;
    let done = lab.send(&call, &effect("change", false)).await.unwrap();
    assert_eq!((done.how, done.answer.title.as_str()), (How::Performed, "New title"));
    assert_eq!(
        (done.answer.severity, done.answer.stage.as_str()),
        (Severity::Critical, "Closed")
    );
    assert_eq!(done.answer.assignee.as_deref(), Some("synapse@soc.test"));
    assert!(done.answer.tags.contains(&"seen".to_owned()) && !done.answer.tags.contains(&"mail".to_owned()));
    assert_eq!(
        lab.last_body()["customFields"],
        json!({"score": 3.0}),
        "a map leaves the other fields alone"
    );
    let done = lab.send(&task, &effect("task", false)).await.unwrap();
    assert_eq!(
        (done.answer.title.as_str(), done.answer.status),
        ("Answers", TaskStatus::InProgress)
    );
}

#[tokio::test]
async fn a_change_in_doubt_that_happened_is_adopted_and_one_that_did_not_is_sent_again() {
    for action in [
        json!({"drop_response": true}),
        json!({"lie": "did_it", "status": 500}),
        json!({"status": 503}),
    ] {
        let (lab, case, task) = lab().await;
        let before = lab.effects();
        lab.fault("PATCH", "/api/v1/case/*", &action);
        lab.fault("PATCH", "/api/v1/task/*", &action);
        let one = lab.send(&case, &effect("case", false)).await.unwrap_err();
        let other = lab.send(&task, &effect("task", false)).await.unwrap_err();
        assert_eq!(
            (one.certainty, other.certainty),
            (Certainty::Unknown, Certainty::Unknown),
            "{action}"
        );
        let expected = if lab.effects() > before {
            How::Adopted
        } else {
            How::Performed
        };
        let one = lab.send(&case, &effect("case", true)).await.unwrap();
        let other = lab.send(&task, &effect("task", true)).await.unwrap();
        assert_eq!(
            (one.how, other.how, lab.effects()),
            (expected, expected, before + 2),
            "{action}"
        );
    }
}

#[tokio::test]
async fn a_change_in_doubt_is_a_conflict_when_somebody_else_changed_it_since() {
    let (lab, case, task) = lab().await;
    let in_doubt = EffectId {
        since: now() - 60_000,
        ..effect("change", true)
    };
    let theirs = UpdateCase {
        id: case.id.clone(),
        patch: CasePatch {
            title: Some("Theirs".to_owned()),
            ..no_change()
        },
    };
    lab.send(&theirs, &effect("theirs", false)).await.unwrap();
    let their_task = UpdateTask {
        id: task.id.clone(),
        patch: TaskPatch {
            title: Some("Theirs".to_owned()),
            status: None,
            assignee: None,
            group: None,
            mandatory: None,
            flag: None,
            due_date: None,
        },
    };
    lab.send(&their_task, &effect("their task", false)).await.unwrap();
    let before = lab.effects();
    let one = lab.send(&case, &in_doubt).await.unwrap_err();
    let other = lab.send(&task, &in_doubt).await.unwrap_err();
    for refused in [one, other] {
        assert!(matches!(refused.error, Error::Conflict(_)), "{refused:?}");
        assert_eq!(refused.certainty, Certainty::Refused);
    }
    assert_eq!(lab.effects(), before);
}

#[tokio::test]
async fn a_change_whose_result_cannot_be_read_is_unknown_because_it_happened() {
    let (lab, case, _) = lab().await;
    lab.fault("GET", "/api/v1/case/*", &json!({"status": 503}));
    let unknown = lab.send(&case, &effect("change", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    let before = lab.effects();
    let settled = lab.send(&case, &effect("change", true)).await.unwrap();
    assert_eq!((settled.how, lab.effects()), (How::Adopted, before));
}

#[tokio::test]
async fn a_case_that_is_gone_and_the_platforms_own_field_are_refused() {
    let options = Options {
        marker_field: Some("score".to_owned()),
        ..Options::default()
    };
    let lab = Lab::with(json!({}), options).await;
    let call = UpdateCase {
        id: "~999999999".to_owned(),
        patch: patch(),
    };
    let forged = lab.send(&call, &effect("change", false)).await.unwrap_err();
    assert!(matches!(forged.error, Error::Invalid(_)) && forged.certainty == Certainty::NotSent);
    let gone = UpdateCase {
        patch: CasePatch {
            title: Some("x".to_owned()),
            ..no_change()
        },
        ..call
    };
    for repeat in [false, true] {
        let refused = lab.send(&gone, &effect("change", repeat)).await.unwrap_err();
        assert_eq!(
            (refused.error, refused.certainty),
            (Error::NotFound, Certainty::Refused)
        );
    }
}
