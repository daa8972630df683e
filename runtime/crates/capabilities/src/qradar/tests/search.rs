//! Does a search bring every row, once, and is nothing left behind?

use serde_json::json;

use super::super::client::{Client, Options};
use super::super::permission::Domains;
use super::super::query::PAYLOADS;
use super::console::{
    START, asked, client, client_with, console, effects, events, first_column, offenses, options, search,
};
use crate::bindings::synapse::qradar::ariel::{
    Aggregate, Cell, Comparison, Condition, Expression, Lookup, Order, Search, SearchResult, Selection, Value,
};
use crate::bindings::synapse::workflow::types::Error;

async fn one(client: &Client, search: Search) -> Result<SearchResult, Error> {
    client.run_searches(&[search], &Domains::All).await.remove(0)
}

fn named(comparison: Comparison, text: &str) -> Condition {
    Condition {
        column: "username".to_owned(),
        comparison,
        value: Value::Text(text.to_owned()),
    }
}

#[tokio::test]
async fn d39_every_row_arrives_once_around_a_part_of_a_thousand() {
    for count in [0, 999, 1_000, 1_001, 2_500] {
        let console = console(json!({"offenses": offenses([42]), "events": events(count)})).await;
        let result = one(&client(&console), search(10_000, Vec::new())).await.unwrap();
        let expected: Vec<i64> = (0..count).map(|n| i64::try_from(START + n).unwrap()).collect();
        assert_eq!(first_column(&result.rows), expected, "{count} events");
        assert!(!result.truncated);
        let parts = usize::try_from(count.div_ceil(1_000).max(1)).unwrap();
        assert_eq!(asked(&console, "GET", "/results"), parts, "{count} events");
    }
}

#[tokio::test]
async fn the_limit_cuts_and_says_so() {
    let console = console(json!({"offenses": offenses([42]), "events": events(50)})).await;
    let result = one(&client(&console), search(10, Vec::new())).await.unwrap();
    assert_eq!((result.rows.len(), result.truncated), (10, true));
}

#[tokio::test]
async fn a_search_is_named_by_us_and_deleted_after_reading() {
    let console = console(json!({"offenses": offenses([42]), "events": events(5)})).await;
    one(&client(&console), search(10, Vec::new())).await.unwrap();
    let (created, deleted) = (effects(&console, "POST"), effects(&console, "DELETE"));
    assert!(created.len() == 1 && created[0].starts_with("synapse_") && created[0].len() == 40);
    assert_eq!(created, deleted);
    assert_eq!(console.target.dump()["searches"], json!([]));
}

