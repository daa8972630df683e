//! Does a run that sleeps survive the end of its process, and go on exactly once? (G7; a restart during a grace period)

use serde_json::{Value, json};
use synapse_tests::{Deployment, World, now};

use crate::kill::{carry_on, kill_at, kill_at_moment};
use crate::targets::{self, TENANT};

const HOUR: u64 = 3_600_000;

/// A run that sleeps an hour before its line; answers its id and its moment.
async fn sleeping(world: &World) -> anyhow::Result<(String, u64)> {
    sleeping_as(world, json!({ "waits": [HOUR], "label": "grace" })).await
}

async fn sleeping_as(world: &World, input: Value) -> anyhow::Result<(String, u64)> {
    world.deploy(Deployment::of("sleeper")).await?;
    let run = world.begin(TENANT, "sleeper", input).await?;
    loop {
        let view = world
            .operator()
            .get(&format!("/v1/tenants/{TENANT}/runs/{run}"))
            .await?
            .ok()?;
        if let Some(wake) = view["wake_at"].as_u64() {
            return Ok((run, wake));
        }
        anyhow::ensure!(view["state"] == "queued" || view["state"] == "running", "{view:#}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_grace_period_it_acts_once_and_not_before_its_moment() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    let (run, wake) = sleeping(&world).await?;
    world.jump_to(now() + HOUR / 2, &[]).await?;
    let view = world
        .operator()
        .get(&format!("/v1/tenants/{TENANT}/runs/{run}"))
        .await?
        .ok()?;
    assert_eq!(view["state"], "waiting", "half of it is over: {view:#}");
    world.jump_to(wake + 1, &[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    assert_eq!(
        ended["answer"][0]["moment"],
        json!(wake),
        "the moment was pinned: {ended:#}"
    );
    world.jump_to(wake + HOUR, &[]).await?;
    assert_eq!(targets::lines(&world), ["grace 0"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_its_wake_when_the_effect_was_sent_it_acts_once() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    let (run, wake) = sleeping(&world).await?;
    kill_at_moment(&mut world, wake + 1, "gate.after-send").await?;
    assert_eq!(targets::lines(&world), ["grace 0"], "it was sent");
    world.jump_to(wake + 5_000, &[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    assert_eq!(targets::lines(&world), ["grace 0"]);
    assert_eq!(targets::hows(&world, &run).await?, ["adopted"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_its_sleep_is_durable_it_sleeps_again_and_acts_once() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("sleeper")).await?;
    kill_at(
        &mut world,
        "engine.before-end",
        1,
        "sleeper",
        json!({ "waits": [600, 600], "label": "a" }),
    )
    .await?;
    let (run, _) = carry_on(&mut world, "sleeper").await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(targets::lines(&world), ["a 0", "a 1"]);
    world.finish().await
}

/// A run that was handed back with its sleep recorded, or whose clock was set back: it sleeps on.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_shortens_no_sleep() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    let (run, wake) = sleeping(&world).await?;
    world.jump_to(wake - 2 * HOUR, &[]).await?;
    let view = world
        .operator()
        .get(&format!("/v1/tenants/{TENANT}/runs/{run}"))
        .await?
        .ok()?;
    assert_eq!(
        (&view["state"], &view["wake_at"]),
        (&json!("waiting"), &json!(wake)),
        "{view:#}"
    );
    assert!(targets::lines(&world).is_empty());
    world.jump_to(wake, &[]).await?;
    assert_eq!(world.end_of(TENANT, &run).await?["state"], "succeeded");
    assert_eq!(targets::lines(&world), ["grace 0"]);
    world.finish().await
}

/// The run as soon as it waits, with how many attempts it had.
async fn waits_again(world: &World, run: &str) -> anyhow::Result<(u64, u64)> {
    loop {
        let view = world
            .operator()
            .get(&format!("/v1/tenants/{TENANT}/runs/{run}"))
            .await?
            .ok()?;
        match view["state"].as_str() {
            Some("waiting") => {
                let number = |name: &str| view[name].as_u64().unwrap_or_default();
                return Ok((number("wake_at"), number("attempts")));
            }
            Some("queued" | "running") => tokio::task::yield_now().await,
            _ => anyhow::bail!("{view:#}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_finds_its_sleep_recorded_and_not_over_sleeps_on() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    let (run, wake) = sleeping(&world).await?;
    // It had gone on, and had done nothing yet, when the process died; then the clock was set back.
    kill_at_moment(&mut world, wake + 1, "gate.before-intent").await?;
    world.jump_to(wake - HOUR / 2, &[]).await?;
    assert_eq!(waits_again(&world, &run).await?, (wake, 3));
    assert!(targets::lines(&world).is_empty());
    world.jump_to(wake + 1, &[]).await?;
    assert_eq!(world.end_of(TENANT, &run).await?["state"], "succeeded");
    assert_eq!(targets::lines(&world), ["grace 0"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleep_that_was_over_once_is_over_whatever_the_clock_says() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    // Behind its line it changes its state, so that both are durable before its end.
    let (run, wake) = sleeping_as(&world, json!({ "waits": [HOUR], "label": "grace", "again": true })).await?;
    kill_at_moment(&mut world, wake + 1, "engine.before-end").await?;
    world.jump_to(wake - HOUR / 2, &[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    assert_eq!(targets::lines(&world), ["grace 0"]);
    world.finish().await
}
