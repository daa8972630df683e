//! Are cases made, found, changed, closed and merged at 3 and 4 as they are at 5?

use serde_json::json;
use synapse_domain::run::How;

use super::{BOTH, KEY, Lab, MARKER, case, effect, lab, lab_with};
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue, Tlp};
use crate::bindings::synapse::thehive::cases::{Case, CaseFilter, CasePatch, Closing, Impact};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::raw::{Method, RawRequest};
use crate::bindings::synapse::thehive::statuses::Subject;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Certainty;
use crate::thehive::client::Options;
use crate::thehive::{
    AddComment, CasesToMerge, CloseCase, CreateCase, CurrentUser, DeleteCase, FindCases, GetCase, ListComments,
    ListStatuses, ListUsers, MergeCases, RawWrite, ReopenCase, UpdateCase,
};

pub(super) fn nothing() -> CasePatch {
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

fn filter() -> CaseFilter {
    CaseFilter {
        tags: Vec::new(),
        title: None,
        custom_fields: Vec::new(),
        open: false,
    }
}

async fn made(lab: &Lab, call: &CreateCase) -> Case {
    let name = format!("case {}", lab.effects());
    lab.send(call, &effect(&name, false)).await.unwrap().answer
}

async fn found(lab: &Lab, filter: CaseFilter) -> Vec<String> {
    let mut titles = Vec::new();
    let mut cursor = None;
    loop {
        let call = FindCases {
            filter: filter.clone(),
            cursor,
        };
        let page = lab.ask(&call).await.unwrap();
        titles.extend(page.cases.into_iter().map(|case| case.title));
        cursor = page.cursor;
        if cursor.is_none() {
            return titles;
        }
    }
}

pub(super) fn close(id: &str, status: &str) -> CloseCase {
    CloseCase {
        id: id.to_owned(),
        closing: Closing {
            status: status.to_owned(),
            impact: Impact::NoImpact,
            summary: Some("A test".to_owned()),
        },
    }
}

#[tokio::test]
async fn d07_a_case_belongs_to_the_configured_or_the_current_user() {
    for flavour in BOTH {
        let users = json!([
            {"login": "synapse@soc.test", "key": KEY, "organisations": ["soc"]},
            {"login": "alice@soc.test", "name": "Alice", "organisations": ["soc"]},
        ]);
        let lab = lab_with(flavour, json!({ "users": users })).await;
        let own = made(&lab, &case("Mail")).await;
        assert_eq!(own.assignee.as_deref(), Some("synapse@soc.test"), "{flavour}");
        assert_eq!(
            (own.tlp, own.status.as_str(), own.stage.as_str()),
            (Tlp::Red, "Open", "InProgress"),
            "{flavour}"
        );
        assert!(
            own.flag && own.tags.iter().any(|tag| tag.starts_with(MARKER)),
            "{flavour}"
        );
        let mut call = case("To Alice");
        call.case.assignee = Some("alice@soc.test".to_owned());
        assert_eq!(
            made(&lab, &call).await.assignee.as_deref(),
            Some("alice@soc.test"),
            "{flavour}"
        );
        // By its number as well, which 3 has to search for.
        let by_number = lab
            .ask(&GetCase {
                id: own.number.to_string(),
            })
            .await
            .unwrap();
        assert_eq!(
            by_number,
            lab.ask(&GetCase { id: own.id.clone() }).await.unwrap(),
            "{flavour}"
        );
        assert_eq!(
            lab.ask(&GetCase { id: "99".to_owned() }).await,
            Err(Error::NotFound),
            "{flavour}"
        );

        assert_eq!(
            lab.ask(&CurrentUser {}).await.unwrap().login,
            "synapse@soc.test",
            "{flavour}"
        );
        let logins: Vec<String> = lab
            .ask(&ListUsers {})
            .await
            .unwrap()
            .into_iter()
            .map(|user| user.login)
            .collect();
        assert!(logins.contains(&"alice@soc.test".to_owned()), "{flavour}: {logins:?}");
    }
    let lab = lab("v4").await;
    let mut call = case("To nobody");
    call.case.assignee = Some("synapse".to_owned());
    let refused = lab.send(&call, &effect("one", false)).await.unwrap_err();
    assert_eq!(refused.certainty, Certainty::NotSent);
    assert!(matches!(refused.error, Error::Invalid(argument) if argument.field == "assignee"));
}

#[tokio::test]
async fn cases_are_found_by_tag_title_and_custom_field_and_never_by_text_search() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let field = CustomField {
            name: "score".to_owned(),
            value: CustomValue::Number(2.5),
        };
        let mut one = case("Phishing at ACME");
        one.case.tags = vec!["a".to_owned(), "b".to_owned()];
        one.case.custom_fields = vec![field.clone()];
        let mut two = case("Phishing at Umbrella");
        two.case.tags = vec!["a".to_owned()];
        let (one, _) = (made(&lab, &one).await, made(&lab, &two).await);
        let tags = |tags: &[&str]| CaseFilter {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..filter()
        };
        assert_eq!(
            found(&lab, tags(&["a"])).await,
            ["Phishing at Umbrella", "Phishing at ACME"],
            "{flavour}"
        );
        assert_eq!(found(&lab, tags(&["a", "b"])).await, ["Phishing at ACME"], "{flavour}");
        let title = |title: &str| CaseFilter {
            title: Some(title.to_owned()),
            ..filter()
        };
        assert_eq!(
            found(&lab, title("Phishing at ACME")).await,
            ["Phishing at ACME"],
            "{flavour}"
        );
        assert!(found(&lab, title("Phishing")).await.is_empty(), "{flavour}");
        let fields = CaseFilter {
            custom_fields: vec![field],
            ..filter()
        };
        assert_eq!(found(&lab, fields).await, ["Phishing at ACME"], "{flavour}");
        lab.send(&close(&one.id, "Other"), &effect("close", false))
            .await
            .unwrap();
        let open = CaseFilter {
            open: true,
            ..tags(&["a"])
        };
        assert_eq!(found(&lab, open).await, ["Phishing at Umbrella"], "{flavour}");
    }
}

