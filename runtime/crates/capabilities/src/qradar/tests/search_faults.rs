//! Does a search survive what a console does to it, and end when it should?

use std::time::Duration;

use serde_json::{Value, json};
use synapse_sim::start::Simulator;

use super::super::client::{Client, Options};
use super::super::permission::Domains;
use super::console::{asked, client, client_with, console, effects, events, fault, offenses, options, search};
use crate::bindings::synapse::qradar::ariel::SearchResult;
use crate::bindings::synapse::workflow::types::Error;

async fn run(client: &Client) -> Result<SearchResult, Error> {
    client
        .run_searches(&[search(10_000, Vec::new())], &Domains::All)
        .await
        .remove(0)
}

async fn with(ariel: Value) -> Simulator {
    console(json!({"offenses": offenses([42]), "events": events(30), "ariel": ariel})).await
}

fn impatient(console: &Simulator) -> Client {
    client_with(
        console,
        "sim-token",
        Options {
            search_deadline: Duration::from_millis(300),
            ..options()
        },
    )
}

fn left(console: &Simulator) -> Value {
    console.target.dump()["searches"].clone()
}

#[tokio::test]
async fn d37_r4_a_search_that_ends_without_results_is_an_error_is_not_read_and_is_deleted() {
    for (end, code) in [("CANCELED", "ariel-canceled"), ("ERROR", "ariel-error")] {
        let console = with(json!({"end": end, "polls_until_done": 3})).await;
        let failed = run(&client(&console)).await;
        assert!(matches!(failed, Err(Error::Other(error)) if error.code == code));
        assert_eq!(asked(&console, "GET", "/results"), 0);
        assert_eq!(left(&console), json!([]));
    }
}

#[tokio::test]
async fn d37_a_state_nobody_knows_is_an_end() {
    let console = with(json!({})).await;
    fault(
        &console,
        json!({"method": "GET", "path": "/ariel/searches/synapse_"}),
        json!({"body": {"status": "PAUSED"}}),
        -1,
    );
    assert!(matches!(run(&client(&console)).await, Err(Error::Other(error)) if error.code == "ariel-status"));
}

