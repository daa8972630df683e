//! Does looking things up at the console ever stop an import, and is it asked decently?

use serde_json::{Value, json};
use synapse_sim::control::Request;
use synapse_tests::{Deployment, Options, World};

use crate::support::{self, IMPORT, address, alert, alerts, event, fault, import, load_console, message, offense};

/// An offense with two events, one of them to a remote address.
fn with_events(id: i64, at: i64) -> (Value, Vec<Value>) {
    let remote = json!({ "destinationip": "203.0.113.9" });
    let local = json!({ "destinationip": "10.0.0.5" });
    let one = offense(id, at, json!({ "event_count": 2, "remote_destination_count": 1 }));
    (one, vec![event(id, at - 1_000, remote), event(id, at - 2_000, local)])
}

fn description(world: &World, id: i64) -> anyhow::Result<String> {
    Ok(alert(world, id)?["description"].as_str().unwrap_or_default().to_owned())
}

/// Requests to the console with this in their path.
fn requests(world: &World, path: &str) -> Vec<Request> {
    world
        .qradar
        .control
        .requests(0)
        .into_iter()
        .filter(|request| request.path.contains(path))
        .collect()
}

/// The searches left at the console.
fn leftovers(world: &World) -> Value {
    world.qradar.target.dump()["searches"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn d37_a_search_that_ends_canceled_or_in_error_ends_the_wait_and_not_the_alert() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    for (id, end) in [(7, "CANCELED"), (8, "ERROR")] {
        let (one, events) = with_events(id, support::now(&world));
        load_console(
            &world.qradar,
            json!({ "offenses": [one], "events": events, "ariel": { "end": end } }),
        )?;
        let run = import(&world).await?;
        assert_eq!(
            (&run["state"], &run["answer"]["created"]),
            (&json!("succeeded"), &json!(1)),
            "{end}: {run:#}"
        );
        let text = description(&world, id)?;
        assert!(
            text.contains("## What is missing")
                && text.contains("events unavailable")
                && text.contains("remote destinations unavailable"),
            "{text}"
        );
        assert!(message(&run, id).contains("events unavailable"), "{run:#}");
        assert_eq!(
            leftovers(&world),
            json!([]),
            "{end}: searches are deleted when they are given up"
        );
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d38_network_errors_while_polling_cost_time_and_nothing_else() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let (one, events) = with_events(7, support::now(&world));
    load_console(
        &world.qradar,
        json!({ "offenses": [one], "events": events, "ariel": { "polls_until_done": 3 } }),
    )?;
    let polls = json!({ "method": "GET", "path": "/api/ariel/searches/*" });
    fault(
        &world.qradar,
        json!({ "match": polls, "action": { "drop_response": true }, "count": 2 }),
    )
    .await?;
    fault(
        &world.qradar,
        json!({ "match": polls, "action": { "reset_after_bytes": 40 }, "count": 1 }),
    )
    .await?;
    fault(
        &world.qradar,
        json!({ "match": polls, "action": { "status": 503 }, "count": 1 }),
    )
    .await?;
    let run = import(&world).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    let text = description(&world, 7)?;
    assert!(
        text.contains("## Newest events") && text.contains("203.0.113.9") && !text.contains("## What is missing"),
        "{text}"
    );
    let fired: u64 = world
        .qradar
        .control
        .faults()
        .list()
        .iter()
        .map(|fault| fault.fired)
        .sum();
    assert_eq!(fired, 4, "every fault was met");
    assert_eq!(leftovers(&world), json!([]));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d41_a_failed_enrichment_degrades_one_offense_and_stops_none() -> anyhow::Result<()> {
    let world = World::with(Options {
        connection: "read_retries = 0".to_owned(),
        ..Options::default()
    })
    .await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let at = support::now(&world);
    let (mut first, mut events) = with_events(701, at);
    support::merge(
        &mut first,
        json!({ "source_address_ids": [1], "source_count": 1, "magnitude": 9 }),
    );
    let (second, more) = with_events(702, at);
    events.extend(more);
    let sources = json!([address("source_ip", 1, "198.51.100.7", &[701])]);
    load_console(
        &world.qradar,
        json!({ "offenses": [first, second, offense(703, at, json!({}))], "events": events, "source_addresses": sources }),
    )?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "/api/siem/source_addresses" }, "action": { "status": 500 }, "count": -1 }),
    )
    .await?;
    let refused = json!({ "http_response": { "code": 422, "message": "no" }, "code": 2000, "description": "no", "details": {}, "message": "no" });
    fault(&world.qradar, json!({ "match": { "method": "POST", "path": "/api/ariel/searches", "body": "INOFFENSE%28701%29" }, "action": { "status": 422, "body": refused }, "count": -1 })).await?;

    let run = import(&world).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["created"], &run["answer"]["failed"]),
        (&json!("succeeded"), &json!(3), &json!(0)),
        "{run:#}"
    );
    let worse = description(&world, 701)?;
    for lost in [
        "source addresses unavailable",
        "events unavailable",
        "remote destinations unavailable",
    ] {
        assert!(worse.contains(lost), "`{lost}` is not told: {worse}");
        assert!(message(&run, 701).contains(lost), "{run:#}");
    }
    let whole = description(&world, 702)?;
    assert!(
        whole.contains("## Newest events") && !whole.contains("## What is missing"),
        "{whole}"
    );
    assert!(!description(&world, 703)?.contains("## What is missing"));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d44_r5_queries_travel_in_bodies_with_epoch_times_and_lists_name_their_fields() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let at = support::now(&world);
    let (one, events) = with_events(7, at);
    load_console(&world.qradar, json!({ "offenses": [one], "events": events }))?;
    let run = import(&world).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");

    let searches: Vec<_> = requests(&world, "/api/ariel/searches")
        .into_iter()
        .filter(|request| request.method == "POST")
        .collect();
    assert_eq!(searches.len(), 2);
    for search in searches {
        assert_eq!(search.path, "/api/ariel/searches", "no query in the URL");
        assert!(search.body_bytes > 100, "{search:?}");
    }
    let queries: Vec<String> = world
        .qradar
        .control
        .effects(0)
        .into_iter()
        .filter_map(|effect| Some(effect.body.get("query_expression")?.as_str()?.to_owned()))
        .collect();
    let (start, stop) = (at - 60_000 - 60_000, at + 60_000);
    for query in &queries {
        assert!(
            query.contains(&format!("START {start} STOP {stop}")),
            "the window in epoch milliseconds: {query}"
        );
        assert!(query.contains("INOFFENSE(7)"), "{query}");
    }
    let lists = requests(&world, "/api/siem/offenses?");
    assert!(!lists.is_empty());
    for list in lists {
        assert!(
            list.path.contains("fields=") && list.headers.iter().any(|name| name == "range"),
            "{list:?}"
        );
        assert!(list.version.is_some(), "the version is named: {list:?}");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r6_addresses_of_a_whole_page_are_asked_for_in_a_few_requests() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    support::generate(&world, json!({ "offenses": 100, "events_per_offense": 0, "age_ms": 0 })).await?;
    let run = import(&world).await?;
    assert_eq!(run["answer"]["created"], 100, "{run:#}");
    for table in ["/api/siem/source_addresses", "/api/siem/local_destination_addresses"] {
        let count = requests(&world, table).len();
        assert!((1..=5).contains(&count), "{count} requests to {table} for 100 offenses");
    }
    assert!(requests(&world, "/api/analytics/rules").len() <= 2);
    assert!(requests(&world, "/api/siem/offense_types").len() <= 2);
    let alerts = alerts(&world);
    assert!(
        alerts
            .values()
            .all(|alert| alert["observables"].as_array().is_some_and(|all| all.len() >= 2)),
        "each has its addresses"
    );
    world.finish().await
}
