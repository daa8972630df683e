//! Does a guest that only computes end at its fuel limit, and do others go on meanwhile? (threat rows 1 and 2)

use serde_json::json;
use synapse_tests::{Deployment, World};
use tokio::process::Command;

use crate::support::{ACME, UMBRELLA, failed, generate, in_state};

/// Fuel of a loop whose end is awaited: a fraction of a second of one core.
const LITTLE_FUEL: u64 = 500_000_000;

/// Starts loops: their deployment and the node have places for all of them, so each is claimed as it is accepted.
async fn start_loops(world: &World, count: usize) -> anyhow::Result<Vec<String>> {
    let mut looping = Vec::new();
    for _ in 0..count {
        looping.push(world.begin(ACME, "loops", json!({})).await?);
    }
    Ok(looping)
}

/// Cancels loops that would otherwise go on to the plan's limit, and waits until they are gone.
async fn stop_loops(world: &World, looping: Vec<String>) -> anyhow::Result<()> {
    for run in &looping {
        world
            .operator()
            .json(
                "POST",
                &format!("/v1/tenants/{ACME}/runs/{run}/cancel"),
                &[],
                &json!({}),
            )
            .await?
            .ok()?;
    }
    for run in looping {
        assert_eq!(world.end_of(ACME, &run).await?["state"], "cancelled");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn row_1_and_2_more_loops_than_cores_hold_nobody_up() -> anyhow::Result<()> {
    let world = World::start().await?;
    let loops = std::thread::available_parallelism()?.get() * 2 + 1;
    world.deploy(Deployment::of("loops").concurrency(64)).await?;
    world.deploy(Deployment::of("echo").tenant(UMBRELLA)).await?;
    world.deploy(Deployment::of("qradar2alert").tenant(UMBRELLA)).await?;
    generate(&world.qradar, 1, 100, 3).await?;

    let looping = start_loops(&world, loops).await?;
    for n in 0..10 {
        let echo = world.run(UMBRELLA, "echo", json!({ "n": n })).await?;
        assert_eq!(echo["answer"], json!({ "n": n }));
        world.operator().get("/healthz").await?.ok()?;
    }
    let import = world.run(UMBRELLA, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(
        (&import["state"], &import["answer"]["created"]),
        (&json!("succeeded"), &json!(3)),
        "{import:#}"
    );
    assert_eq!(in_state(&world, ACME, "running").await?, loops, "the loops ended first");
    stop_loops(&world, looping).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_1_a_loop_ends_at_its_fuel_limit_at_the_same_point_every_time() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(
            Deployment::of("loops")
                .limits(json!({ "fuel": LITTLE_FUEL }))
                .concurrency(64),
        )
        .await?;
    for run in start_loops(&world, 2).await? {
        let run = world.end_of(ACME, &run).await?;
        failed(&run, "cpu-limit");
        assert_eq!(run["fuel"], LITTLE_FUEL, "the limit is exact");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_1_on_a_single_core_loops_starve_nobody() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("loops").concurrency(64)).await?;
    world.deploy(Deployment::of("echo").tenant(UMBRELLA)).await?;
    let server = world
        .server
        .as_ref()
        .and_then(synapse_tests::Server::id)
        .unwrap_or_default()
        .to_string();
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", "0", &server])
        .output()
        .await?;
    assert!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));

    let looping = start_loops(&world, 3).await?;
    let echo = world.run(UMBRELLA, "echo", json!({ "still": "here" })).await?;
    assert_eq!(echo["answer"]["still"], "here");
    assert_eq!(in_state(&world, ACME, "running").await?, 3, "the loops ended first");
    stop_loops(&world, looping).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_runs_use_equal_fuel() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    let input = json!({ "text": "the same", "list": [1, 2, 3] });
    let first = world.run(ACME, "echo", input.clone()).await?;
    let second = world.run(ACME, "echo", input).await?;
    assert!(first["fuel"].as_u64() > Some(0), "{first:#}");
    assert_eq!(first["fuel"], second["fuel"]);
    world.finish().await
}