#[tokio::test]
async fn d19_eleven_and_a_hundred_and_one_cases_are_all_listed() {
    for (flavour, count) in [("v3", 11), ("v4", 11), ("v3", 101), ("v4", 101)] {
        let cases: Vec<_> = (0..count)
            .map(|n| json!({"title": format!("case {n}"), "description": "d", "tags": ["t"]}))
            .collect();
        let lab = lab_with(flavour, json!({ "cases": cases })).await;
        let filter = CaseFilter {
            tags: vec!["t".to_owned()],
            ..filter()
        };
        let titles = found(&lab, filter).await;
        let expected: Vec<String> = (0..count).rev().map(|n| format!("case {n}")).collect();
        assert_eq!(titles, expected, "{flavour} {count}");
    }
}

#[tokio::test]
async fn d20_d26_a_case_is_closed_as_what_it_was_and_reopened() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let names: Vec<(String, String)> = lab
            .ask(&ListStatuses { subject: Subject::Case })
            .await
            .unwrap()
            .into_iter()
            .map(|status| (status.name, status.stage))
            .collect();
        let closed = |name: &str| (name.to_owned(), "Closed".to_owned());
        let mut expected = vec![("Open".to_owned(), "InProgress".to_owned())];
        expected.extend(["Indeterminate", "FalsePositive", "TruePositive", "Other", "Duplicated"].map(closed));
        assert_eq!(names, expected, "{flavour}");

        let id = lab.case().await;
        let done = lab
            .send(&close(&id, "True Positive"), &effect("close", false))
            .await
            .unwrap()
            .answer;
        assert_eq!(
            (done.status.as_str(), done.stage.as_str()),
            ("TruePositive", "Closed"),
            "{flavour}"
        );
        assert_eq!(
            (done.impact, done.summary.as_deref()),
            (Some(Impact::NoImpact), Some("A test")),
            "{flavour}"
        );
        assert!(done.closed_at.is_some(), "{flavour}");
        let again = lab
            .send(&close(&id, "True Positive"), &effect("close", true))
            .await
            .unwrap();
        assert_eq!(again.how, How::Adopted, "{flavour}");
        let open = lab
            .send(&ReopenCase { id: id.clone() }, &effect("open", false))
            .await
            .unwrap()
            .answer;
        assert_eq!(
            (open.status.as_str(), open.stage.as_str()),
            ("Open", "InProgress"),
            "{flavour}"
        );
        assert_eq!(open.closed_at, None, "{flavour}");
        let refused = lab
            .send(&close(&id, "Solved"), &effect("wrong", false))
            .await
            .unwrap_err();
        assert!(
            matches!(refused.error, Error::Invalid(argument) if argument.field == "closing.status"),
            "{flavour}"
        );
    }
}

