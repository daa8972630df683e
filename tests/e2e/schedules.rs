//! Are schedules checked, shown, replaced, and kept from running into themselves?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, assert_problem, fault, held, release};

const HOUR: u64 = 3_600_000;

fn schedule(more: &Value) -> Value {
    let mut trigger =
        json!({ "kind": "schedule", "name": "hourly", "cron": "0 * * * *", "input": { "waits": [0], "label": "s" } });
    if let (Some(trigger), Some(more)) = (trigger.as_object_mut(), more.as_object()) {
        trigger.extend(more.clone());
    }
    trigger
}

fn sleeper(triggers: Value) -> Deployment {
    Deployment::of("sleeper").triggers(triggers)
}

async fn triggers(world: &World) -> anyhow::Result<Value> {
    Ok(world
        .operator()
        .get("/v1/tenants/acme/deployments/sleeper/triggers")
        .await?
        .ok()?["triggers"]
        .clone())
}

/// Waits until the schedule has acted on everything up to a time; answers its row.
async fn acted(world: &World, time: u64) -> anyhow::Result<Value> {
    loop {
        let row = triggers(world).await?[0].clone();
        if row["due"].as_u64() > Some(time) {
            return Ok(row);
        }
        tokio::task::yield_now().await;
    }
}

/// The runs of the deployment, oldest first.
async fn runs(world: &World) -> anyhow::Result<Vec<Value>> {
    let listed = world
        .operator()
        .get("/v1/tenants/acme/runs?deployment=sleeper")
        .await?
        .ok()?;
    Ok(listed["runs"]
        .as_array()
        .context("a list")?
        .iter()
        .rev()
        .cloned()
        .collect())
}

