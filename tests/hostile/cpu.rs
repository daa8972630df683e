//! Does a guest that only computes end at its fuel limit, and do others go on meanwhile? (threat rows 1 and 2)

use std::time::{Duration, Instant};

use serde_json::json;
use synapse_tests::{Api, Deployment, World};
use tokio::process::Command;

use crate::support::{ACME, UMBRELLA, failed, generate, in_state};

/// About a second of one core: more than the others need, few enough for a test.
const FUEL: u64 = 1_500_000_000;
/// How soon `/healthz` answers in the median while loops are running (threat row 2).
const HEALTHY: Duration = Duration::from_millis(100);

/// Asks `/healthz` until told to stop; answers the median of the times.
async fn healthz(api: Api, stop: tokio::sync::oneshot::Receiver<()>) -> anyhow::Result<Duration> {
    let mut times = Vec::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let asked = Instant::now();
        tokio::select! {
            answer = api.get("/healthz") => { answer?.ok()?; }
            _ = &mut stop => break,
        }
        times.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    times.sort();
    anyhow::ensure!(times.len() >= 5, "only {} answers", times.len());
    Ok(times[times.len() / 2])
}

/// Starts loops; all of them are under way when this returns.
async fn start_loops(world: &World, count: usize) -> anyhow::Result<Vec<String>> {
    let mut looping = Vec::new();
    for _ in 0..count {
        looping.push(world.begin(ACME, "loops", json!({})).await?);
    }
    assert_eq!(in_state(world, ACME, "running").await?, count);
    Ok(looping)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_1_and_2_more_loops_than_cores_end_at_their_fuel_while_another_tenant_works() -> anyhow::Result<()> {
    let world = World::start().await?;
    let loops = std::thread::available_parallelism()?.get() * 2 + 1;
    world
        .deploy(Deployment::of("loops").limits(json!({ "fuel": FUEL })).concurrency(64))
        .await?;
    world.deploy(Deployment::of("echo").tenant(UMBRELLA)).await?;
    world.deploy(Deployment::of("qradar2alert").tenant(UMBRELLA)).await?;
    generate(&world.qradar, 1, 100, 3).await?;

    let looping = start_loops(&world, loops).await?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let health = tokio::spawn(healthz(world.operator(), stopped));
    for n in 0..10 {
        let echo = world.run(UMBRELLA, "echo", json!({ "n": n })).await?;
        assert_eq!(echo["answer"], json!({ "n": n }));
    }
    let import = world.run(UMBRELLA, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(
        (&import["state"], &import["answer"]["created"]),
        (&json!("succeeded"), &json!(3)),
        "{import:#}"
    );
    let still = in_state(&world, ACME, "running").await?;
    assert!(
        still > 0,
        "every loop had ended before: the test shows nothing, give them more fuel"
    );
    stop.send(()).ok();
    let median = health.await??;
    assert!(median < HEALTHY, "/healthz took {median:?} in the median");

    for run in looping {
        let run = world.end_of(ACME, &run).await?;
        failed(&run, "cpu-limit");
        assert_eq!(run["fuel"], FUEL, "the limit is exact, and the same every time");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_1_on_a_single_core_loops_starve_nobody() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(
            Deployment::of("loops")
                .limits(json!({ "fuel": FUEL / 2 }))
                .concurrency(64),
        )
        .await?;
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
    assert!(
        in_state(&world, ACME, "running").await? > 0,
        "every loop had ended before: give them more fuel"
    );
    for run in looping {
        failed(&world.end_of(ACME, &run).await?, "cpu-limit");
    }
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
