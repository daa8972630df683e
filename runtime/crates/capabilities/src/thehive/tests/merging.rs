//! Do alerts and cases come together once (D25), and is a doubt about it settled by looking?

use serde_json::json;
use synapse_domain::run::How;

use super::doubt_of_new::probed;
use super::{Lab, alert, case, effect, now};
use crate::bindings::synapse::thehive::alerts::{AlertPatch, Severity};
use crate::bindings::synapse::thehive::cases::TemplateParts;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, EffectId, Write};
use crate::thehive::client::Options;
use crate::thehive::{
    ApplyTemplate, CasesToMerge, FollowAlert, ImportAlert, MergeAlert, MergeAlerts, MergeCases, MergeObservables,
    PromoteAlert, UnlinkAlert, UpdateAlerts, UpdateCases, UpdateObservables, UpdateTasks,
};

impl Lab {
    async fn alert(&self, reference: &str) -> String {
        self.create(&alert(reference), &effect(reference, false))
            .await
            .unwrap()
            .answer
            .id
    }
}

#[tokio::test]
async fn row_66_d25_an_alert_that_went_into_a_case_is_found_by_the_alerts_case() {
    probed("/api/v1/alert/*/merge/*", &Options::default(), async |lab: &Lab| {
        MergeAlert {
            alert_id: lab.alert("1").await,
            case_id: lab.case().await,
        }
    })
    .await;
    probed("/api/v1/alert/*/import/*", &Options::default(), async |lab: &Lab| {
        ImportAlert {
            alert_id: lab.alert("1").await,
            case_id: lab.case().await,
        }
    })
    .await;
    probed("/api/v1/alert/merge/_bulk", &Options::default(), async |lab: &Lab| {
        MergeAlerts {
            alert_ids: vec![lab.alert("1").await, lab.alert("2").await],
            case_id: lab.case().await,
        }
    })
    .await;
}

#[tokio::test]
async fn row_66_a_merged_case_is_found_when_its_parts_are_gone() {
    probed("/api/v1/case/_merge/*", &Options::default(), async |lab: &Lab| {
        let ids = vec![lab.case().await, lab.case().await];
        let parts = lab.ask(&CasesToMerge { ids: ids.clone() }).await.unwrap();
        // A case that somebody makes meanwhile is newer, and is none that was made of these.
        lab.case().await;
        MergeCases { ids, parts }
    })
    .await;
}

#[tokio::test]
async fn d25_the_same_alert_merged_or_promoted_twice_stays_in_its_case_and_another_case_is_a_conflict() {
    let lab = Lab::start().await;
    let (alert_id, case_id, other) = (lab.alert("1").await, lab.case().await, lab.case().await);
    let merge = |case_id: &str| MergeAlert {
        alert_id: alert_id.clone(),
        case_id: case_id.to_owned(),
    };
    let first = lab.send(&merge(&case_id), &effect("1", false)).await.unwrap();
    let before = lab.effects();
    let second = lab.send(&merge(&case_id), &effect("2", false)).await.unwrap();
    assert_eq!((first.how, second.how), (How::Performed, How::Adopted));
    assert_eq!(second.answer.id, case_id);
    let elsewhere = lab.send(&merge(&other), &effect("3", false)).await.unwrap_err();
    assert!(matches!(elsewhere.error, Error::Conflict(_)) && elsewhere.certainty == Certainty::Refused);
    let promote = PromoteAlert {
        alert_id: alert_id.clone(),
        assignee: None,
        case_template: None,
    };
    assert_eq!(
        lab.send(&promote, &effect("4", false)).await.unwrap().answer.id,
        case_id
    );
    let many = MergeAlerts {
        alert_ids: vec![alert_id.clone(), lab.alert("2").await],
        case_id: case_id.clone(),
    };
    lab.send(&many, &effect("5", false)).await.unwrap();
    assert_eq!(lab.last_body()["alertIds"].as_array().unwrap().len(), 1);
    assert_eq!(lab.effects(), before + 2);
}

#[tokio::test]
async fn d25_two_promotions_at_once_make_one_case() {
    let lab = Lab::start().await;
    let promote = PromoteAlert {
        alert_id: lab.alert("1").await,
        assignee: None,
        case_template: None,
    };
    let before = lab.effects();
    let (one, other) = (effect("1", false), effect("2", false));
    let (one, other) = tokio::join!(lab.send(&promote, &one), lab.send(&promote, &other));
    assert_eq!(one.unwrap().answer.id, other.unwrap().answer.id);
    assert_eq!(lab.effects(), before + 1);
    assert_eq!(lab.requests("POST", "/api/v1/alert"), 2);
}

