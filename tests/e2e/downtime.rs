//! What does a server make up for that did not run for a while, by its own clock and by those of the products?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::hooks::hook_options;
use synapse_tests::{Deployment, World, now as machine_now};

use crate::support::{self, ACME, IMPORT, event, load_console, merge, offense};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// The products' clocks go to so many milliseconds after the test's beginning; the server's is its own.
fn products_at(world: &World, offset: i64) {
    world.thehive.control.set_clock_offset_ms(offset);
    world.qradar.control.set_clock_offset_ms(offset);
}

/// Ends the server and starts it again so many milliseconds later, by everybody's clock.
async fn down_until(world: &mut World, offset: i64) -> anyhow::Result<()> {
    products_at(world, offset);
    world.jump_to(machine_now().saturating_add_signed(offset), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn d22_what_was_closed_in_an_hour_without_a_server_is_found_once_after_its_start() -> anyhow::Result<()> {
    let mut world = World::with(hook_options()).await?;
    let trigger = json!({
        "kind": "webhook", "name": "heard", "binding": "thehive", "events": ["case.closed"], "reconcile_seconds": 1,
    });
    world
        .deploy(Deployment::of("listener").triggers(json!([trigger])))
        .await?;
    world.subscribe(ACME, json!({})).await?;
    let mut cases = Vec::new();
    for n in 0..5 {
        cases.push(world.new_case(ACME, &format!("case {n}")).await?);
    }
    world.close_case(ACME, &cases[0]).await?;
    world
        .events_until(ACME, "?state=accepted", |events| events.len() == 1)
        .await?;
    world.server()?.terminate().await?;
    for (case, minutes) in cases[1..].iter().zip([1, 20, 40, 59]) {
        products_at(&world, minutes * MINUTE);
        world.close_case(ACME, case).await?;
    }
    // TheHive says each of it once, and nobody hears it.
    world.sent().await?;
    down_until(&mut world, HOUR).await?;
    for _ in 0..2 {
        world
            .events_until(ACME, "?state=accepted", |events| events.len() == 5)
            .await?;
        world.reconciled(ACME, 1).await?;
        world.restart(&[]).await?;
    }
    let events = world.events(ACME, "?state=accepted").await?;
    assert_eq!(events.len(), 5, "{events:#?}");
    let found = events.iter().filter(|event| event["via"] == "reconciler").count();
    assert_eq!(found, 4, "{events:#?}");
    let runs = world.operator().get("/v1/tenants/acme/runs").await?.ok()?;
    assert_eq!(
        runs["runs"].as_array().map(Vec::len),
        Some(5),
        "one closure, one run: {runs:#}"
    );
    world.finish().await
}

/// An offense that the console wrote at this moment for the first time.
fn written(id: i64, at: i64, magnitude: u64) -> Value {
    let times =
        json!({ "start_time": at, "first_persisted_time": at, "last_persisted_time": at, "magnitude": magnitude });
    offense(id, at, times)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_hour_without_a_server_fresh_offenses_go_first_then_grave_ones_then_the_rest_and_each_once()
-> anyhow::Result<()> {
    let mut world = World::start().await?;
    let trigger = json!([{
        "kind": "source", "name": "offenses", "binding": "qradar", "watch": "offenses", "every_seconds": 86_400, "batch": 1,
        "backlog_runs": 1,
    }]);
    world.deploy(Deployment::of(IMPORT).triggers(trigger)).await?;
    world.drain_source(ACME, IMPORT, "offenses").await?;
    world.server()?.terminate().await?;
    let began = support::now(&world) / 1_000 * 1_000;
    let stale = (1..=4).map(|id| written(id, began + id * MINUTE, 3));
    let others = [
        written(5, began + 10 * MINUTE, 9),
        written(6, began + 55 * MINUTE, 1),
        written(7, began + 56 * MINUTE, 4),
    ];
    let offenses: Vec<Value> = stale.chain(others).collect();
    load_console(&world.qradar, json!({ "offenses": offenses }))?;
    down_until(&mut world, HOUR).await?;
    // As long as nothing of it ends, one of those that can wait is under way, and all others.
    let held = json!({ "deployment": IMPORT });
    world
        .operator()
        .json("POST", "/v1/tenants/acme/pause", &[], &held)
        .await?
        .ok()?;
    let trigger = World::trigger(ACME, IMPORT, "offenses");
    for _ in 0..2 {
        let cursor = world.look(&trigger).await?;
        let items = ["handed", "live", "backlog"].map(|name| cursor["items"][name].as_u64());
        assert_eq!(items, [Some(4), Some(0), Some(3)], "{cursor:#}");
    }
    let resume = json!({ "deployment": IMPORT, "per_minute": 6_000 });
    world
        .operator()
        .json("POST", "/v1/tenants/acme/resume", &[], &resume)
        .await?
        .ok()?;
    world.drain_source(ACME, IMPORT, "offenses").await?;
    let created: Vec<String> = world
        .thehive
        .control
        .effects(0)
        .into_iter()
        .filter(|effect| effect.path == "/api/v1/alert")
        .map(|effect| effect.body["sourceRef"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(created, ["7", "6", "5", "1", "2", "3", "4"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d43_of_a_long_outage_as_much_is_read_as_may_wait_and_the_rest_stays_at_the_console() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let trigger = json!([{
        "kind": "source", "name": "offenses", "binding": "qradar", "watch": "offenses", "every_seconds": 86_400, "batch": 1,
        "backlog_runs": 1,
    }]);
    world.deploy(Deployment::of(IMPORT).triggers(trigger)).await?;
    world.drain_source(ACME, IMPORT, "offenses").await?;
    let held = json!({ "deployment": IMPORT });
    world
        .operator()
        .json("POST", "/v1/tenants/acme/pause", &[], &held)
        .await?
        .ok()?;
    world.server()?.terminate().await?;
    let began = support::now(&world) / 1_000 * 1_000;
    let offenses: Vec<Value> = (1..=2_200).map(|id| written(id, began + id / 2 * 1_000, 3)).collect();
    load_console(&world.qradar, json!({ "offenses": offenses }))?;
    down_until(&mut world, HOUR).await?;
    let trigger = World::trigger(ACME, IMPORT, "offenses");
    for _ in 0..2 {
        let cursor = world.look(&trigger).await?;
        let waiting = cursor["items"]["backlog"].as_u64().unwrap_or_default();
        assert!(
            (1_999..2_050).contains(&waiting),
            "no more than a page beyond 2,000: {cursor:#}"
        );
        assert!(
            cursor["position"]["gap"].is_object(),
            "there is more to be read: {cursor:#}"
        );
    }
    world.finish().await
}

/// The alert's description.
fn description(world: &World) -> String {
    world.thehive.target.dump()["alerts"][0]["description"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// The one run of the import, when it sleeps until another moment than this; answers the moment and how it shows.
async fn asleep(world: &World, before: u64) -> anyhow::Result<(u64, Value)> {
    loop {
        let run = world.source_runs(ACME, IMPORT).await?.pop().context("no run")?;
        match (run["state"].as_str(), run["wake_at"].as_u64()) {
            (Some("waiting"), Some(wake)) if wake != before => return Ok((wake, run)),
            (Some("waiting" | "queued" | "running"), _) => tokio::task::yield_now().await,
            _ => anyhow::bail!("it does not sleep: {run:#}"),
        }
    }
}

/// An import of an offense whose events the console does not find yet; answers the console's state and when the run looks again.
async fn lagging(world: &World) -> anyhow::Result<(Value, u64)> {
    let trigger = json!([{
        "kind": "source", "name": "offenses", "binding": "qradar", "watch": "offenses", "every_seconds": 86_400,
    }]);
    world.deploy(Deployment::of(IMPORT).triggers(trigger)).await?;
    let mut counted = written(42, support::now(world), 5);
    merge(&mut counted, json!({ "event_count": 1, "remote_destination_count": 1 }));
    let console = json!({ "offenses": [counted] });
    load_console(&world.qradar, console.clone())?;
    world.look(&World::trigger(ACME, IMPORT, "offenses")).await?;
    let (first, _) = asleep(world, 0).await?;
    assert!(
        description(world).contains("events not indexed yet"),
        "{}",
        description(world)
    );
    Ok((console, first))
}

/// How far a moment of the server is from the machine's now.
fn from_now(moment: u64) -> anyhow::Result<i64> {
    Ok(i64::try_from(moment)? - i64::try_from(machine_now())?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_looked_at_again_at_its_moments_and_filled_in_at_the_first_that_finds_something()
-> anyhow::Result<()> {
    let mut world = World::start().await?;
    let (mut console, first) = lagging(&world).await?;
    down_until(&mut world, from_now(first)?).await?;
    let (second, run) = asleep(&world, first).await?;
    assert_eq!(second - first, 8 * 60_000, "after 2 minutes, and after 10: {run:#}");
    assert!(
        description(&world).contains("events not indexed yet"),
        "nothing was there at the first look"
    );
    let at = console["offenses"][0]["start_time"].as_i64().unwrap_or_default();
    merge(&mut console, json!({ "events": [event(42, at, json!({}))] }));
    load_console(&world.qradar, console)?;
    down_until(&mut world, from_now(second)?).await?;
    let ended = world.end_of(ACME, run["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(
        (&ended["state"], &ended["answer"]["updated"]),
        (&json!("succeeded"), &json!(1)),
        "{ended:#}"
    );
    let text = description(&world);
    assert!(text.contains("203.0.113.9") && !text.contains("not indexed"), "{text}");
    assert_eq!(world.thehive.target.dump()["alerts"].as_array().map(Vec::len), Some(1));
    let written = world.thehive.control.effects(0).len();
    down_until(&mut world, from_now(second)? + 30 * MINUTE).await?;
    world.drain_source(ACME, IMPORT, "offenses").await?;
    assert_eq!(
        world.thehive.control.effects(0).len(),
        written,
        "there is no look after that"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_whose_moments_passed_without_a_server_are_made_up_for_and_the_last_one_is_said() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let (_, first) = lagging(&world).await?;
    down_until(&mut world, from_now(first)? + HOUR).await?;
    let run = world.source_runs(ACME, IMPORT).await?.pop().context("no run")?;
    let ended = world.end_of(ACME, run["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(
        (&ended["state"], &ended["answer"]["created"]),
        (&json!("succeeded"), &json!(1)),
        "{ended:#}"
    );
    assert!(description(&world).contains("look 3 of 3"), "{}", description(&world));
    world.finish().await
}
