//! Does a guest's search find what it says, whole and only that?

use crate::gate::observed::CarryOutRead as _;
use synapse_domain::permission::Scopes;

use super::{Lab, alert, case, effect};
use crate::bindings::synapse::thehive::query::{
    Choice, Comparison, Condition, Filter, Found, Kind, Order, Place, Search, Span, TextMatch, Value,
};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::{Count, Find};

pub(super) fn search(kind: Kind, conditions: Vec<Condition>) -> Search {
    Search {
        kind,
        place: Place::Everywhere,
        filter: (!conditions.is_empty()).then_some(Filter { conditions }),
        order: None,
        limit: 100,
    }
}

pub(super) fn compare(field: &str, value: Value) -> Comparison {
    Comparison {
        field: field.to_owned(),
        value,
    }
}

pub(super) fn text(field: &str, text: &str) -> TextMatch {
    TextMatch {
        field: field.to_owned(),
        text: text.to_owned(),
    }
}

pub(super) async fn titles(lab: &Lab, search: Search) -> Vec<String> {
    let page = lab.ask(&Find { search, cursor: None }).await.unwrap();
    match page.found {
        Found::Cases(cases) => cases.into_iter().map(|case| case.title).collect(),
        Found::Alerts(alerts) => alerts.into_iter().map(|alert| alert.title).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_condition_reaches_the_server_as_what_it_is() {
    let lab = Lab::start().await;
    for title in ["One mail", "Two mails", "Three calls"] {
        lab.send(&case(title), &effect(title, false)).await.unwrap();
    }
    let is = |title: &str| Condition::Equal(compare("title", Value::Text(title.to_owned())));
    for (conditions, expected) in [
        (vec![is("One mail")], 1),
        (
            vec![Condition::NotEqual(compare(
                "title",
                Value::Text("One mail".to_owned()),
            ))],
            2,
        ),
        (vec![is("One mail"), is("Two mails"), Condition::Any(vec![0, 1])], 2),
        (vec![is("One mail"), Condition::Not(0)], 2),
        (
            vec![
                is("One mail"),
                Condition::Greater(compare("number", Value::Integer(0))),
                Condition::All(vec![0, 1]),
            ],
            1,
        ),
        (vec![Condition::Less(compare("number", Value::Integer(2)))], 1),
        (vec![Condition::AtMost(compare("number", Value::Integer(2)))], 2),
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
                field: "title".to_owned(),
                values: vec![Value::Text("One mail".to_owned()), Value::Text("no".to_owned())],
            })],
            1,
        ),
        (vec![Condition::StartsWith(text("title", "T"))], 2),
        (vec![Condition::EndsWith(text("title", "mails"))], 1),
        (vec![Condition::Like(text("title", "*mail*"))], 2),
        (vec![Condition::Has("assignee".to_owned())], 3),
        (vec![Condition::Equal(compare("flag", Value::Boolean(true)))], 3),
        (
            vec![Condition::Equal(compare("startDate", Value::Date(1_700_000_000_123)))],
            3,
        ),
    ] {
        let asked = format!("{conditions:?}");
        let search = search(Kind::Case, conditions);
        assert_eq!(titles(&lab, search.clone()).await.len(), expected, "{asked}");
        assert_eq!(lab.ask(&Count { search }).await.unwrap(), expected as u64, "{asked}");
    }
}

#[tokio::test]
async fn pages_by_time_lose_nothing_when_something_is_made_meanwhile_and_other_orders_page_by_row() {
    let lab = Lab::start().await;
    for n in 0..7 {
        let title = format!("case {n}");
        lab.send(&case(&title), &effect(&title, false)).await.unwrap();
    }
    for field in [None, Some("title")] {
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
            assert!(cases.len() <= 3);
            seen.extend(cases.into_iter().map(|case| case.title));
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
            if field.is_none() {
                let name = format!("later {}", lab.effects());
                lab.send(&case(&name), &effect(&name, false)).await.unwrap();
            }
        }
        for n in 0..7 {
            let title = format!("case {n}");
            assert_eq!(
                seen.iter().filter(|seen| **seen == title).count(),
                1,
                "{field:?} {title}"
            );
        }
    }
    let other = Find {
        search: search(Kind::Alert, Vec::new()),
        cursor: Some("x".to_owned()),
    };
    assert!(lab.ask(&other).await.is_err());
}

