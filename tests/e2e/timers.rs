//! Does a run that sleeps hold nothing, show itself, and go on at its moment? (G7)

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Deployment, World, now};

use crate::support::ACME;

const HOUR: u64 = 3_600_000;

/// Reads the run until it waits.
async fn asleep(world: &World, run: &str) -> anyhow::Result<Value> {
    loop {
        let view = world
            .operator()
            .get(&format!("/v1/tenants/{ACME}/runs/{run}"))
            .await?
            .ok()?;
        match view["state"].as_str() {
            Some("waiting") => return Ok(view),
            Some("queued" | "running") => tokio::task::yield_now().await,
            _ => anyhow::bail!("{view:#}"),
        }
    }
}

fn lines(world: &World) -> Vec<String> {
    let dump = world.lab.target.dump();
    let entries = dump["entries"].as_array().cloned().unwrap_or_default();
    entries
        .iter()
        .map(|entry| entry["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_after_each_of_its_sleeps_and_does_everything_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("sleeper")).await?;
    let run = world
        .run(ACME, "sleeper", json!({ "waits": [600, -5_000, 400], "label": "a" }))
        .await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let slept = run["answer"].as_array().context("an answer")?;
    assert_eq!(slept.len(), 3);
    for wait in slept {
        assert!(
            wait["now"].as_u64() >= wait["moment"].as_u64(),
            "the clock is there after a sleep: {wait}"
        );
    }
    let took = run["ended_at"].as_u64().unwrap_or_default() - run["created_at"].as_u64().unwrap_or_default();
    assert!(took >= 1_000, "it slept: {run:#}");
    assert_eq!(run["attempts"], 3, "a moment in the past is no wait: {run:#}");
    assert_eq!(lines(&world), ["a 0", "a 1", "a 2"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_wait_is_waited_for_in_place_and_a_far_one_is_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("sleeper")).await?;
    let too_far = 90 * 24 * HOUR + 60_000;
    let run = world
        .run(ACME, "sleeper", json!({ "waits": [100, too_far], "label": "a" }))
        .await?;
    assert_eq!(
        (&run["state"], &run["attempts"]),
        (&json!("succeeded"), &json!(1)),
        "{run:#}"
    );
    let took = run["ended_at"].as_u64().unwrap_or_default() - run["started_at"].as_u64().unwrap_or_default();
    assert!(took >= 100, "it was waited for: {run:#}");
    assert_eq!(run["answer"][1], json!({ "error": "invalid" }), "{run:#}");
    assert_eq!(lines(&world), ["a 0"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn waking_up_is_no_attempt_that_got_nowhere() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("sleeper")).await?;
    let waits = json!({ "waits": [700, 700, 700, 700, 700, 700, 700], "hold": true });
    let run = world.run(ACME, "sleeper", waits).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    // Five in a row without a journal entry would be the end of it.
    assert!(
        run["attempts"].as_u64() > Some(5),
        "it slept most of these times: {run:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_run_says_until_when_holds_no_place_and_is_cancelled_at_once() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("sleeper")).await?;
    let before = now();
    let sleeping = world
        .begin(ACME, "sleeper", json!({ "waits": [HOUR], "label": "grace" }))
        .await?;
    let view = asleep(&world, &sleeping).await?;
    let wake = view["wake_at"].as_u64().context("a sleeping run says until when")?;
    assert!((before + HOUR..=now() + HOUR).contains(&wake), "{view:#}");
    assert_eq!(
        view["problem"],
        Value::Null,
        "it is what the workflow asked for: {view:#}"
    );
    for command in [
        vec!["runs", "list", "--tenant", ACME],
        vec!["runs", "show", "--tenant", ACME, &sleeping],
    ] {
        let (code, shown, error) = world.cli(&command).await?;
        assert_eq!(code, 0, "{error}");
        assert!(shown.contains("sleeps until 20"), "{shown}");
    }
    // The deployment is serial, and its next run starts all the same.
    let next = world
        .run(ACME, "sleeper", json!({ "waits": [0], "label": "next" }))
        .await?;
    assert_eq!(next["state"], "succeeded", "{next:#}");
    let cancelled = world
        .operator()
        .json(
            "POST",
            &format!("/v1/tenants/{ACME}/runs/{sleeping}/cancel"),
            &[],
            &json!({}),
        )
        .await?;
    assert_eq!(
        (cancelled.status, &cancelled.body["state"]),
        (200, &json!("cancelled")),
        "{cancelled:?}"
    );
    assert_eq!(lines(&world), ["next 0"]);
    let journal = world.journal(ACME, &sleeping).await?;
    let call = &journal["calls"][0];
    assert_eq!(
        (&call["operation"], &call["class"], &call["time"]),
        (&json!("workflow/clock.sleep-until"), &json!("local"), &json!(wake)),
        "{journal:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_and_after_a_sleep_is_not_written_again_by_a_retry() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("sleeper")).await?;
    let run = world
        .run(
            ACME,
            "sleeper",
            json!({ "waits": [300, 300], "label": "a", "again": true }),
        )
        .await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(lines(&world), ["a 0", "a 1"]);
    world.finish().await
}
