//! Are alerts made, found, changed and promoted at 3 and 4 as they are at 5?

use serde_json::json;
use synapse_domain::run::How;

use super::{BOTH, Lab, MARKER, alert, effect, lab, lab_with, observable};
use crate::bindings::synapse::thehive::alerts::{Alert, AlertKey, AlertPatch, CustomField, CustomValue, Pap, Tlp};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::{
    CreateAlert, DeleteAlert, FollowAlert, GetCase, ImportAlert, MergeAlert, PromoteAlert, UpdateAlert,
};

pub(super) fn nothing() -> AlertPatch {
    AlertPatch {
        title: None,
        description: None,
        severity: None,
        tlp: None,
        pap: None,
        status: None,
        summary: None,
        assignee: None,
        external_link: None,
        add_tags: Vec::new(),
        remove_tags: Vec::new(),
        custom_fields: Vec::new(),
    }
}

async fn made(lab: &Lab, call: &CreateAlert, name: &str) -> Alert {
    lab.create(call, &effect(name, false)).await.unwrap().answer
}

async fn update(lab: &Lab, id: &str, patch: AlertPatch) -> Result<Alert, Error> {
    let call = UpdateAlert {
        id: id.to_owned(),
        patch,
    };
    let name = format!("update {}", lab.effects());
    let done = lab.send(&call, &effect(&name, false)).await;
    done.map(|done| done.answer).map_err(|failure| failure.error)
}

#[tokio::test]
async fn an_alert_is_made_with_its_observables_and_read_back_by_label() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let mut call = alert("1");
        call.alert.custom_fields = vec![CustomField {
            name: "score".to_owned(),
            value: CustomValue::Number(1.5),
        }];
        call.alert.observables = vec![observable("ip", "192.0.2.1"), observable("domain", "example.org")];
        let alert = made(&lab, &call, "one").await;
        assert_eq!((alert.tlp, alert.observable_count), (Tlp::Red, 2), "{flavour}");
        assert_eq!(
            (alert.status.as_str(), alert.stage.as_str()),
            ("New", "New"),
            "{flavour}"
        );
        assert_eq!(alert.custom_fields, call.alert.custom_fields, "{flavour}");
        assert!(
            alert.tags.iter().any(|tag| tag.starts_with(MARKER)),
            "{flavour}: {:?}",
            alert.tags
        );
        assert_eq!(lab.get(&alert.id).await.unwrap(), alert, "{flavour}");
        assert_eq!(
            lab.last_body()["tlp"],
            4,
            "{flavour}: a 3 of v0 is red, which the store calls 4"
        );
        let description = alert.description.unwrap();
        match flavour {
            "v4" => {
                assert_eq!((alert.pap, alert.external_link), (Pap::Green, call.alert.external_link));
                assert_eq!(description, call.alert.description);
            }
            _ => assert!(
                description.ends_with("External link: https://console.test/42"),
                "{description}"
            ),
        }
        assert!(lab.requests("POST", "/api/alert") == 1 && lab.requests("POST", "/api/v1/alert") == 0);
    }
}

#[tokio::test]
async fn d13_a_duplicate_is_ours_or_a_strangers_by_the_tuple_whatever_the_version_calls_it() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let first = made(&lab, &alert("1"), "one").await;
        let again = lab.create(&alert("1"), &effect("one", true)).await.unwrap();
        assert_eq!((again.how, &again.answer.id), (How::Adopted, &first.id), "{flavour}");
        let theirs = lab.create(&alert("1"), &effect("theirs", false)).await.unwrap_err();
        assert_eq!(theirs.error, Error::AlreadyExists(first.id), "{flavour}");
        assert_eq!((theirs.certainty, lab.effects()), (Certainty::Refused, 1), "{flavour}");
    }
}

#[tokio::test]
async fn d14_d15_equal_observables_are_one_and_unknown_types_are_other() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let mut call = alert("1");
        call.alert.observables = vec![
            observable("ip", "192.0.2.1"),
            observable("ip", "192.0.2.1"),
            observable("source_IP", "192.0.2.2"),
        ];
        let alert = made(&lab, &call, "one").await;
        assert_eq!(alert.observable_count, 2, "{flavour}");
        let other = &lab.last_body()["observables"][1];
        assert_eq!(
            (&other["dataType"], &other["tags"]),
            (&json!("other"), &json!(["type:source_IP"])),
            "{flavour}"
        );
    }
}