#[tokio::test]
async fn every_kind_is_found_everywhere_and_below_what_it_belongs_to() {
    let lab = Lab::start().await;
    let (task, alert) = (
        lab.task().await,
        lab.create(&alert("1"), &effect("a", false)).await.unwrap().answer.id,
    );
    let case = lab.case().await;
    let observable = super::around::observable_of(&lab, &case, "192.0.2.1").await;
    for kind in [
        Kind::Alert,
        Kind::Case,
        Kind::Task,
        Kind::Log,
        Kind::Observable,
        Kind::Comment,
        Kind::Procedure,
        Kind::Page,
        Kind::User,
    ] {
        lab.ask(&Find {
            search: search(kind, Vec::new()),
            cursor: None,
        })
        .await
        .unwrap();
    }
    for (kind, place) in [
        (Kind::Observable, Place::Case(case.clone())),
        (Kind::Task, Place::Case(case.clone())),
        (Kind::Alert, Place::Case(case.clone())),
        (Kind::Page, Place::Case(case.clone())),
        (Kind::Comment, Place::Alert(alert.clone())),
        (Kind::Procedure, Place::Alert(alert.clone())),
        (Kind::Case, Place::Alert(alert)),
        (Kind::Log, Place::Task(task.clone())),
        (Kind::Case, Place::Task(task)),
        (Kind::Case, Place::Observable(observable.clone())),
        (Kind::Observable, Place::Observable(observable)),
    ] {
        let asked = format!("{kind:?} {place:?}");
        let search = Search {
            place,
            ..search(kind, Vec::new())
        };
        assert!(lab.ask(&Find { search, cursor: None }).await.is_ok(), "{asked}");
    }
}

#[tokio::test]
async fn row_24_a_grant_that_limits_alerts_limits_searches_and_where_it_cannot_they_are_denied() {
    let lab = Lab::start().await;
    lab.create(&alert("1"), &effect("1", false)).await.unwrap();
    let mut other = alert("2");
    other.alert.type_ = "mail".to_owned();
    lab.create(&other, &effect("2", false)).await.unwrap();
    let scopes = Scopes::from([("alert-type".to_owned(), ["mail".to_owned()].into())]);
    let find = |kind| Find {
        search: search(kind, Vec::new()),
        cursor: None,
    };
    let Found::Alerts(found) = find(Kind::Alert).carry_out(&lab.client, &scopes).await.unwrap().found else {
        panic!()
    };
    assert_eq!(
        found.iter().map(|alert| alert.key.type_.as_str()).collect::<Vec<_>>(),
        ["mail"]
    );
    let count = Count {
        search: search(Kind::Alert, Vec::new()),
    };
    assert_eq!(count.carry_out(&lab.client, &scopes).await.unwrap(), 1);
    for kind in [Kind::Observable, Kind::Comment, Kind::Procedure] {
        assert!(matches!(
            find(kind).carry_out(&lab.client, &scopes).await,
            Err(Error::Denied(_))
        ));
    }
}

#[tokio::test]
async fn row_27_no_word_of_a_guest_becomes_an_operator_and_trees_are_trees() {
    let lab = Lab::start().await;
    let is = |field: &str| Condition::Equal(compare(field, Value::Text("x".to_owned())));
    let before = lab.requests("POST", "/api/v1/query");
    for conditions in [
        vec![is("title\":{\"_any\":1}")],
        vec![is("")],
        vec![is("a.b")],
        vec![is("customFields.")],
        vec![is("customFields.a.b")],
        vec![is(&"x".repeat(200))],
        vec![Condition::Id("~1 or 1".to_owned())],
        vec![Condition::Not(0)],
        vec![is("title"), Condition::Any(vec![0, 0])],
        vec![is("title"), is("title")],
        vec![Condition::All(vec![1]), is("title")],
        vec![Condition::All(Vec::new())],
        vec![Condition::Equal(compare("number", Value::Number(f64::NAN)))],
        (0..101).map(|_| is("title")).collect(),
    ] {
        let asked = format!("{conditions:?}");
        let answer = lab
            .ask(&Find {
                search: search(Kind::Case, conditions),
                cursor: None,
            })
            .await;
        assert!(matches!(answer, Err(Error::Invalid(_))), "{asked}");
    }
    for limit in [0, 101] {
        let search = Search {
            limit,
            ..search(Kind::Case, Vec::new())
        };
        assert!(lab.ask(&Find { search, cursor: None }).await.is_err());
    }
    let nowhere = Search {
        place: Place::Task("~1".to_owned()),
        ..search(Kind::Page, Vec::new())
    };
    assert!(
        lab.ask(&Find {
            search: nowhere,
            cursor: None
        })
        .await
        .is_err()
    );
    assert_eq!(lab.requests("POST", "/api/v1/query"), before);
}
