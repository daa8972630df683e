//! Are cases made, found and read as the server holds them?

use serde_json::{Value, json};

use super::{Lab, MARKER, case, effect};
use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue, Severity};
use crate::bindings::synapse::thehive::cases::CaseFilter;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Write as _;
use crate::thehive::client::Options;
use crate::thehive::query::cursor::Place;
use crate::thehive::{FindCases, GetCase, query};

fn field(name: &str, value: CustomValue) -> CustomField {
    CustomField {
        name: name.to_owned(),
        value,
    }
}

fn find(tags: &[&str], title: Option<&str>, custom_fields: Vec<CustomField>, open: bool) -> FindCases {
    FindCases {
        filter: CaseFilter {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            title: title.map(str::to_owned),
            custom_fields,
            open,
        },
        cursor: None,
    }
}

#[tokio::test]
async fn a_new_case_holds_what_was_asked_and_the_marker_and_links_to_its_page() {
    let public = Options {
        public_url: Some("https://thehive.example/".to_owned()),
        ..Options::default()
    };
    let lab = Lab::with(json!({}), public).await;
    let mut call = case("Mail");
    call.case.custom_fields = vec![field("score", CustomValue::Number(2.5))];
    call.case.assignee = Some("synapse@soc.test".to_owned());
    let effect = effect("one", false);
    let made = lab.send(&call, &effect).await.unwrap().answer;
    assert_eq!((made.title.as_str(), made.severity), ("Mail", Severity::High));
    assert_eq!((made.status.as_str(), made.stage.as_str()), ("New", "New"));
    assert_eq!(made.tags, ["mail".to_owned(), effect.marker()]);
    assert_eq!(made.custom_fields, call.case.custom_fields);
    assert_eq!(made.link, format!("https://thehive.example/cases/{}/details", made.id));
    let sent = lab.last_body();
    assert_eq!(
        (
            &sent["tlp"],
            &sent["pap"],
            &sent["severity"],
            &sent["startDate"],
            &sent["flag"]
        ),
        (
            &json!(4),
            &json!(1),
            &json!(3),
            &json!(1_700_000_000_123_u64),
            &json!(true)
        )
    );
    let get = |id: String| GetCase { id };
    let by_id = lab.ask(&get(made.id.clone())).await.unwrap();
    assert_eq!(lab.ask(&get(made.number.to_string())).await.unwrap(), by_id);
    assert_eq!((by_id.id, by_id.created_at), (made.id, made.created_at));
    assert_eq!(lab.ask(&get("~999999999".to_owned())).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_marker_in_a_custom_field_is_neither_shown_to_guests_nor_written_by_them() {
    let options = Options {
        marker_field: Some("synapse-ref".to_owned()),
        ..Options::default()
    };
    let lab = Lab::with(json!({}), options).await;
    let effect = effect("one", false);
    let made = lab.send(&case("Mail"), &effect).await.unwrap().answer;
    assert!(made.custom_fields.is_empty() && !made.tags.iter().any(|tag| tag.starts_with(MARKER)));
    assert_eq!(
        lab.last_body()["customFields"],
        json!([{"name": "synapse-ref", "value": effect.marker()}])
    );
    let mut forged = case("Other");
    forged.case.custom_fields = vec![field("synapse-ref", CustomValue::Text(effect.marker()))];
    assert!(matches!(
        lab.send(&forged, &effect).await.unwrap_err().error,
        Error::Invalid(_)
    ));
    assert_eq!(lab.effects(), 1);
}

#[tokio::test]
async fn of_several_cases_with_one_marker_the_oldest_is_ours() {
    let effect = effect("one", false);
    let copy = |title: &str| json!({"title": title, "description": "", "assignee": "synapse@soc.test", "tags": [effect.marker()]});
    let lab = Lab::with(json!({"cases": [copy("first"), copy("second")]}), Options::default()).await;
    let found = case("first").probe(&lab.client, &effect).await.unwrap().unwrap();
    assert_eq!(found.title, "first");
}

#[tokio::test]
async fn cases_are_found_by_tags_title_custom_fields_and_stage() {
    let lab = Lab::start().await;
    let mut one = case("Mail");
    one.case.tags = vec!["mail".to_owned(), "conversation:1".to_owned()];
    one.case.custom_fields = vec![field("score", CustomValue::Number(1.0))];
    let id = lab.send(&one, &effect("one", false)).await.unwrap().answer.id;
    let other = lab
        .send(&case("Other"), &effect("other", false))
        .await
        .unwrap()
        .answer
        .id;
    let found = async |call: FindCases| {
        let page = lab.ask(&call).await.unwrap();
        page.cases.into_iter().map(|case| case.id).collect::<Vec<_>>()
    };
    assert_eq!(
        found(find(&["mail"], None, Vec::new(), true)).await,
        [other.clone(), id.clone()]
    );
    assert_eq!(
        found(find(&["mail", "conversation:1"], None, Vec::new(), false)).await,
        std::slice::from_ref(&id)
    );
    assert_eq!(found(find(&[], Some("Other"), Vec::new(), false)).await, [other]);
    let score = vec![field("score", CustomValue::Number(1.0))];
    assert_eq!(found(find(&[], None, score, false)).await, [id]);
    assert_eq!(
        found(find(&["absent"], None, Vec::new(), false)).await,
        Vec::<String>::new()
    );
    let refused = lab.ask(&find(&[], None, Vec::new(), true)).await;
    assert!(matches!(refused, Err(Error::Invalid(argument)) if argument.field == "filter"));
}

#[tokio::test]
async fn d19_every_case_is_seen_once_although_others_are_made_between_the_pages() {
    let many: Vec<Value> = (0..230)
        .map(|n| json!({"title": format!("{n}"), "description": "", "assignee": "synapse@soc.test", "tags": ["mail"]}))
        .collect();
    let lab = Lab::with(json!({"cases": many}), Options::default()).await;
    let mut call = find(&["mail"], None, Vec::new(), false);
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = lab.ask(&call).await.unwrap();
        assert!(page.cases.len() <= 100);
        seen.extend(page.cases.into_iter().map(|case| case.title));
        pages += 1;
        let Some(cursor) = page.cursor else { break };
        call.cursor = Some(cursor);
        let name = format!("late {pages}");
        lab.send(&case(&name), &effect(&name, false)).await.unwrap();
    }
    seen.sort();
    let mut expected: Vec<String> = (0..230).map(|n| n.to_string()).collect();
    expected.sort();
    assert_eq!((seen, pages), (expected, 3));
    call.filter.title = Some("another list".to_owned());
    assert_eq!(lab.ask(&call).await, Err(Error::ResyncRequired));
}

#[tokio::test]
async fn a_page_of_large_cases_is_shorter_instead_of_too_large() {
    let large = "x".repeat(400_000);
    let many: Vec<Value> = (0..30)
        .map(|n| json!({"title": format!("{n}"), "description": large, "assignee": "synapse@soc.test", "tags": ["mail"]}))
        .collect();
    let lab = Lab::with(json!({"cases": many}), Options::default()).await;
    let page = lab.ask(&find(&["mail"], None, Vec::new(), false)).await.unwrap();
    assert!(!page.cases.is_empty() && page.cases.len() < 30 && page.cursor.is_some());
}

#[tokio::test]
async fn row_65_another_case_than_asked_for_is_not_an_answer() {
    let lab = Lab::start().await;
    let id = lab.case().await;
    let swapped = json!({"_id": "~1", "number": 77, "title": "x", "severity": 1, "startDate": 1, "status": "New", "stage": "New",
        "_createdAt": 1});
    lab.fault("GET", "/api/v1/case/*", &json!({"body": swapped}));
    let answer = lab.ask(&GetCase { id }).await;
    assert!(
        matches!(&answer, Err(Error::Other(other)) if other.code == "upstream-inconsistent"),
        "{answer:?}"
    );
    lab.fault("POST", "/api/v1/query*", &json!({"body": [swapped]}));
    assert!(case("Mail").probe(&lab.client, &effect("one", false)).await.is_err());
}

#[test]
fn row_27_a_search_is_typed_parts_whatever_the_values_hold() {
    let hostile = "\"}]},{\"_name\":\"x\"";
    let call = find(
        &[hostile],
        Some("_or"),
        vec![field("score", CustomValue::Integer(1))],
        true,
    );
    let place = Place { created_at: 5, seen: 2 };
    let query = serde_json::to_value(query::cases(&call.filter, Some(&place), 101)).unwrap();
    let is = |field: &str, value: Value| json!({"_is": {"_field": field, "_value": value}});
    let expected = json!({"query": [
        {"_name": "listCase"},
        {"_name": "filter", "_and": [
            is("tags", json!(hostile)), is("title", json!("_or")), is("customFields.score", json!(1)),
            {"_in": {"_field": "stage", "_values": ["InProgress", "New"]}},
            {"_lte": {"_field": "_createdAt", "_value": 5}},
        ]},
        {"_name": "sort", "_fields": [{"_createdAt": "desc"}]},
        {"_name": "page", "from": 2, "to": 103},
    ]});
    assert_eq!(query, expected);
}
