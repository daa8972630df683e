//! Are the same fields of many objects set at 3 and 4 as at 5, although they have few routes for it?

use serde_json::json;
use synapse_domain::run::How;

use super::alerts::nothing as no_alert_patch;
use super::cases::nothing as no_case_patch;
use super::{BOTH, Lab, alert, around, effect, lab};
use crate::bindings::synapse::thehive::alerts::AlertPatch;
use crate::bindings::synapse::thehive::cases::CasePatch;
use crate::bindings::synapse::thehive::observables::ObservablePatch;
use crate::bindings::synapse::thehive::tasks::{TaskPatch, TaskStatus};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::{
    GetCase, GetObservable, GetTask, MergeAlerts, UpdateAlerts, UpdateCases, UpdateObservables, UpdateTasks,
};

async fn alerts(lab: &Lab, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        let mut call = alert(&n.to_string());
        call.alert.tags = vec![format!("own-{n}")];
        let name = format!("alert {n}");
        ids.push(lab.create(&call, &effect(&name, false)).await.unwrap().answer.id);
    }
    ids
}

fn titled(ids: &[String]) -> UpdateAlerts {
    UpdateAlerts {
        ids: ids.to_vec(),
        patch: AlertPatch {
            title: Some("all".to_owned()),
            ..no_alert_patch()
        },
    }
}

async fn titles(lab: &Lab, ids: &[String]) -> Vec<String> {
    let mut titles = Vec::new();
    for id in ids {
        titles.push(lab.get(id).await.unwrap().title);
    }
    titles
}

#[tokio::test]
async fn one_request_changes_many_where_the_version_has_one_and_one_each_elsewhere() {
    for (flavour, of_alerts) in [("v3", 1), ("v4", 2)] {
        let lab = lab(flavour).await;
        let ids = alerts(&lab, 2).await;
        lab.send(&titled(&ids), &effect("alerts", false)).await.unwrap();
        assert_eq!(titles(&lab, &ids).await, ["all", "all"], "{flavour}");
        assert_eq!(lab.requests("PATCH", "/api/alert/"), of_alerts, "{flavour}");

        let cases = [lab.case().await, lab.case().await];
        let update = UpdateCases {
            ids: cases.to_vec(),
            patch: CasePatch {
                status: Some("FalsePositive".to_owned()),
                ..no_case_patch()
            },
        };
        lab.send(&update, &effect("cases", false)).await.unwrap();
        for id in &cases {
            let case = lab.ask(&GetCase { id: id.clone() }).await.unwrap();
            assert_eq!((case.status.as_str(), case.stage.as_str()), ("FalsePositive", "Closed"));
        }
        assert_eq!(lab.requests("PATCH", "/api/case/_bulk"), 1, "{flavour}");

        let tasks = [lab.task().await, lab.task().await];
        let update = UpdateTasks {
            ids: tasks.to_vec(),
            patch: TaskPatch {
                title: None,
                status: Some(TaskStatus::Completed),
                assignee: None,
                group: None,
                mandatory: None,
                flag: None,
                due_date: None,
            },
        };
        lab.send(&update, &effect("tasks", false)).await.unwrap();
        for id in &tasks {
            let task = lab.ask(&GetTask { id: id.clone() }).await.unwrap();
            assert_eq!(task.status, TaskStatus::Completed, "{flavour}");
        }
        assert_eq!(lab.requests("PATCH", "/api/case/task/"), 2, "{flavour}");

        let case = lab.case().await;
        let observables = [
            around::observable_of(&lab, &case, "192.0.2.1").await,
            around::observable_of(&lab, &case, "192.0.2.2").await,
        ];
        let patch = ObservablePatch {
            tlp: None,
            add_tags: Vec::new(),
            ..around::ioc()
        };
        let update = UpdateObservables {
            ids: observables.to_vec(),
            patch,
        };
        lab.send(&update, &effect("observables", false)).await.unwrap();
        for id in &observables {
            assert!(
                lab.ask(&GetObservable { id: id.clone() }).await.unwrap().ioc,
                "{flavour}"
            );
        }
        assert_eq!(lab.requests("PATCH", "/api/case/artifact/_bulk"), 1, "{flavour}");
    }
}