#[tokio::test]
async fn fields_of_a_case_are_set_and_what_is_not_named_stays() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let field = |name: &str, value| CustomField {
            name: name.to_owned(),
            value,
        };
        let mut call = case("Mail");
        call.case.custom_fields = vec![field("score", CustomValue::Number(1.5))];
        let before = made(&lab, &call).await;
        let call = UpdateCase {
            id: before.id.clone(),
            patch: CasePatch {
                title: Some("Other".to_owned()),
                tlp: Some(Tlp::Green),
                assignee: Some("synapse@soc.test".to_owned()),
                add_tags: vec!["new".to_owned()],
                remove_tags: vec!["mail".to_owned()],
                custom_fields: vec![field("synapse-ref", CustomValue::Text("x".to_owned()))],
                ..nothing()
            },
        };
        let after = lab.send(&call, &effect("update", false)).await.unwrap().answer;
        assert_eq!((after.title.as_str(), after.tlp), ("Other", Tlp::Green), "{flavour}");
        assert_eq!(
            (&after.description, after.severity),
            (&before.description, before.severity),
            "{flavour}"
        );
        assert!(
            after.tags.contains(&"new".to_owned()) && !after.tags.contains(&"mail".to_owned()),
            "{flavour}"
        );
        assert!(after.tags.iter().any(|tag| tag.starts_with(MARKER)), "{flavour}");
        assert_eq!(after.custom_fields.len(), 2, "{flavour}: {:?}", after.custom_fields);
        let repeat = lab.send(&call, &effect("update", true)).await.unwrap();
        assert_eq!(repeat.how, How::Adopted, "{flavour}");
        for (field, patch) in [
            (
                "patch.status",
                CasePatch {
                    status: Some("InProgress".to_owned()),
                    ..nothing()
                },
            ),
            (
                "patch.tlp",
                CasePatch {
                    tlp: Some(Tlp::AmberStrict),
                    ..nothing()
                },
            ),
        ] {
            let call = UpdateCase {
                id: before.id.clone(),
                patch,
            };
            let refused = lab.send(&call, &effect(field, false)).await.unwrap_err();
            assert!(
                matches!(&refused.error, Error::Invalid(argument) if argument.field == field),
                "{:?}",
                refused.error
            );
        }
    }
}

#[tokio::test]
async fn tags_that_somebody_overwrites_in_between_are_set_again() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let id = lab.case().await;
        let call = UpdateCase {
            id: id.clone(),
            patch: CasePatch {
                add_tags: vec!["new".to_owned()],
                ..nothing()
            },
        };
        // The writing is answered and then gone, as if an analyst's page had saved its own tags after us.
        lab.fault(
            "PATCH",
            "/api/case/*",
            &json!({"lie": "did_nothing", "status": 200, "body": {}}),
        );
        let after = lab.send(&call, &effect("one", false)).await.unwrap().answer;
        assert!(after.tags.contains(&"new".to_owned()), "{flavour}");
        assert_eq!(lab.requests("PATCH", "/api/case/"), 2, "{flavour}");
    }
}

#[tokio::test]
async fn a_second_writing_of_tags_that_is_refused_leaves_open_what_the_first_one_did() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let call = UpdateCase {
            id: lab.case().await,
            patch: CasePatch {
                add_tags: vec!["new".to_owned()],
                ..nothing()
            },
        };
        lab.fault(
            "PATCH",
            "/api/case/*",
            &json!({"lie": "did_nothing", "status": 200, "body": {}}),
        );
        lab.fault(
            "PATCH",
            "/api/case/*",
            &json!({"status": 403, "body": {"type": "AuthorizationError", "message": "no"}}),
        );
        let failure = lab.send(&call, &effect("one", false)).await.unwrap_err();
        assert_eq!(failure.certainty, Certainty::Unknown, "{flavour}: {:?}", failure.error);
        assert_eq!(lab.requests("PATCH", "/api/case/"), 2, "{flavour}");
    }
}