#[tokio::test]
async fn d37_a_search_that_never_ends_is_given_up_at_its_deadline_and_deleted() {
    let console = with(json!({"done_after_ms": 1_000_000_000})).await;
    let failed = run(&impatient(&console)).await;
    assert!(matches!(failed, Err(Error::Unavailable(why)) if why.contains("did not end within")));
    assert_eq!(effects(&console, "POST"), effects(&console, "DELETE"));
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn d38_faults_while_polling_do_not_end_the_search() {
    let console = with(json!({"polls_until_done": 2})).await;
    let poll = json!({"method": "GET", "path": "/ariel/searches/synapse_"});
    let page = json!({"status": 200, "raw_body": "<html>", "headers": {"content-type": "text/html"}});
    for action in [
        json!({"drop_response": true}),
        json!({"status": 500}),
        json!({"status": 502}),
        page,
        json!({"reset_after_bytes": 40}),
    ] {
        fault(&console, poll.clone(), action, 1);
    }
    assert_eq!(run(&client(&console)).await.unwrap().rows.len(), 30);
    assert_eq!(
        console
            .control
            .faults()
            .list()
            .iter()
            .map(|fault| fault.fired)
            .collect::<Vec<_>>(),
        [1; 5]
    );
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn d38_polling_starts_at_once_and_its_pause_grows() {
    let console = with(json!({"polls_until_done": 4})).await;
    run(&client(&console)).await.unwrap();
    let polls = asked(&console, "GET", "/ariel/searches/synapse_") - asked(&console, "GET", "/results");
    assert_eq!(polls, 4, "one poll per state, none by a fixed interval");
}

#[tokio::test]
async fn d38_trouble_that_lasts_ends_at_the_deadline_and_is_named() {
    let console = with(json!({})).await;
    fault(
        &console,
        json!({"method": "GET", "path": "/ariel/searches/synapse_"}),
        json!({"status": 503}),
        -1,
    );
    let failed = run(&impatient(&console)).await;
    assert!(matches!(failed, Err(Error::Unavailable(why)) if why.contains("last trouble") && why.contains("503")));
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn a_lost_answer_to_the_creation_is_adopted_by_name() {
    let console = with(json!({})).await;
    fault(
        &console,
        json!({"method": "POST", "path": "/ariel/searches"}),
        json!({"drop_response": true}),
        1,
    );
    assert_eq!(run(&client(&console)).await.unwrap().rows.len(), 30);
    assert_eq!(asked(&console, "POST", "/ariel/searches"), 2);
    assert_eq!(effects(&console, "POST").len(), 1, "the second was refused: 409/1004");
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn an_answer_to_the_creation_that_cannot_be_read_is_adopted_as_well() {
    let console = with(json!({})).await;
    fault(
        &console,
        json!({"method": "POST", "path": "/ariel/searches"}),
        json!({"reset_after_bytes": 150}),
        1,
    );
    assert_eq!(run(&client(&console)).await.unwrap().rows.len(), 30);
    assert_eq!(effects(&console, "POST").len(), 1);
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn a_busy_console_is_asked_again() {
    let console = with(json!({"busy": 3})).await;
    assert_eq!(run(&client(&console)).await.unwrap().rows.len(), 30);
    assert_eq!(asked(&console, "POST", "/ariel/searches"), 4);
}

#[tokio::test]
async fn a_console_that_stays_busy_is_given_up_at_the_deadline() {
    let console = with(json!({"busy": 1_000_000})).await;
    assert!(matches!(run(&impatient(&console)).await, Err(Error::Unavailable(why)) if why.contains("503/1010")));
}

#[tokio::test]
async fn a_search_that_vanished_is_made_anew() {
    let console = with(json!({})).await;
    let gone = json!({"status": 404, "body": {"code": 1002, "message": "Query does not exist", "http_response": {"code": 404}}});
    fault(&console, json!({"method": "GET", "path": "/results"}), gone.clone(), 1);
    fault(
        &console,
        json!({"method": "GET", "path": "/ariel/searches/synapse_"}),
        gone,
        1,
    );
    assert_eq!(run(&client(&console)).await.unwrap().rows.len(), 30);
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn results_that_are_not_there_yet_are_waited_for() {
    let console = with(json!({})).await;
    let early = json!({"status": 404, "body": {"code": 1003, "message": "has no results yet"}});
    fault(&console, json!({"method": "GET", "path": "/results"}), early, 2);
    assert_eq!(run(&client(&console)).await.unwrap().rows.len(), 30);
    assert_eq!(effects(&console, "POST").len(), 1, "it is the same search");
}

#[tokio::test]
async fn a_200_that_is_cut_off_is_read_in_smaller_parts_and_not_repaired() {
    let console = console(json!({"offenses": offenses([42]), "events": events(1_700)})).await;
    let cut = r#"{"events":[{"at":1,"ip":"10.0.0.1","us{"http_response":{"code":500,"message":"Unexpected internal server error"},"code":13,"message":"x"}"#;
    fault(
        &console,
        json!({"path": "/results"}),
        json!({"status": 200, "raw_body": cut}),
        2,
    );
    let result = run(&client(&console)).await.unwrap();
    assert_eq!(result.rows.len(), 1_700);
    let mut rows: Vec<String> = result.rows.iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), 1_700);
}

#[tokio::test]
async fn results_that_can_never_be_read_are_an_error() {
    let console = with(json!({})).await;
    fault(
        &console,
        json!({"path": "/results"}),
        json!({"status": 200, "raw_body": "{\"events\":["}),
        -1,
    );
    assert!(matches!(run(&client(&console)).await, Err(Error::Unreadable(_))));
    assert_eq!(left(&console), json!([]));
}

#[tokio::test]
async fn a_refused_query_is_not_repeated() {
    let console = with(json!({})).await;
    let mut foreign = search(10, Vec::new());
    foreign.offense = Some(43);
    let refused = client(&console).run_searches(&[foreign], &Domains::All).await.remove(0);
    assert!(matches!(refused, Err(Error::Invalid(argument)) if argument.reason.contains("Error loading Offense")));
    assert_eq!(asked(&console, "POST", "/ariel/searches"), 1);
    assert_eq!(asked(&console, "DELETE", "/ariel/searches"), 0);
}