#[tokio::test]
async fn d19_eleven_and_a_hundred_and_one_keys_are_all_found() {
    for (flavour, count) in [("v3", 11), ("v4", 11), ("v3", 101), ("v4", 101)] {
        let alerts: Vec<_> = (0..count)
            .map(|n| {
                json!({"type": "qradar", "source": "console-a", "sourceRef": n.to_string(), "title": "t", "description": "d"})
            })
            .collect();
        let lab = lab_with(flavour, json!({ "alerts": alerts })).await;
        let key = |n: usize| AlertKey {
            type_: "qradar".to_owned(),
            source: "console-a".to_owned(),
            source_ref: n.to_string(),
        };
        let keys: Vec<AlertKey> = (0..=count).map(key).collect();
        let found = lab.client.find(&keys).await.unwrap();
        let there: Vec<bool> = found.iter().map(Option::is_some).collect();
        let expected: Vec<bool> = (0..=count).map(|n| n < count).collect();
        assert_eq!(there, expected, "{flavour} {count}");
    }
}

#[tokio::test]
async fn the_status_is_the_read_flag_and_set_alone() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let id = made(&lab, &alert("1"), "one").await.id;
        let status = |word: &str| AlertPatch {
            status: Some(word.to_owned()),
            ..nothing()
        };
        let read = update(&lab, &id, status("Ignored")).await.unwrap();
        assert_eq!(
            (read.status.as_str(), read.stage.as_str()),
            ("Ignored", "Closed"),
            "{flavour}"
        );
        let unread = update(&lab, &id, status("New")).await.unwrap();
        assert_eq!(
            (unread.status.as_str(), unread.stage.as_str()),
            ("New", "New"),
            "{flavour}"
        );
        let both = AlertPatch {
            title: Some("other".to_owned()),
            ..status("Ignored")
        };
        for refused in [status("Imported"), status("FalsePositive"), both] {
            let before = lab.effects();
            let error = update(&lab, &id, refused).await.unwrap_err();
            assert!(
                matches!(&error, Error::Invalid(argument) if argument.field == "patch.status"),
                "{error:?}"
            );
            assert_eq!(lab.effects(), before, "{flavour}");
        }
        for newer in [
            AlertPatch {
                assignee: Some("a@soc.test".to_owned()),
                ..nothing()
            },
            AlertPatch {
                summary: Some("s".to_owned()),
                ..nothing()
            },
        ] {
            assert!(
                matches!(update(&lab, &id, newer).await, Err(Error::Unsupported(_))),
                "{flavour}"
            );
        }
    }
}

#[tokio::test]
async fn tags_and_custom_fields_are_changed_and_the_others_stay() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let field = |name: &str, value| CustomField {
            name: name.to_owned(),
            value,
        };
        let mut call = alert("1");
        call.alert.custom_fields = vec![field("score", CustomValue::Number(1.5))];
        let before = made(&lab, &call, "one").await;
        let patch = AlertPatch {
            tlp: Some(Tlp::Green),
            add_tags: vec!["seen".to_owned()],
            remove_tags: vec!["qradar".to_owned()],
            custom_fields: vec![field("synapse-ref", CustomValue::Text("x".to_owned()))],
            ..nothing()
        };
        let after = update(&lab, &before.id, patch).await.unwrap();
        let mut expected = before.tags.clone();
        expected.retain(|tag| tag != "qradar");
        expected.push("seen".to_owned());
        assert_eq!((after.tags, after.tlp), (expected, Tlp::Green), "{flavour}");
        let mut names: Vec<&str> = after.custom_fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["score", "synapse-ref"], "{flavour}");
    }
}

