//! Does a guest's search find at 3 and 4 what it finds at 5, in the words of 5?

use crate::gate::observed::CarryOutRead as _;
use http::Method;
use synapse_domain::permission::Scopes;

use super::cases::close;
use super::searches_of_5::{compare, search, text, titles};
use super::{BOTH, Lab, alert, around, case, effect, lab, task};
use crate::bindings::synapse::thehive::alerts::{AlertPatch, CustomField, CustomValue, Tlp};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::query::{Choice, Condition, Found, Kind, Order, Place, Search, Span, Value};
use crate::bindings::synapse::thehive::tasks::NewLog;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::thehive::{Count, CreateLog, Find, GetObservable, ListObservables, PromoteAlert, UpdateAlert};

/// Three cases: an open one with a field, one that was a false positive, and a red one.
async fn cases(lab: &Lab) {
    let mut one = case("One mail");
    one.case.custom_fields = vec![CustomField {
        name: "score".to_owned(),
        value: CustomValue::Number(1.5),
    }];
    one.case.tlp = Tlp::Green;
    lab.send(&one, &effect("one", false)).await.unwrap();
    let mut two = case("Two mails");
    two.case.tlp = Tlp::Amber;
    let closed = lab.send(&two, &effect("two", false)).await.unwrap().answer.id;
    lab.send(&close(&closed, "FalsePositive"), &effect("close", false))
        .await
        .unwrap();
    lab.send(&case("Three calls"), &effect("three", false)).await.unwrap();
}

fn equal(field: &str, value: Value) -> Vec<Condition> {
    vec![Condition::Equal(compare(field, value))]
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[tokio::test]
async fn conditions_in_the_words_of_5_find_the_same_at_both() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        cases(&lab).await;
        for (conditions, expected) in [
            (equal("number", Value::Integer(2)), 1),
            (equal("status", word("FalsePositive")), 1),
            (equal("status", word("Open")), 2),
            (equal("status", word("Resolved")), 0),
            (equal("stage", word("Closed")), 1),
            (equal("stage", word("InProgress")), 2),
            (equal("stage", word("New")), 0),
            (equal("tlp", Value::Integer(4)), 1),
            (equal("tlp", Value::Integer(3)), 0),
            (vec![Condition::Greater(compare("tlp", Value::Integer(2)))], 1),
            (vec![Condition::AtMost(compare("tlp", Value::Integer(3)))], 2),
            (vec![Condition::NotEqual(compare("status", word("Open")))], 1),
            (vec![Condition::Less(compare("number", Value::Integer(2)))], 1),
            (vec![Condition::AtLeast(compare("severity", Value::Integer(3)))], 3),
            (
                vec![Condition::Between(Span {
                    field: "number".to_owned(),
                    least: Value::Integer(1),
                    below: Value::Integer(3),
                })],
                2,
            ),
            (
                vec![Condition::OneOf(Choice {
                    field: "status".to_owned(),
                    values: vec![word("FalsePositive"), word("TruePositive")],
                })],
                1,
            ),
            (
                vec![Condition::OneOf(Choice {
                    field: "status".to_owned(),
                    values: Vec::new(),
                })],
                0,
            ),
            (vec![Condition::Has("assignee".to_owned())], 3),
            (vec![Condition::Has("customFields.score".to_owned())], 1),
            (equal("customFields.score", Value::Number(1.5)), 1),
            (
                vec![Condition::Greater(compare("customFields.score", Value::Number(1.0)))],
                1,
            ),
            (equal("flag", Value::Boolean(true)), 3),
            (equal("startDate", Value::Date(1_700_000_000_123)), 3),
            (vec![Condition::Like(text("title", "mails"))], 1),
            (
                [
                    equal("number", Value::Integer(1)),
                    equal("number", Value::Integer(3)),
                    vec![Condition::Any(vec![0, 1])],
                ]
                .concat(),
                2,
            ),
            (
                [
                    equal("stage", word("Closed")),
                    vec![Condition::Not(0)],
                    equal("number", Value::Integer(1)),
                    vec![Condition::All(vec![1, 2])],
                ]
                .concat(),
                1,
            ),
        ] {
            let asked = format!("{flavour} {conditions:?}");
            let search = search(Kind::Case, conditions);
            assert_eq!(titles(&lab, search.clone()).await.len(), expected, "{asked}");
            assert_eq!(lab.ask(&Count { search }).await.unwrap(), expected as u64, "{asked}");
        }
    }
}