#[tokio::test]
async fn d44_the_query_is_in_the_body_and_not_in_the_address() {
    let console = console(json!({"offenses": offenses([42]), "events": events(5)})).await;
    let many = (0..15)
        .map(|n| named(Comparison::NotEqual, &format!("{n}{}", "ü".repeat(900))))
        .collect();
    let result = one(&client(&console), search(10, many)).await.unwrap();
    assert_eq!(result.rows.len(), 5);
    let requests = console.control.requests(0);
    let created = requests.iter().find(|request| request.method == "POST").unwrap();
    assert!(
        created.path.len() < 100 && created.body_bytes > 8_190,
        "{} {}",
        created.path,
        created.body_bytes
    );
    let sent = console.control.effects(0)[0].body["query_expression"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(sent.contains(&"ü".repeat(900)), "UTF-8 end to end");
}

#[tokio::test]
async fn groups_lookups_and_aggregates_fill_the_selection() {
    let console = console(json!({"offenses": offenses([42]), "events": events(6)})).await;
    let select = |expression, alias: &str| Selection {
        expression,
        alias: alias.to_owned(),
    };
    let wanted = Search {
        selection: vec![
            select(Expression::Column("domainid".to_owned()), "domain"),
            select(Expression::Lookup((Lookup::QidName, "qid".to_owned())), "event"),
            select(Expression::Aggregate((Aggregate::Sum, "eventcount".to_owned())), "sum"),
            select(Expression::Count, "n"),
        ],
        group_by: vec!["domainid".to_owned()],
        order: Some(Order {
            alias: "domain".to_owned(),
            descending: true,
        }),
        ..search(10, Vec::new())
    };
    let rows = one(&client(&console), wanted).await.unwrap().rows;
    let row = |domain| {
        vec![
            Cell::Integer(domain),
            Cell::Text("Login Failure".to_owned()),
            Cell::Number(4.0),
            Cell::Number(2.0),
        ]
    };
    assert_eq!(rows, [row(2), row(1), row(0)]);
}

/// Threat rows 26 and 63, seen from the console: each payload is one literal that matches itself and nothing else.
#[tokio::test]
async fn every_payload_matches_exactly_the_event_that_holds_it() {
    let mut all = events(u64::try_from(PAYLOADS.len()).unwrap());
    for (event, payload) in all.iter_mut().zip(PAYLOADS) {
        event["username"] = json!(payload);
    }
    let console = console(json!({"offenses": offenses([42]), "events": all})).await;
    let client = client_with(
        &console,
        "sim-token",
        Options {
            searches: 8,
            ..options()
        },
    );
    let searches: Vec<Search> = PAYLOADS
        .iter()
        .map(|text| search(100, vec![named(Comparison::Equal, text)]))
        .collect();
    let answers = client.run_searches(&searches, &Domains::All).await;
    for (payload, answer) in PAYLOADS.iter().zip(answers) {
        let users: Vec<Cell> = answer.unwrap().rows.into_iter().map(|mut row| row.remove(2)).collect();
        let expected = PAYLOADS
            .iter()
            .filter(|other| *other == payload)
            .map(|text| Cell::Text((*text).to_owned()));
        assert_eq!(users, expected.collect::<Vec<_>>(), "{payload:?}");
    }
    let contained: Vec<Search> = PAYLOADS
        .iter()
        .map(|text| search(100, vec![named(Comparison::Contains, text)]))
        .collect();
    for (payload, answer) in PAYLOADS
        .iter()
        .zip(client.run_searches(&contained, &Domains::All).await)
    {
        let hits = answer.unwrap().rows.len();
        let expected = PAYLOADS
            .iter()
            .filter(|text| text.to_lowercase().contains(&payload.to_lowercase()))
            .count();
        assert_eq!(hits, expected, "{payload:?}");
    }
    assert_eq!(console.target.dump()["searches"], json!([]));
}

#[tokio::test]
async fn answers_keep_the_order_and_one_bad_search_costs_only_itself() {
    let console = console(json!({"offenses": offenses([42]), "events": events(5)})).await;
    let mut unknown_column = search(10, Vec::new());
    unknown_column.selection[0].expression = Expression::Column("nonsense".to_owned());
    let searches = [
        search(1, Vec::new()),
        search(0, Vec::new()),
        unknown_column,
        search(3, Vec::new()),
    ];
    let answers = client(&console).run_searches(&searches, &Domains::All).await;
    assert_eq!(answers[0].as_ref().unwrap().rows.len(), 1);
    assert!(matches!(&answers[1], Err(Error::Invalid(argument)) if argument.field == "searches[1].limit"));
    assert!(matches!(&answers[2], Err(Error::Invalid(argument)) if argument.reason.contains("nonsense")));
    assert_eq!(answers[3].as_ref().unwrap().rows.len(), 3);
    assert_eq!(
        effects(&console, "DELETE").len(),
        2,
        "what was refused does not exist and is not deleted"
    );
}

#[tokio::test]
async fn no_more_searches_than_slots_are_under_way() {
    let console = console(json!({"offenses": offenses([42]), "events": events(5)})).await;
    let client = client(&console);
    let searches: Vec<Search> = (0..12).map(|_| search(10, Vec::new())).collect();
    let (one, two) = tokio::join!(
        client.run_searches(&searches, &Domains::All),
        client.run_searches(&searches, &Domains::All)
    );
    assert!(one.iter().chain(&two).all(Result::is_ok));
    assert!(
        console.control.in_flight_max() <= 2,
        "{}",
        console.control.in_flight_max()
    );
}

#[tokio::test]
async fn a_hundred_searches_are_one_call_and_more_are_refused() {
    let console = console(json!({"offenses": offenses([42])})).await;
    let searches: Vec<Search> = (0..101).map(|_| search(10, Vec::new())).collect();
    let answers = client(&console).run_searches(&searches, &Domains::All).await;
    assert!(answers.len() == 101 && answers.iter().all(|answer| matches!(answer, Err(Error::Invalid(_)))));
    assert!(console.control.requests(0).is_empty());
}

#[tokio::test]
async fn equal_searches_at_once_never_read_or_delete_each_others_results() {
    let console = console(json!({"offenses": offenses([42]), "events": events(1_500)})).await;
    let (one_node, other_node) = (client(&console), client(&console));
    let searches: Vec<Search> = (0..6).map(|_| search(10_000, Vec::new())).collect();
    let (one, two) = tokio::join!(
        one_node.run_searches(&searches, &Domains::All),
        other_node.run_searches(&searches, &Domains::All)
    );
    assert!(
        one.iter()
            .chain(&two)
            .all(|answer| answer.as_ref().unwrap().rows.len() == 1_500)
    );
    assert_eq!(effects(&console, "POST").len(), 12);
    assert_eq!(console.target.dump()["searches"], json!([]));
}

#[tokio::test]
async fn answers_that_do_not_fit_the_journal_together_are_refused_one_by_one() {
    let mut all = events(60);
    all.iter_mut()
        .for_each(|event| event["username"] = json!("x".repeat(50_000)));
    let console = console(json!({"offenses": offenses([42]), "events": all})).await;
    let answers = client(&console)
        .run_searches(&[search(40, Vec::new()), search(40, Vec::new())], &Domains::All)
        .await;
    assert_eq!(answers[0].as_ref().unwrap().rows.len(), 40);
    assert!(matches!(answers[1], Err(Error::TooLarge(_))));
    let alone = one(&client(&console), search(100, Vec::new())).await;
    assert!(matches!(alone, Ok(result) if result.rows.len() == 60), "3 MB fit");
}