#[tokio::test]
async fn the_marker_may_stand_in_a_custom_field() {
    for flavour in BOTH {
        let options = Options {
            marker_field: Some("synapse-ref".to_owned()),
            ..Options::default()
        };
        let lab = Lab::with(json!({ "flavour": flavour }), options).await;
        let made = made(&lab, &case("Mail")).await;
        assert!(made.custom_fields.is_empty() && made.tags == ["mail"], "{flavour}");
        let marker = lab.last_body()["customFields"][0]["value"].as_str().unwrap().to_owned();
        let row = lab.client.marked_case(&marker).await.unwrap().unwrap();
        assert_eq!(row.id, made.id, "{flavour}");
    }
}

#[tokio::test]
async fn two_cases_become_one_and_a_deleted_one_is_gone() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let ids = vec![lab.case().await, lab.case().await];
        let parts = lab.ask(&CasesToMerge { ids: ids.clone() }).await.unwrap();
        let call = MergeCases {
            ids: ids.clone(),
            parts,
        };
        let merged = lab.send(&call, &effect("merge", false)).await.unwrap().answer;
        assert_eq!(merged.title, "case 0 / case 1", "{flavour}");
        assert_eq!(
            lab.ask(&GetCase { id: ids[0].clone() }).await,
            Err(Error::NotFound),
            "{flavour}"
        );
        lab.send(&DeleteCase { id: merged.id.clone() }, &effect("delete", false))
            .await
            .unwrap();
        assert_eq!(
            lab.ask(&GetCase { id: merged.id }).await,
            Err(Error::NotFound),
            "{flavour}"
        );
        // 3 keeps what is only marked as deleted.
        assert_eq!(lab.sim.target.dump()["cases"], json!([]), "{flavour}");
    }
}

#[tokio::test]
async fn what_somebody_deleted_at_3_is_marked_there_and_is_not_there_for_us() {
    let lab = lab("v3").await;
    let there = made(&lab, &case("Mail")).await;
    let marker = lab.sim.control.effects(0).last().unwrap().marker.clone().unwrap();
    assert!(lab.client.marked_case(&marker).await.unwrap().is_some());
    let delete = RawRequest {
        method: Method::Delete,
        path: format!("/api/case/{}", there.id),
        body: None,
    };
    let answer = lab
        .send(&RawWrite { request: delete }, &effect("raw", false))
        .await
        .unwrap()
        .answer;
    assert_eq!(answer.status, 204);
    assert_eq!(lab.sim.target.dump()["cases"].as_array().map(Vec::len), Some(1));
    for id in [there.id, there.number.to_string()] {
        assert_eq!(lab.ask(&GetCase { id }).await, Err(Error::NotFound));
    }
    assert!(lab.client.marked_case(&marker).await.unwrap().is_none());
    assert_eq!(
        found(
            &lab,
            CaseFilter {
                title: Some("Mail".to_owned()),
                ..filter()
            }
        )
        .await,
        [""; 0]
    );
}

#[tokio::test]
async fn comments_are_unsupported_and_nothing_is_sent() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let owner = Owner::Case(lab.case().await);
        let before = lab.effects();
        let add = AddComment {
            owner: owner.clone(),
            message: "text".to_owned(),
            dedup_key: None,
        };
        let refused = lab.send(&add, &effect("comment", false)).await.unwrap_err();
        assert!(
            matches!(&refused.error, Error::Unsupported(why) if why.contains("TheHive")),
            "{:?}",
            refused.error
        );
        assert_eq!(
            (refused.certainty, lab.effects()),
            (Certainty::NotSent, before),
            "{flavour}"
        );
        assert!(
            matches!(lab.ask(&ListComments { owner }).await, Err(Error::Unsupported(_))),
            "{flavour}"
        );
    }
}

#[tokio::test]
async fn a_case_above_256_kilobytes_is_too_large_for_4_and_not_for_3() {
    let mut call = case("Long");
    call.case.description = "x".repeat(300 << 10);
    assert!(lab("v3").await.send(&call, &effect("one", false)).await.is_ok());
    let lab = lab("v4").await;
    let refused = lab.send(&call, &effect("one", false)).await.unwrap_err();
    assert!(
        matches!(refused.error, Error::TooLarge(bytes) if bytes > 300 << 10),
        "{:?}",
        refused.error
    );
    assert_eq!((refused.certainty, lab.effects()), (Certainty::Refused, 0));
}

#[tokio::test]
async fn another_version_is_named() {
    let lab = lab_with("v4", json!({"version": "2.13.2"})).await;
    let refused = lab.ask(&GetCase { id: "1".to_owned() }).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Unsupported(why) if why.contains("TheHive 2")),
        "{refused:?}"
    );
}