#[tokio::test]
async fn texts_are_compared_whole_on_4_and_by_their_words_on_3_which_says_so() {
    let (old, new) = (lab("v3").await, lab("v4").await);
    cases(&old).await;
    cases(&new).await;
    for (condition, expected) in [
        (Condition::Equal(compare("title", word("One mail"))), 1),
        (Condition::StartsWith(text("title", "T")), 2),
        (Condition::EndsWith(text("title", "mails")), 1),
        (Condition::Like(text("title", "*mail*")), 2),
        (Condition::Like(text("summary", "*")), 1),
    ] {
        let search = search(Kind::Case, vec![condition]);
        assert_eq!(titles(&new, search.clone()).await.len(), expected, "{search:?}");
        let refused = old.ask(&Find { search, cursor: None }).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Unsupported(why) if why.contains("TheHive 3")),
            "{refused:?}"
        );
    }
    let part = search(Kind::Case, vec![Condition::Like(text("title", "ail"))]);
    assert_eq!(titles(&new, part).await.len(), 2, "a part of the text, as on 5");
}

#[tokio::test]
async fn what_3_deleted_is_not_found() {
    let lab = lab("v3").await;
    let id = lab.case().await;
    let path = ["api", "case", id.as_str()];
    let deleted = super::egress(&lab.sim.url())
        .write(&Request::new(Method::DELETE, path))
        .await
        .unwrap();
    assert!(deleted.is_success(), "an analyst deletes it");
    assert!(titles(&lab, search(Kind::Case, Vec::new())).await.is_empty());
    let all = search(Kind::Case, Vec::new());
    assert_eq!(lab.ask(&Count { search: all }).await.unwrap(), 0);
}

#[tokio::test]
async fn alerts_are_found_by_their_stage_and_their_case() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let mut ids = Vec::new();
        for n in ["1", "2", "3"] {
            ids.push(lab.create(&alert(n), &effect(n, false)).await.unwrap().answer.id);
        }
        let read = UpdateAlert {
            id: ids[1].clone(),
            patch: AlertPatch {
                status: Some("Ignored".to_owned()),
                ..super::alerts::nothing()
            },
        };
        lab.send(&read, &effect("read", false)).await.unwrap();
        let promote = PromoteAlert {
            alert_id: ids[2].clone(),
            assignee: None,
            case_template: None,
        };
        let case = lab.send(&promote, &effect("promote", false)).await.unwrap().answer.id;
        let found = async |search: Search| {
            let Found::Alerts(alerts) = lab.ask(&Find { search, cursor: None }).await.unwrap().found else {
                panic!()
            };
            alerts.into_iter().map(|alert| alert.id).collect::<Vec<_>>()
        };
        for (stage, at) in [("New", 0), ("Closed", 1), ("Imported", 2)] {
            let is = search(Kind::Alert, equal("stage", word(stage)));
            assert_eq!(found(is).await, [ids[at].clone()], "{flavour} {stage}");
        }
        let of_case = Search {
            place: Place::Case(case.clone()),
            ..search(Kind::Alert, Vec::new())
        };
        assert_eq!(found(of_case).await, [ids[2].clone()], "{flavour}");
        let case_of = |id: &str| Search {
            place: Place::Alert(id.to_owned()),
            ..search(Kind::Case, Vec::new())
        };
        assert_eq!(titles(&lab, case_of(&ids[2])).await.len(), 1, "{flavour}");
        assert!(titles(&lab, case_of(&ids[0])).await.is_empty(), "{flavour}");
        assert_eq!(
            lab.ask(&Count {
                search: case_of(&ids[0])
            })
            .await
            .unwrap(),
            0
        );
    }
}

