//! Has an acknowledged trigger exactly one run, however often it is delivered, and does it survive kill -9? (G1)

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::{Answer, Deployment, World};

use crate::kill::carry_on;
use crate::targets::{self, TENANT};

const RUNS: &str = "/v1/tenants/acme/deployments/prober/runs";
/// How often the trigger is delivered at once.
const DELIVERIES: usize = 6;

async fn deliver(world: &World, key: &str, input: &Value) -> anyhow::Result<Answer> {
    world
        .operator()
        .json("POST", RUNS, &[("idempotency-key", key)], input)
        .await
}

fn id(answer: &Answer) -> anyhow::Result<String> {
    anyhow::ensure!((200..300).contains(&answer.status), "{answer:?}");
    Ok(answer.body["id"].as_str().context("no id")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_delivered_many_times_with_one_key_has_one_run_also_after_kill_9() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    let input = json!({ "texts": ["once"] });

    let mut deliveries = tokio::task::JoinSet::new();
    for _ in 0..DELIVERIES {
        let (api, input) = (world.operator(), input.clone());
        deliveries.spawn(async move { api.json("POST", RUNS, &[("idempotency-key", "k-1")], &input).await });
    }
    let mut runs = Vec::new();
    let mut repeats = 0;
    while let Some(answer) = deliveries.join_next().await {
        let answer = answer??;
        repeats += usize::from(answer.headers.contains_key("idempotency-replayed"));
        runs.push(id(&answer)?);
    }
    runs.dedup();
    assert_eq!(runs.len(), 1, "one run: {runs:?}");
    assert_eq!(repeats, DELIVERIES - 1, "all but one answer say that they are repeats");

    world.server()?.kill().await?;
    world.restart(&[]).await?;
    let again = deliver(&world, "k-1", &input).await?;
    assert_eq!(id(&again)?, runs[0]);
    assert!(again.headers.contains_key("idempotency-replayed"));
    let run = world.end_of(TENANT, &runs[0]).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(targets::lines(&world), ["once"]);

    let other = deliver(&world, "k-1", &json!({ "texts": ["another"] })).await?;
    assert_eq!(other.status, 409, "the same key with another request: {other:?}");
    let listed = world.operator().get("/v1/tenants/acme/runs").await?.ok()?;
    assert_eq!(listed["runs"].as_array().map(Vec::len), Some(1), "{listed:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_means_nothing_in_another_tenant() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("echo")).await?;
    world.deploy(Deployment::of("echo").tenant("umbrella")).await?;
    let mut runs = Vec::new();
    for tenant in synapse_tests::TENANTS {
        let path = format!("/v1/tenants/{tenant}/deployments/echo/runs");
        let headers = [("idempotency-key", "shared"), ("prefer", "wait=30")];
        let answer = world
            .operator()
            .json("POST", &path, &headers, &json!({ "of": tenant }))
            .await?;
        assert_eq!(answer.body["answer"], json!({ "of": tenant }), "{answer:?}");
        runs.push(id(&answer)?);
    }
    assert_ne!(runs[0], runs[1]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_run_survives_kill_9_right_after_the_answer() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    let accepted = deliver(&world, "k-2", &json!({ "texts": ["accepted"] })).await?;
    world.server()?.kill().await?;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(run["id"], accepted.body["id"]);
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(targets::lines(&world), ["accepted"]);
    world.finish().await
}
