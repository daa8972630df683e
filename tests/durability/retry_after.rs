//! Does a run that asks for another attempt get it, later, without repeating what it has written? (G6, G7)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::targets::{self, TENANT};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_as_long_as_it_asks_and_goes_on() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("retrier")).await?;
    let run = world.run(TENANT, "retrier", json!({ "until": 3, "ms": 300 })).await?;
    assert_eq!(
        (&run["state"], &run["answer"]),
        (&json!("succeeded"), &json!({ "attempts": 3 })),
        "{run:#}"
    );
    let time = |name: &str| run[name].as_u64().unwrap_or_default();
    assert!(time("ended_at") - time("created_at") >= 600, "it waited twice: {run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_the_wait_is_not_written_again() -> anyhow::Result<()> {
    let world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    let run = world
        .run(
            TENANT,
            "prober",
            json!({ "texts": ["a", "b"], "draw": true, "attempts": 3, "ms": 50 }),
        )
        .await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    let answered: Vec<_> = run["answer"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["line"].as_str())
        .collect();
    assert_eq!(targets::lines(&world), answered);
    assert_eq!(answered.len(), 2);
    world.finish().await
}

/// The retry forgets the journal from the failed call on, and so the write after it; its effect exists and is adopted.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_behind_the_failed_call_is_adopted_by_the_retry() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    let refused = "x".repeat(70_000);
    let input = json!({ "texts": ["a", refused, "b"], "attempts": 2, "ms": 1_500 });
    let run = world.begin(TENANT, "prober", input).await?;
    loop {
        let view = world
            .operator()
            .get(&format!("/v1/tenants/{TENANT}/runs/{run}"))
            .await?
            .ok()?;
        if view["state"] == "waiting" {
            assert_eq!(view["problem"]["code"], "retry-after", "{view:#}");
            break;
        }
        assert!(view["state"] == "queued" || view["state"] == "running", "{view:#}");
        tokio::task::yield_now().await;
    }
    assert_eq!(targets::lines(&world), ["a", "b"]);
    // A waiting run is a row: it survives the process.
    world.server()?.kill().await?;
    world.restart(&[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(
        ended["state"], "partial",
        "the refused line is a failed item: {ended:#}"
    );
    assert_eq!(
        ended["answer"],
        json!([{ "id": "1" }, { "error": "invalid" }, { "id": "2" }]),
        "{ended:#}"
    );
    assert_eq!(targets::lines(&world), ["a", "b"], "nothing was written twice");
    assert_eq!(
        targets::hows(&world, &run).await?,
        ["performed", "performed", "adopted"]
    );
    world.finish().await
}