#[tokio::test]
async fn amber_and_strict_is_refused_before_anything_is_sent() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let mut call = alert("1");
        call.alert.tlp = Tlp::AmberStrict;
        let refused = lab.create(&call, &effect("one", false)).await.unwrap_err();
        assert_eq!(refused.certainty, Certainty::NotSent, "{flavour}");
        assert!(
            matches!(&refused.error, Error::Invalid(argument) if argument.field == "tlp"),
            "{:?}",
            refused.error
        );
        assert_eq!(lab.requests("POST", "/api/alert"), 0);
    }
}

#[tokio::test]
async fn d25_an_alert_becomes_one_case_by_promotion_and_by_merging() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let id = made(&lab, &alert("1"), "one").await.id;
        let promote = PromoteAlert {
            alert_id: id.clone(),
            assignee: None,
            case_template: None,
        };
        let case = lab.send(&promote, &effect("promote", false)).await.unwrap();
        assert_eq!(case.how, How::Performed, "{flavour}");
        let again = lab.send(&promote, &effect("again", false)).await.unwrap();
        assert_eq!(
            (again.how, &again.answer.id),
            (How::Adopted, &case.answer.id),
            "{flavour}"
        );
        let imported = lab.get(&id).await.unwrap();
        assert_eq!(
            (imported.status.as_str(), imported.stage.as_str()),
            ("Imported", "Imported"),
            "{flavour}"
        );
        assert_eq!(imported.case_id.as_ref(), Some(&case.answer.id), "{flavour}");
        let to_somebody = PromoteAlert {
            alert_id: made(&lab, &alert("2"), "two").await.id,
            assignee: Some("synapse@soc.test".to_owned()),
            case_template: None,
        };
        let refused = lab.send(&to_somebody, &effect("other", false)).await.unwrap_err();
        assert!(
            matches!(refused.error, Error::Invalid(argument) if argument.field == "assignee"),
            "{flavour}"
        );

        let merge = MergeAlert {
            alert_id: to_somebody.alert_id,
            case_id: case.answer.id.clone(),
        };
        let merged = lab.send(&merge, &effect("merge", false)).await.unwrap();
        assert_eq!(
            (merged.how, &merged.answer.id),
            (How::Performed, &case.answer.id),
            "{flavour}"
        );
        let before = lab.effects();
        let again = lab.send(&merge, &effect("merge", true)).await.unwrap();
        assert_eq!((again.how, lab.effects()), (How::Adopted, before), "{flavour}");
    }
}

#[tokio::test]
async fn alerts_are_followed_and_deleted() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let id = made(&lab, &alert("1"), "one").await.id;
        let follow = FollowAlert {
            id: id.clone(),
            follow: false,
        };
        lab.send(&follow, &effect("follow", false)).await.unwrap();
        assert!(!lab.get(&id).await.unwrap().follow, "{flavour}");
        lab.send(&DeleteAlert { id: id.clone() }, &effect("delete", false))
            .await
            .unwrap();
        assert_eq!(lab.get(&id).await, Err(Error::NotFound), "{flavour}");
    }
}

#[tokio::test]
async fn d25_an_import_is_a_merge_with_the_alerts_text_and_happens_once() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let (id, case) = (made(&lab, &alert("1"), "one").await.id, lab.case().await);
        let import = ImportAlert {
            alert_id: id.clone(),
            case_id: case.clone(),
        };
        let done = lab.send(&import, &effect("import", false)).await.unwrap();
        assert_eq!((done.how, &done.answer.id), (How::Performed, &case), "{flavour}");
        assert_eq!(lab.get(&id).await.unwrap().case_id.as_ref(), Some(&case), "{flavour}");
        let text = lab.ask(&GetCase { id: case.clone() }).await.unwrap().description;
        assert!(text.contains("Merged with alert #1"), "{flavour}: {text}");
        let before = lab.effects();
        let again = lab.send(&import, &effect("import", true)).await.unwrap();
        assert_eq!((again.how, lab.effects()), (How::Adopted, before), "{flavour}");
        let elsewhere = ImportAlert {
            case_id: lab.case().await,
            ..import
        };
        let refused = lab.send(&elsewhere, &effect("elsewhere", false)).await.unwrap_err();
        assert!(
            matches!(refused.error, Error::Conflict(_)),
            "{flavour}: {:?}",
            refused.error
        );
    }
}
