//! Does an orderly stop let writes end, keep everything, and come to an end itself?

use std::time::{Duration, Instant};

use serde_json::json;
use synapse_tests::{Deployment, Options, World};

use crate::kill::newest;
use crate::targets::{self, HOUR, TENANT, creates_alert};

/// A stop with nothing to do; far below any drain or lease.
const QUICK: Duration = Duration::from_secs(5);

fn draining(seconds: u64, options: Options) -> Options {
    Options {
        server: format!("drain_seconds = {seconds}"),
        ..options
    }
}

/// TheHive makes the second alert and does not answer.
async fn hold_the_second_alert(world: &World) -> anyhow::Result<()> {
    let hold =
        json!({ "match": { "method": "POST", "path": "/api/v1/alert", "skip": 1 }, "action": { "hold": "second" } });
    targets::fault(&world.thehive, hold).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_server_stops_at_once() -> anyhow::Result<()> {
    let mut world = World::with(draining(30, Options::default())).await?;
    let start = Instant::now();
    let status = world.server()?.terminate().await?;
    assert!(
        status.success() && start.elapsed() < QUICK,
        "{status} after {:?}",
        start.elapsed()
    );
    world.restart(&[]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_during_a_write_the_run_ends_within_the_drain() -> anyhow::Result<()> {
    let mut world = World::with(draining(30, targets::patient())).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    hold_the_second_alert(&world).await?;
    let run = world
        .begin(TENANT, "qradar2alert", json!({ "timerange": HOUR }))
        .await?;
    targets::held(&world.thehive, "second").await?;
    let health = world.operator();
    world.server()?.signal_terminate()?;
    // The signal has arrived when nobody is let in any more.
    while health.get("/healthz").await.is_ok() {
        tokio::task::yield_now().await;
    }
    targets::release(&world.thehive, "second").await?;
    let status = world.server()?.ended().await?;
    assert!(status.success(), "{status}");
    targets::assert_one_alert_each(&world, &offenses)?;

    world.restart(&[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(ended["attempts"], 1, "it ended before the process did: {ended:#}");
    targets::assert_all_created(&world, &ended, &offenses).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_during_a_write_that_does_not_end_the_run_goes_on_after_the_restart() -> anyhow::Result<()> {
    let mut world = World::with(draining(0, targets::narrow(1))).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    hold_the_second_alert(&world).await?;
    let run = world
        .begin(TENANT, "qradar2alert", json!({ "timerange": HOUR }))
        .await?;
    targets::held(&world.thehive, "second").await?;
    // Never released before the process ends: the write ends by its own deadline, with an unknown result.
    let status = world.server()?.terminate().await?;
    assert!(status.success(), "{status}");
    assert_eq!(
        targets::requests(&world.thehive, creates_alert).len(),
        2,
        "nothing new was started"
    );
    targets::release(&world.thehive, "second").await?;

    world.restart(&[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(ended["attempts"], 2, "{ended:#}");
    targets::assert_one_alert_each(&world, &offenses)?;
    targets::assert_all_created(&world, &ended, &offenses).await?;
    targets::assert_nothing_left(&world, &offenses).await?;
    world.finish().await
}

/// A caller that waits for a run must not keep the server from draining: it gets the run as it then is.
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_caller_does_not_hold_up_the_stop() -> anyhow::Result<()> {
    let mut world = World::with(draining(0, targets::narrow(1))).await?;
    world.deploy(Deployment::of("prober")).await?;
    let input = json!({ "texts": ["a"], "attempts": 2, "ms": 3_600_000 });
    let api = world.operator();
    let path = format!("/v1/tenants/{TENANT}/deployments/prober/runs");
    let waiter = tokio::spawn(async move { api.json("POST", &path, &[("prefer", "wait=120")], &input).await });
    // The run sleeps for an hour; its caller waits.
    loop {
        let runs = world
            .operator()
            .get(&format!("/v1/tenants/{TENANT}/runs?state=waiting"))
            .await?
            .ok()?;
        if runs["runs"].as_array().is_some_and(|runs| !runs.is_empty()) {
            break;
        }
        tokio::task::yield_now().await;
    }
    let start = Instant::now();
    let status = world.server()?.terminate().await?;
    assert!(
        status.success() && start.elapsed() < QUICK,
        "{status} after {:?}",
        start.elapsed()
    );
    let answer = waiter.await??;
    assert_eq!(
        (answer.status, &answer.body["state"]),
        (202, &json!("waiting")),
        "{answer:?}"
    );
    world.restart(&[]).await?;
    assert_eq!(
        newest(&world, "prober").await?,
        answer.body["id"].as_str().unwrap_or_default()
    );
    world.finish().await
}
