//! Does the janitor delete what nobody waits for, and nothing else?

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::super::client::Options;
use super::super::permission::Domains;
use super::console::{client, client_with, console, effects, events, fault, offenses, options, search, sim};

#[tokio::test]
async fn a_search_that_could_not_be_deleted_is_deleted_later_by_its_own_connection_only() {
    let console = console(json!({"offenses": offenses([42]), "events": events(5)})).await;
    let (ours, again) = (client(&console), client(&console));
    let other = client_with(
        &console,
        "sim-token",
        Options {
            source_id: "another".to_owned(),
            ..options()
        },
    );
    fault(&console, json!({"method": "DELETE"}), json!({"status": 500}), 1);
    assert!(ours.run_searches(&[search(10, Vec::new())], &Domains::All).await[0].is_ok());
    assert_eq!(console.target.dump()["searches"].as_array().unwrap().len(), 1);
    assert_eq!(other.janitor(Duration::ZERO).await, Ok(0));
    assert_eq!(
        again.janitor(Duration::from_secs(3_600)).await,
        Ok(0),
        "it was only just seen"
    );
    assert_eq!(
        again.janitor(Duration::ZERO).await,
        Ok(1),
        "as after a restart of the process"
    );
    assert_eq!(effects(&console, "POST"), effects(&console, "DELETE"));
    assert_eq!(again.janitor(Duration::ZERO).await, Ok(0));
}

#[tokio::test]
async fn a_search_under_way_and_the_searches_of_people_are_left_alone() {
    let console = console(json!({"offenses": offenses([42]), "events": events(5)})).await;
    let client = client(&console);
    fault(
        &console,
        json!({"method": "GET", "path": "/ariel/searches/synapse_"}),
        json!({"hold": "poll"}),
        1,
    );
    let searches = [search(10, Vec::new())];
    let running = client.run_searches(&searches, &Domains::All);
    let sweeping = async {
        sim(
            &console,
            Method::GET,
            "held",
            &[("name", "poll"), ("wait_ms", "20000")],
            None,
        )
        .await;
        let deleted = client.janitor(Duration::ZERO).await;
        sim(&console, Method::POST, "release", &[], Some(json!({"name": "poll"}))).await;
        deleted
    };
    let (answers, deleted) = tokio::join!(running, sweeping);
    assert_eq!(deleted, Ok(0));
    assert_eq!(answers[0].as_ref().unwrap().rows.len(), 5);
}
