//! Do an offense and its alert or case stay in step, without an echo?

use serde_json::{Value, json};
use synapse_tests::analyst::{self, ALICE, Analyst};
use synapse_tests::{Deployment, World};

use crate::support::{ACME, IMPORT, load_console, merge, now, offense};

const MIRROR: &str = "mirror-offense";
const CLOSE: &str = "close-offense";

async fn world(settings: Value) -> anyhow::Result<(World, Analyst)> {
    let world = World::start().await?;
    let alice = Analyst::arrive(&world)?;
    world.deploy(Deployment::of(IMPORT)).await?;
    world.deploy(Deployment::of(MIRROR).config(settings)).await?;
    let close = json!({ "reasons": analyst::reasons(), "grace_seconds": 0, "users": { ALICE: "analyst" } });
    world.deploy(Deployment::of(CLOSE).config(close)).await?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(42, now(&world), json!({}))] }),
    )?;
    world.run(ACME, IMPORT, json!({ "timerange": 60 })).await?;
    Ok((world, alice))
}

/// Somebody changes the offense in QRadar.
fn change(world: &World, changes: Value) -> anyhow::Result<()> {
    let mut changed = analyst::offense(world, 42)?;
    merge(&mut changed, changes);
    load_console(&world.qradar, json!({ "offenses": [changed] }))
}

fn alert(world: &World) -> Value {
    world.thehive.target.dump()["alerts"][0].clone()
}