#[tokio::test]
async fn tags_of_many_are_changed_and_each_keeps_its_own() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let ids = alerts(&lab, 2).await;
        let update = UpdateAlerts {
            ids: ids.clone(),
            patch: AlertPatch {
                add_tags: vec!["seen".to_owned()],
                ..no_alert_patch()
            },
        };
        lab.send(&update, &effect("tags", false)).await.unwrap();
        for (n, id) in ids.iter().enumerate() {
            let tags = lab.get(id).await.unwrap().tags;
            assert!(
                tags.contains(&format!("own-{n}")) && tags.contains(&"seen".to_owned()),
                "{flavour}: {tags:?}"
            );
        }
        let read = UpdateAlerts {
            ids: ids.clone(),
            patch: AlertPatch {
                status: Some("Ignored".to_owned()),
                ..no_alert_patch()
            },
        };
        lab.send(&read, &effect("read", false)).await.unwrap();
        for id in &ids {
            assert_eq!(lab.get(id).await.unwrap().stage, "Closed", "{flavour}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_stops_a_change_of_many_before_the_first() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let mut ids = alerts(&lab, 1).await;
        let gone = alerts(&lab, 2).await.pop().unwrap();
        let delete = crate::thehive::DeleteAlert { id: gone.clone() };
        lab.send(&delete, &effect("delete", false)).await.unwrap();
        ids.push(gone);
        let before = lab.effects();
        let refused = lab.send(&titled(&ids), &effect("many", false)).await.unwrap_err();
        assert_eq!(
            (refused.error, refused.certainty),
            (Error::NotFound, Certainty::Refused),
            "{flavour}"
        );
        assert_eq!(lab.effects(), before, "{flavour}");
    }
}

#[tokio::test]
async fn a_change_of_many_that_is_lost_half_way_is_ended_by_the_repeat_and_nothing_is_set_twice() {
    let lab = lab("v4").await;
    let ids = alerts(&lab, 3).await;
    let before = lab.effects();
    let lost = json!({
        "match": {"method": "PATCH", "path": "/api/alert/", "skip": 1}, "action": {"lie": "did_nothing", "drop_response": true},
    });
    lab.sim
        .control
        .faults()
        .add(serde_json::from_value(lost).unwrap())
        .unwrap();
    let unknown = lab.send(&titled(&ids), &effect("many", false)).await.unwrap_err();
    assert_eq!((unknown.certainty, lab.effects()), (Certainty::Unknown, before + 1));
    let done = lab.send(&titled(&ids), &effect("many", true)).await.unwrap();
    assert_eq!((done.how, lab.effects()), (How::Performed, before + 3));
    assert_eq!(titles(&lab, &ids).await, ["all", "all", "all"]);
    let again = lab.send(&titled(&ids), &effect("many", true)).await.unwrap();
    assert_eq!((again.how, lab.effects()), (How::Adopted, before + 3));
}

#[tokio::test]
async fn a_refusal_half_way_says_how_far_it_came() {
    for (flavour, action) in [
        (
            "v4",
            json!({"status": 403, "body": {"type": "AuthorizationError", "message": "no"}}),
        ),
        (
            "v3",
            json!({"status": 207, "body": {"success": [{}], "failure": [{"type": "UpdateError", "message": "no"}]}}),
        ),
    ] {
        let lab = lab(flavour).await;
        let ids = alerts(&lab, 2).await;
        let skip = u64::from(flavour == "v4");
        let refusal = json!({"match": {"method": "PATCH", "path": "/api/alert/", "skip": skip}, "action": action});
        lab.sim
            .control
            .faults()
            .add(serde_json::from_value(refusal).unwrap())
            .unwrap();
        let refused = lab.send(&titled(&ids), &effect("many", false)).await.unwrap_err();
        assert_eq!(refused.certainty, Certainty::Refused, "{flavour}");
        assert!(
            matches!(&refused.error, Error::Conflict(why) if why.contains("1 of 2 are changed")),
            "{flavour}: {:?}",
            refused.error
        );
    }
}

#[tokio::test]
async fn d25_many_alerts_go_into_one_case_by_one_request() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let (ids, case) = (alerts(&lab, 2).await, lab.case().await);
        let merge = MergeAlerts {
            alert_ids: ids.clone(),
            case_id: case.clone(),
        };
        let merged = lab.send(&merge, &effect("merge", false)).await.unwrap();
        assert_eq!((merged.how, &merged.answer.id), (How::Performed, &case), "{flavour}");
        for id in &ids {
            assert_eq!(lab.get(id).await.unwrap().case_id.as_ref(), Some(&case), "{flavour}");
        }
        assert_eq!(lab.requests("POST", "/api/alert/merge/_bulk"), 1, "{flavour}");
        let again = lab.send(&merge, &effect("merge", true)).await.unwrap();
        assert_eq!(again.how, How::Adopted, "{flavour}");
    }
}