#[tokio::test]
async fn every_kind_that_v0_has_is_found_and_the_others_say_that_it_has_none() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        let case = lab.case().await;
        let task = lab
            .send(&task(&case, "Communication"), &effect("task", false))
            .await
            .unwrap()
            .answer
            .id;
        let observable = around::observable_of(&lab, &case, "192.0.2.1").await;
        let bytes = super::Bytes::new();
        let log = CreateLog {
            log: NewLog {
                task_id: task.clone(),
                message: "From: a@example.org".to_owned(),
                date: None,
                dedup_key: None,
            },
            files: Vec::new(),
            spool: bytes.spool.clone(),
        };
        lab.send(&log, &effect("log", false)).await.unwrap();
        let count = async |kind, place: &Place| {
            let search = Search {
                place: place.clone(),
                ..search(kind, Vec::new())
            };
            let page = lab.ask(&Find { search, cursor: None }).await?;
            Ok::<usize, Error>(match page.found {
                Found::Alerts(rows) => rows.len(),
                Found::Cases(rows) => rows.len(),
                Found::Tasks(rows) => rows.len(),
                Found::Logs(rows) => rows.len(),
                Found::Observables(rows) => rows.len(),
                Found::Users(rows) => rows.len(),
                other => panic!("{other:?}"),
            })
        };
        let below = [
            (Kind::Task, Place::Case(case.clone())),
            (Kind::Observable, Place::Case(case.clone())),
            (Kind::Log, Place::Task(task.clone())),
            (Kind::Case, Place::Task(task)),
            (Kind::Case, Place::Observable(observable.clone())),
        ];
        for (kind, place) in &below {
            assert_eq!(count(*kind, place).await, Ok(1), "{flavour} {kind:?} {place:?}");
        }
        for kind in [Kind::Case, Kind::Task, Kind::Log, Kind::Observable] {
            assert_eq!(count(kind, &Place::Everywhere).await, Ok(1), "{flavour} {kind:?}");
        }
        // 3 has no organisations: its administrator is one of the users.
        let users = if flavour == "v3" { 2 } else { 1 };
        assert_eq!(count(Kind::User, &Place::Everywhere).await, Ok(users), "{flavour}");
        for (kind, place) in [
            (Kind::Comment, Place::Case(case.clone())),
            (Kind::Procedure, Place::Everywhere),
            (Kind::Page, Place::Case(case.clone())),
            (Kind::Alert, Place::Observable(observable.clone())),
            (Kind::Observable, Place::Observable(observable)),
            (Kind::User, Place::Case(case)),
        ] {
            let refused = count(kind, &place).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Unsupported(why) if why.contains("TheHive 5")),
                "{refused:?}"
            );
        }
    }
}

#[tokio::test]
async fn d19_pages_end_where_the_guest_wants_and_lose_nothing() {
    for (flavour, field) in [
        ("v3", None),
        ("v4", None),
        ("v3", Some("number")),
        ("v4", Some("title")),
    ] {
        let lab = lab(flavour).await;
        for n in 0..7 {
            let title = format!("case {n}");
            lab.send(&case(&title), &effect(&title, false)).await.unwrap();
        }
        let mut search = search(Kind::Case, Vec::new());
        search.limit = 3;
        search.order = field.map(|field| Order {
            field: field.to_owned(),
            descending: false,
        });
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = lab
                .ask(&Find {
                    search: search.clone(),
                    cursor,
                })
                .await
                .unwrap();
            let Found::Cases(cases) = page.found else { panic!() };
            assert!(cases.len() <= 3, "{flavour}");
            seen.extend(cases.into_iter().map(|case| case.title));
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        seen.sort();
        let expected: Vec<String> = (0..7).map(|n| format!("case {n}")).collect();
        assert_eq!(seen, expected, "{flavour} {field:?}");
    }
}

#[tokio::test]
async fn row_24_a_grant_that_limits_alerts_limits_searches_and_reaches_observables_of_cases() {
    for flavour in BOTH {
        let lab = lab(flavour).await;
        lab.create(&alert("1"), &effect("1", false)).await.unwrap();
        let mut other = alert("2");
        other.alert.type_ = "mail".to_owned();
        lab.create(&other, &effect("2", false)).await.unwrap();
        let scopes = Scopes::from([("alert-type".to_owned(), ["mail".to_owned()].into())]);
        let find = Find {
            search: search(Kind::Alert, Vec::new()),
            cursor: None,
        };
        let Found::Alerts(found) = find.carry_out(&lab.client, &scopes).await.unwrap().found else {
            panic!()
        };
        let types: Vec<&str> = found.iter().map(|alert| alert.key.type_.as_str()).collect();
        assert_eq!(types, ["mail"], "{flavour}");
        let count = Count {
            search: search(Kind::Alert, Vec::new()),
        };
        assert_eq!(count.carry_out(&lab.client, &scopes).await.unwrap(), 1, "{flavour}");

        let case = lab.case().await;
        let id = around::observable_of(&lab, &case, "192.0.2.1").await;
        assert!(
            GetObservable { id }.carry_out(&lab.client, &scopes).await.is_ok(),
            "{flavour}"
        );
        if flavour == "v4" {
            let mut with = alert("3");
            with.alert.observables = vec![super::observable("ip", "192.0.2.9")];
            let owner = Owner::Alert(lab.create(&with, &effect("3", false)).await.unwrap().answer.id);
            let page = lab.ask(&ListObservables { owner, cursor: None }).await.unwrap();
            let id = page.observables[0].id.clone();
            let refused = GetObservable { id: id.clone() }.carry_out(&lab.client, &scopes).await;
            assert!(matches!(&refused, Err(Error::Unsupported(_))), "{refused:?}");
            assert!(
                lab.ask(&GetObservable { id }).await.is_ok(),
                "without a limit it is read"
            );
        }
    }
}