async fn mirror(world: &World, input: Value) -> anyhow::Result<Value> {
    let run = world.run(ACME, MIRROR, input).await?;
    anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
    Ok(run["answer"]["items"][0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offense_closed_in_qradar_closes_its_alert() -> anyhow::Result<()> {
    let (world, _) = world(json!({ "alert_statuses": { "False-Positive, Tuned": "FalsePositive" } })).await?;
    let closed =
        json!({ "status": "CLOSED", "closing_user": "bob", "closing_reason_id": 2, "close_time": now(&world) });
    change(&world, closed)?;
    let item = mirror(&world, json!({ "offense": 42 })).await?;
    assert_eq!(item["outcome"], "updated", "{item:#}");
    assert_eq!(alert(&world)["status"], "FalsePositive");
    let effects = world.thehive.control.effects(0).len();
    assert_eq!(mirror(&world, json!({ "offense": 42 })).await?["outcome"], "skipped");
    assert_eq!(world.thehive.control.effects(0).len(), effects);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_offense_brings_its_alert_up_to_date() -> anyhow::Result<()> {
    let (world, _) = world(json!({})).await?;
    change(
        &world,
        json!({ "magnitude": 9, "last_updated_time": now(&world), "source_count": 0 }),
    )?;
    let item = mirror(&world, json!({ "offense": 42 })).await?;
    assert_eq!(item["outcome"], "updated", "{item:#}");
    let alert = alert(&world);
    assert_eq!(alert["severity"], 4, "{alert:#}");
    let text = alert["description"].as_str().unwrap_or_default();
    assert!(text.contains("| **Magnitude** | 9 of 10 |"), "{text}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_twenty_rounds_of_both_workflows_nothing_is_written_that_only_answers_them() -> anyhow::Result<()> {
    let (world, alice) = world(json!({ "users": { ALICE: "analyst" }, "note": "{link}" })).await?;
    let case = alice.promote(&world, 42).await?;
    alice.set(&case, json!({ "assignee": ALICE })).await?;
    let written = |world: &World| {
        (
            world.thehive.control.effects(0).len(),
            world.qradar.control.effects(0).len(),
        )
    };
    let mut seen = Vec::new();
    for round in 0..20 {
        mirror(&world, json!({ "case": case["_id"] })).await?;
        mirror(&world, json!({ "offense": 42 })).await?;
        world.run(ACME, CLOSE, json!({ "case": case["_id"] })).await?;
        if round == 9 {
            alice.set(&case, json!({ "status": "FalsePositive" })).await?;
            world.run(ACME, CLOSE, json!({ "case": case["_id"] })).await?;
        }
        seen.push(written(&world));
    }
    let offense = analyst::offense(&world, 42)?;
    assert_eq!(
        (&offense["assigned_to"], &offense["follow_up"]),
        (&json!("analyst"), &json!(true))
    );
    assert_eq!(offense["status"], "CLOSED");
    assert_eq!(seen[1], seen[8], "{seen:?}");
    assert_eq!(seen[10], seen[19], "{seen:?}");
    assert_eq!(alice.comments(&case).await?.len(), 1, "close-offense's own");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_offense_becomes_a_case_once() -> anyhow::Result<()> {
    let (world, _) = world(json!({})).await?;
    let settings = json!({ "create": "case" });
    world.deploy(Deployment::of("import-offense").config(settings)).await?;
    let run = world.run(ACME, "import-offense", json!({ "offense": 42 })).await?;
    assert_eq!(run["answer"]["created"], 0, "qradar2alert made the alert: {run:#}");
    assert_eq!(run["answer"]["cases"][0]["case_number"], 1, "{run:#}");
    let again = world.run(ACME, "import-offense", json!({ "offense": 42 })).await?;
    assert_eq!(again["answer"]["cases"][0]["case_number"], 1, "{again:#}");
    assert_eq!(world.thehive.target.dump()["cases"].as_array().map(Vec::len), Some(1));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_comes_later_goes_into_the_same_alert() -> anyhow::Result<()> {
    let (world, _) = world(json!({})).await?;
    world.thehive.target.reset();
    let alice = Analyst::arrive(&world)?;
    drop(alice);
    let at = now(&world) - 60_000;
    let counted = offense(43, at, json!({ "event_count": 1, "remote_destination_count": 1 }));
    load_console(&world.qradar, json!({ "offenses": [counted.clone()] }))?;
    let first = world.run(ACME, IMPORT, json!({ "offense": 43 })).await?;
    assert_eq!(first["answer"]["created"], 1, "{first:#}");
    let text = |world: &World| alert(world)["description"].as_str().unwrap_or_default().to_owned();
    assert!(text(&world).contains("events not indexed yet"), "{}", text(&world));
    let event = crate::support::event(43, at, json!({}));
    load_console(&world.qradar, json!({ "offenses": [counted], "events": [event] }))?;
    let second = world.run(ACME, IMPORT, json!({ "offense": 43 })).await?;
    assert_eq!(
        (&second["answer"]["created"], &second["answer"]["updated"]),
        (&json!(0), &json!(1)),
        "{second:#}"
    );
    assert!(text(&world).contains("203.0.113.9"), "{}", text(&world));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_a_closing_older_than_go_live_is_mirrored_only_because_a_backfill_names_it() -> anyhow::Result<()> {
    const DAY: i64 = 86_400_000;
    let world = World::start().await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(42, now(&world), json!({}))] }),
    )?;
    world.run(ACME, IMPORT, json!({ "offense": 42 })).await?;
    let yesterday = now(&world) - DAY;
    let closed = json!({
        "status": "CLOSED", "closing_user": "bob", "closing_reason_id": 2, "close_time": yesterday, "last_updated_time": yesterday,
        "first_persisted_time": yesterday, "last_persisted_time": yesterday,
    });
    change(&world, closed)?;
    let trigger = json!([{
        "kind": "source", "name": "offenses", "binding": "qradar", "watch": "offenses", "changes": ["changed", "closed"],
        "every_seconds": 86_400,
    }]);
    world.deploy(Deployment::of(MIRROR).triggers(trigger)).await?;
    world.drain_source(ACME, MIRROR, "offenses").await?;
    assert_eq!(
        world.source_runs(ACME, MIRROR).await?,
        [] as [Value; 0],
        "nobody asked for what is older"
    );
    assert_eq!(alert(&world)["stage"], "New");
    let path = format!("{}/backfill", World::trigger(ACME, MIRROR, "offenses"));
    let wanted = json!({ "since": yesterday - DAY, "rate": 600 });
    let shown = world.operator().json("POST", &path, &[], &wanted).await?.ok()?;
    let confirm = json!({ "confirm": shown["confirm"] });
    world.operator().json("POST", &path, &[], &confirm).await?.ok()?;
    let cursor = world.drain_source(ACME, MIRROR, "offenses").await?;
    assert_eq!(cursor["backfill"]["found"], 1, "{cursor:#}");
    assert_eq!(
        (&alert(&world)["stage"], &alert(&world)["status"]),
        (&json!("Closed"), &json!("Ignored"))
    );
    world.finish().await
}
