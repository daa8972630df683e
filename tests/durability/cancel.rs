//! Does a cancelled run stop before its next effect, and is the effect under way still known? (design section 3)

use serde_json::{Value, json};
use synapse_tests::{Answer, Deployment, World};

use crate::targets::{self, HOUR, TENANT, creates_alert};

async fn cancel(world: &World, run: &str) -> anyhow::Result<Answer> {
    world
        .operator()
        .json(
            "POST",
            &format!("/v1/tenants/{TENANT}/runs/{run}/cancel"),
            &[],
            &json!({}),
        )
        .await
}

/// A run that waits for TheHive's answer to its second alert, which TheHive has made.
async fn held_at_the_second_alert(world: &World) -> anyhow::Result<String> {
    let hold =
        json!({ "match": { "method": "POST", "path": "/api/v1/alert", "skip": 1 }, "action": { "hold": "second" } });
    targets::fault(&world.thehive, hold).await?;
    let run = world
        .begin(TENANT, "qradar2alert", json!({ "timerange": HOUR }))
        .await?;
    targets::held(&world.thehive, "second").await?;
    Ok(run)
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_during_a_write_the_write_is_journaled_and_nothing_follows() -> anyhow::Result<()> {
    let world = World::with(targets::patient()).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    let run = held_at_the_second_alert(&world).await?;
    let answer = cancel(&world, &run).await?;
    assert_eq!(
        (answer.status, &answer.body["state"]),
        (202, &json!("running")),
        "it stops at its next call: {answer:?}"
    );
    targets::release(&world.thehive, "second").await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(
        (&ended["state"], &ended["problem"]["code"]),
        (&json!("cancelled"), &json!("cancelled")),
        "{ended:#}"
    );
    assert_eq!(
        targets::hows(&world, &run).await?,
        ["performed"; 2],
        "the write under way has its outcome"
    );
    assert_eq!(
        targets::requests(&world.thehive, creates_alert).len(),
        2,
        "and no other was sent"
    );
    assert_eq!(targets::alerts(&world)?.len(), 2);

    // The next import makes the other three; the two are there and are not made again.
    let next = targets::import(&world).await?;
    assert_eq!(
        (&next["state"], &next["answer"]["created"]),
        (&json!("succeeded"), &json!(3)),
        "{next:#}"
    );
    targets::assert_one_alert_each(&world, &offenses)?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_run_is_cancelled_at_once_and_a_finished_one_is_a_conflict() -> anyhow::Result<()> {
    let world = World::with(targets::patient()).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    let first = held_at_the_second_alert(&world).await?;
    let second = world
        .begin(TENANT, "qradar2alert", json!({ "timerange": HOUR }))
        .await?;
    let state = |run: Value| run["state"].as_str().unwrap_or_default().to_owned();
    let view = world
        .operator()
        .get(&format!("/v1/tenants/{TENANT}/runs/{second}"))
        .await?
        .ok()?;
    assert_eq!(state(view), "queued", "a deployment's runs are serial");
    let answer = cancel(&world, &second).await?;
    assert_eq!(
        (answer.status, &answer.body["state"]),
        (200, &json!("cancelled")),
        "{answer:?}"
    );
    targets::release(&world.thehive, "second").await?;

    let ended = world.end_of(TENANT, &first).await?;
    assert_eq!(state(ended), "succeeded");
    targets::assert_one_alert_each(&world, &offenses)?;
    let ended = world.end_of(TENANT, &second).await?;
    assert_eq!(
        (&ended["state"], &ended["attempts"]),
        (&json!("cancelled"), &json!(0)),
        "{ended:#}"
    );
    for run in [&first, &second] {
        let answer = cancel(&world, run).await?;
        assert_eq!(answer.status, 409, "{answer:?}");
    }
    let unknown = cancel(&world, "01900000-0000-7000-8000-000000000000").await?;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    world.finish().await
}

/// The caller of the cancelled run is told at once, and the deployment's next run starts.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_cancelled_run_hears_of_it() -> anyhow::Result<()> {
    let world = World::with(targets::patient()).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    targets::five_offenses(&world, 100).await?;
    let run = held_at_the_second_alert(&world).await?;
    let (ended, cancelled) = tokio::join!(world.end_of(TENANT, &run), async {
        cancel(&world, &run).await?.ok()?;
        targets::release(&world.thehive, "second").await
    });
    cancelled?;
    assert_eq!(ended?["state"], "cancelled");
    world.finish().await
}
