//! Does a schedule fire each of its times once, whatever happens to the process and the clock?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_domain::failpoint::SCHEDULE_POINTS;
use synapse_tests::{Deployment, World, now};

use crate::kill::kill_at_moment;
use crate::targets::{self, TENANT};

const HOUR: u64 = 3_600_000;

/// Deploys a sleeper that appends a line at every full hour; answers its first time.
async fn hourly(world: &World, more: &Value) -> anyhow::Result<u64> {
    let mut trigger = json!({
        "kind": "schedule", "name": "hourly", "cron": "0 * * * *", "input": { "waits": [0], "label": "fired" },
    });
    if let (Some(trigger), Some(more)) = (trigger.as_object_mut(), more.as_object()) {
        trigger.extend(more.clone());
    }
    let deployed = world
        .deploy(Deployment::of("sleeper").triggers(json!([trigger])))
        .await?;
    deployed["triggers"][0]["next"][0]
        .as_u64()
        .context("a schedule has next times")
}

/// The runs of the deployment, oldest first, when all of them have ended.
async fn runs(world: &World) -> anyhow::Result<Vec<Value>> {
    let path = format!("/v1/tenants/{TENANT}/runs?deployment=sleeper&limit=100");
    let listed = world.operator().get(&path).await?.ok()?;
    let mut ended = Vec::new();
    for run in listed["runs"].as_array().context("a list")?.iter().rev() {
        ended.push(world.end_of(TENANT, run["id"].as_str().unwrap_or_default()).await?);
    }
    Ok(ended)
}

/// What is shown of the schedule.
async fn shown(world: &World) -> anyhow::Result<Value> {
    let path = format!("/v1/tenants/{TENANT}/deployments/sleeper/triggers");
    Ok(world.operator().get(&path).await?.ok()?["triggers"][0].clone())
}

/// Waits until the schedule has acted on everything up to a time.
async fn acted(world: &World, time: u64) -> anyhow::Result<Value> {
    loop {
        let row = shown(world).await?;
        if row["due"].as_u64() > Some(time) {
            return Ok(row);
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_during_a_due_schedule_fires_it_once() -> anyhow::Result<()> {
    for point in SCHEDULE_POINTS {
        let mut world = World::with(targets::narrow(1)).await?;
        let first = hourly(&world, &json!({})).await?;
        assert!(first > now() - 1, "nothing before the deployment went live");
        kill_at_moment(&mut world, first + 100, point).await?;
        world.jump_to(first + 5_000, &[]).await?;
        let row = acted(&world, first).await?;
        let runs = runs(&world).await?;
        assert_eq!(runs.len(), 1, "{point}: {runs:#?}");
        assert_eq!(
            (&runs[0]["state"], &runs[0]["trigger"]),
            (&json!("succeeded"), &json!("schedule:hourly")),
            "{point}: {runs:#?}"
        );
        assert_eq!(runs[0]["event_type"], "synapse.schedule.fired");
        assert_eq!(
            (&row["last_fired"], &row["last_run"]),
            (&json!(first), &runs[0]["id"]),
            "{row:#}"
        );
        assert_eq!(targets::lines(&world), ["fired 0"]);
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_fires_nothing_twice() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    let first = hourly(&world, &json!({})).await?;
    for time in [first + 100, first - HOUR / 2, first + 200] {
        world.jump_to(time, &[]).await?;
        acted(&world, first).await?;
        assert_eq!(runs(&world).await?.len(), 1, "at {time}");
    }
    // Nor does a new version with other times begin before what has fired.
    world.jump_to(first - HOUR / 2, &[]).await?;
    let again = hourly(&world, &json!({ "cron": "0,30 * * * *" })).await?;
    assert!(again <= first, "the times of the clock as it is: {again}");
    assert!(
        shown(&world).await?["due"].as_u64() > Some(first),
        "the next one is after the last that fired"
    );
    assert_eq!(runs(&world).await?.len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn times_that_passed_while_nothing_ran_are_caught_up_as_the_policy_says() -> anyhow::Result<()> {
    for (policy, expected) in [("none", 0), ("latest", 1), ("all", 4)] {
        let mut world = World::with(targets::narrow(1)).await?;
        let first = hourly(&world, &json!({ "catch_up": policy, "overlap": "queue" })).await?;
        world.server()?.terminate().await?;
        world.jump_to(first + 3 * HOUR + HOUR / 2, &[]).await?;
        let row = acted(&world, first + 3 * HOUR).await?;
        let runs = runs(&world).await?;
        assert_eq!(runs.len(), expected, "{policy}: {runs:#?}");
        assert!(
            runs.iter().all(|run| run["state"] == "succeeded"),
            "{policy}: {runs:#?}"
        );
        // Each for its time, the oldest first.
        let events = "SELECT i.event_id FROM runs AS r JOIN run_inputs AS i ON i.tenant = r.tenant AND i.run = r.id ORDER BY r.id";
        let hours = match policy {
            "all" => 0..4,
            "latest" => 3..4,
            _ => 0..0,
        };
        let times: Vec<_> = hours.map(|n| format!("hourly:{}", first + n * HOUR)).collect();
        assert_eq!(crate::database::column(&world, events).await?, times, "{policy}");
        let skipped = match policy {
            "none" => json!(first + 3 * HOUR),
            "latest" => json!(first + 2 * HOUR),
            _ => Value::Null,
        };
        assert_eq!(row["last_skipped"], skipped, "{policy}: {row:#}");
        assert_eq!(row["skip_reason"].is_string(), policy != "all", "{policy}: {row:#}");
        assert_eq!(row["next"][0], json!(first + 4 * HOUR), "{policy}: {row:#}");
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_put_off_by_jitter_is_not_missed_for_it() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    // What is acted on a minute late is missed, unless it was meant to be late.
    let first = hourly(&world, &json!({ "jitter_seconds": 3_600, "catch_up": "none" })).await?;
    let due = shown(&world).await?["due"].as_u64().context("a moment")?;
    assert!((first + 60_000..=first + HOUR).contains(&due), "{first} {due}");
    world.jump_to(due + 100, &[]).await?;
    let row = acted(&world, due).await?;
    assert_eq!(
        (&row["last_fired"], &row["last_skipped"]),
        (&json!(first), &Value::Null),
        "{row:#}"
    );
    assert_eq!(row["due"], json!(due + HOUR), "{row:#}");
    assert_eq!(runs(&world).await?.len(), 1);
    world.finish().await
}