async fn state(world: &World, run: &str, wanted: &str) -> anyhow::Result<Value> {
    loop {
        let view = world
            .operator()
            .get(&format!("/v1/tenants/{ACME}/runs/{run}"))
            .await?
            .ok()?;
        if view["state"] == wanted {
            return Ok(view);
        }
        anyhow::ensure!(
            ["queued", "running", "waiting"].contains(&view["state"].as_str().unwrap_or_default()),
            "{view:#}"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_says_when_its_schedules_fire_next() -> anyhow::Result<()> {
    let world = World::start().await?;
    let berlin = schedule(&json!({ "name": "berlin", "cron": "30 6 * * mon-fri", "time_zone": "Europe/Berlin" }));
    let deployed = world.deploy(sleeper(json!([schedule(&json!({})), berlin]))).await?;
    for (index, step) in [(0, Some(HOUR)), (1, None)] {
        let next: Vec<u64> = serde_json::from_value(deployed["triggers"][index]["next"].clone())?;
        assert_eq!(next.len(), 3, "{deployed:#}");
        assert!(
            next.is_sorted() && step.is_none_or(|step| next[2] - next[0] == 2 * step),
            "{next:?}"
        );
    }
    let shown = world
        .operator()
        .get("/v1/tenants/acme/deployments/sleeper")
        .await?
        .ok()?;
    assert_eq!(shown["triggers"][1]["next"], deployed["triggers"][1]["next"]);
    let rows = triggers(&world).await?;
    assert_eq!(rows[0]["next"], deployed["triggers"][0]["next"]);
    assert_eq!(
        (&rows[0]["due"], &rows[0]["last_fired"], &rows[0]["paused"]),
        (&rows[0]["next"][0], &Value::Null, &json!([])),
        "{rows:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_schedule_is_refused_by_field() -> anyhow::Result<()> {
    let world = World::start().await?;
    for (more, field) in [
        (json!({ "cron": "0 24 * * *" }), "cron"),
        (json!({ "cron": "0 0 30 2 *" }), "cron"),
        (json!({ "time_zone": "Europe/Entenhausen" }), "time_zone"),
        (json!({ "jitter_seconds": 3_601 }), "jitter_seconds"),
        (json!({ "input": [1] }), "input"),
    ] {
        let refused = world.try_deploy(&sleeper(json!([schedule(&more)]))).await?;
        assert_problem(&refused, 422);
        assert_eq!(
            refused.body["place"],
            format!("triggers[0].{field}"),
            "{more}: {:#}",
            refused.body
        );
    }
    let echo = world
        .try_deploy(&Deployment::of("echo").triggers(json!([schedule(&json!({}))])))
        .await?;
    assert_problem(&echo, 422);
    assert_problem(
        &world
            .operator()
            .get("/v1/tenants/acme/deployments/sleeper/triggers")
            .await?,
        404,
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_replaces_the_schedules() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let first = world.deploy(sleeper(json!([schedule(&json!({}))]))).await?["triggers"][0]["next"][0]
        .as_u64()
        .context("a time")?;
    let other = schedule(&json!({ "name": "other", "cron": "59 23 31 12 *" }));
    world.deploy(sleeper(json!([other]))).await?;
    let rows = triggers(&world).await?;
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows:#}");
    assert_eq!(rows[0]["name"], "other");
    world.jump_to(first + 100, &[]).await?;
    let run = world
        .run(ACME, "sleeper", json!({ "waits": [0], "label": "asked" }))
        .await?;
    assert_eq!(run["state"], "succeeded");
    assert_eq!(runs(&world).await?.len(), 1, "the schedule that is gone fires no more");
    world.finish().await
}

/// Two hours of a schedule whose runs sleep ten hours.
async fn two_hours(world: &mut World, overlap: &str) -> anyhow::Result<(u64, Value, Vec<Value>)> {
    let long = json!({ "overlap": overlap, "input": { "waits": [10 * HOUR], "hold": true } });
    let deployed = world.deploy(sleeper(json!([schedule(&long)]))).await?;
    let first = deployed["triggers"][0]["next"][0].as_u64().context("a time")?;
    world.jump_to(first + 100, &[]).await?;
    acted(world, first).await?;
    let run = runs(world).await?.remove(0);
    state(world, run["id"].as_str().unwrap_or_default(), "waiting").await?;
    world.jump_to(first + HOUR + 100, &[]).await?;
    let row = acted(world, first + HOUR).await?;
    Ok((first, row, runs(world).await?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_left_out_while_the_last_run_is_unfinished_and_said_so() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let (first, row, runs) = two_hours(&mut world, "skip").await?;
    assert_eq!(runs.len(), 1, "{runs:#?}");
    assert_eq!(
        (&row["last_fired"], &row["last_skipped"]),
        (&json!(first), &json!(first + HOUR)),
        "{row:#}"
    );
    assert!(
        row["skip_reason"]
            .as_str()
            .unwrap_or_default()
            .contains(runs[0]["id"].as_str().unwrap_or("?")),
        "{row:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_takes_the_place_of_the_unfinished_run_if_asked_to() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let (first, row, runs) = two_hours(&mut world, "replace").await?;
    assert_eq!(runs.len(), 2, "{runs:#?}");
    assert_eq!(
        (&runs[0]["state"], &row["last_fired"]),
        (&json!("cancelled"), &json!(first + HOUR)),
        "{runs:#?}"
    );
    assert!(
        runs[0]["problem"]["message"].to_string().contains("schedule:hourly"),
        "{:#}",
        runs[0]
    );
    state(&world, runs[1]["id"].as_str().unwrap_or_default(), "waiting").await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_under_way_whose_place_is_taken_stops_at_its_next_call() -> anyhow::Result<()> {
    const MINUTE: u64 = 60_000;
    let options = Options {
        connection: "request_deadline_ms = 30000".to_owned(),
        ..Options::default()
    };
    let mut world = World::with(options).await?;
    let first = json!({ "match": { "method": "POST", "path": "/entries" }, "action": { "hold": "first" }, "count": 1 });
    fault(&world.lab, first).await?;
    let two = json!({ "cron": "* * * * *", "overlap": "replace", "input": { "waits": [0, 0], "label": "s" } });
    let deployed = world.deploy(sleeper(json!([schedule(&two)]))).await?;
    let time = deployed["triggers"][0]["next"][0].as_u64().context("a time")?;
    // The time is acted on late, and the next one comes a few seconds later.
    world.jump_to(time + MINUTE - 5_000, &[]).await?;
    held(&world.lab, "first").await?;
    let row = acted(&world, time + MINUTE).await?;
    assert_eq!(row["last_fired"], json!(time + MINUTE), "{row:#}");
    release(&world.lab, "first").await?;
    for run in runs(&world).await? {
        world.end_of(ACME, run["id"].as_str().unwrap_or_default()).await?;
    }
    let states: Vec<Value> = runs(&world).await?.iter().map(|run| run["state"].clone()).collect();
    assert_eq!(states, ["cancelled", "succeeded"]);
    let lines = world.lab.target.dump()["entries"].as_array().map(Vec::len);
    assert_eq!(lines, Some(3), "one of the run that was stopped, two of the other");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_waits_for_the_unfinished_run_if_asked_to() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    let (_, _, runs) = two_hours(&mut world, "queue").await?;
    assert_eq!(runs.len(), 2, "{runs:#?}");
    // A run that a caller asks for has nothing to wait for, so the queue is not simply stuck.
    let asked = world
        .run(ACME, "sleeper", json!({ "waits": [0], "hold": true }))
        .await?;
    assert_eq!(asked["state"], "succeeded", "{asked:#}");
    let second = runs[1]["id"].as_str().unwrap_or_default();
    assert_eq!(state(&world, second, "queued").await?["state"], "queued");
    let cancel = format!(
        "/v1/tenants/{ACME}/runs/{}/cancel",
        runs[0]["id"].as_str().unwrap_or_default()
    );
    world.operator().json("POST", &cancel, &[], &json!({})).await?.ok()?;
    state(&world, second, "waiting").await?;
    world.finish().await
}