#[tokio::test]
async fn an_alert_is_taken_out_once_and_an_alert_outside_is_not_found() {
    let lab = Lab::start().await;
    let (alert_id, case_id) = (lab.alert("1").await, lab.case().await);
    let unlink = UnlinkAlert {
        case_id: case_id.clone(),
        alert_id: alert_id.clone(),
    };
    let outside = lab.send(&unlink, &effect("0", false)).await.unwrap_err();
    assert_eq!(outside.error, Error::NotFound);
    let merge = MergeAlert { alert_id, case_id };
    lab.send(&merge, &effect("1", false)).await.unwrap();
    lab.fault(
        "DELETE",
        "/api/v1/case/*/alert/*",
        &json!({"lie": "did_it", "drop_response": true}),
    );
    let unknown = lab.send(&unlink, &effect("2", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    assert_eq!(lab.send(&unlink, &effect("2", true)).await.unwrap().how, How::Adopted);
}

#[tokio::test]
async fn following_and_merging_observables_are_the_same_twice() {
    let lab = Lab::start().await;
    let id = lab.alert("1").await;
    for follow in [false, false, true] {
        let call = FollowAlert { id: id.clone(), follow };
        lab.send(&call, &effect("follow", true)).await.unwrap();
        assert_eq!(lab.get(&id).await.unwrap().follow, follow);
    }
    let call = MergeObservables {
        case_id: lab.case().await,
    };
    let merged = lab.send(&call, &effect("merge", false)).await.unwrap().answer;
    assert_eq!((merged.untouched, merged.updated, merged.deleted), (0, 0, 0));
}

#[tokio::test]
async fn many_are_changed_by_one_request_and_a_doubt_is_settled_by_looking_at_all_of_them() {
    let lab = Lab::start().await;
    let ids = vec![lab.alert("1").await, lab.alert("2").await];
    let patch = AlertPatch {
        severity: Some(Severity::Low),
        add_tags: vec!["seen".to_owned()],
        ..super::arguments::nothing()
    };
    let call = UpdateAlerts {
        ids: ids.clone(),
        patch,
    };
    let before = lab.effects();
    lab.fault("PATCH", "/api/v1/alert/_bulk", &json!({"lie": "did_it", "status": 503}));
    let unknown = lab.send(&call, &effect("1", false)).await.unwrap_err();
    assert_eq!(unknown.certainty, Certainty::Unknown);
    assert_eq!(lab.send(&call, &effect("1", true)).await.unwrap().how, How::Adopted);
    assert_eq!(lab.effects(), before + 1);
    for id in &ids {
        assert_eq!(lab.get(id).await.unwrap().severity, Severity::Low);
    }
    // Somebody changes one of them back: not overwritten.
    let theirs = UpdateAlerts {
        ids: vec![ids[0].clone()],
        patch: AlertPatch {
            severity: Some(Severity::Critical),
            ..super::arguments::nothing()
        },
    };
    lab.send(&theirs, &effect("theirs", false)).await.unwrap();
    let early = EffectId {
        since: now() - 60_000,
        ..effect("1", true)
    };
    let conflict = lab.send(&call, &early).await.unwrap_err();
    assert!(matches!(conflict.error, Error::Conflict(_)), "{conflict:?}");
    assert!(
        UpdateAlerts {
            ids: vec![ids[0].clone(), ids[0].clone()],
            ..call.clone()
        }
        .check()
        .is_err()
    );
}

#[tokio::test]
async fn cases_tasks_and_observables_are_changed_in_bulk() {
    let lab = Lab::start().await;
    let ids = vec![lab.case().await, lab.case().await];
    let patch = crate::bindings::synapse::thehive::cases::CasePatch {
        flag: Some(false),
        ..super::case_updates::no_change()
    };
    let call = UpdateCases {
        ids: ids.clone(),
        patch,
    };
    lab.send(&call, &effect("cases", false)).await.unwrap();
    assert_eq!(lab.send(&call, &effect("cases", true)).await.unwrap().how, How::Adopted);
    let tasks = UpdateTasks {
        ids: vec![lab.task().await],
        patch: crate::bindings::synapse::thehive::tasks::TaskPatch {
            title: Some("Renamed".to_owned()),
            status: None,
            assignee: None,
            group: None,
            mandatory: Some(true),
            flag: None,
            due_date: None,
        },
    };
    lab.send(&tasks, &effect("tasks", false)).await.unwrap();
    assert_eq!(
        lab.send(&tasks, &effect("tasks", true)).await.unwrap().how,
        How::Adopted
    );
    let observable = super::around::observable_of(&lab, &ids[0], "192.0.2.1").await;
    let observables = UpdateObservables {
        ids: vec![observable],
        patch: super::around::ioc(),
    };
    lab.send(&observables, &effect("observables", false)).await.unwrap();
    assert_eq!(
        lab.send(&observables, &effect("observables", true)).await.unwrap().how,
        How::Adopted
    );
}

#[tokio::test]
async fn a_template_is_applied_by_one_request_and_nobody_can_tell_whether_it_was() {
    let lab = Lab::start().await;
    let template = super::platform::template("phishing");
    lab.send(&template, &effect("template", false)).await.unwrap();
    let id = lab.send(&case("Mail"), &effect("case", false)).await.unwrap().answer.id;
    let call = ApplyTemplate {
        case_ids: vec![id],
        template: "phishing".to_owned(),
        parts: TemplateParts {
            title_prefix: false,
            description: false,
            tags: true,
            severity: true,
            tlp: false,
            pap: false,
            flag: false,
            custom_fields: false,
            tasks: Vec::new(),
        },
    };
    lab.send(&call, &effect("apply", false)).await.unwrap();
    assert!(call.probe(&lab.client, &effect("apply", false)).await.is_err());
    let nothing = ApplyTemplate {
        parts: TemplateParts {
            tags: false,
            severity: false,
            ..call.parts.clone()
        },
        ..call
    };
    assert!(nothing.check().is_err());
}
