//! Does the server say how it is, and does it end without leaving callers in the dark?

use anyhow::Context as _;
use serde_json::json;
use synapse_tests::{Deployment, Options, World};

use crate::support::{self, ACME, IMPORT, fault, held, offense, release};

/// The value of a series in Prometheus' text, 0 if it is not there.
fn series(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).unwrap_or(0.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn health_readiness_and_counters_need_no_key_and_name_no_tenant() -> anyhow::Result<()> {
    let world = World::start().await?;
    let api = world.operator().with_key("");
    assert_eq!(api.get("/healthz").await?.ok()?, json!("ok\n"));
    assert_eq!(api.get("/readyz").await?.ok()?, json!({ "ready": true }));
    let metrics = || async {
        let answer = api.get("/metrics").await?;
        assert!(
            support::header(&answer, "content-type").starts_with("text/plain"),
            "{:?}",
            answer.headers
        );
        anyhow::Ok(answer.ok()?.as_str().unwrap_or_default().to_owned())
    };
    let before = metrics().await?;

    world.deploy(Deployment::of("echo")).await?;
    world.deploy(Deployment::of("fails")).await?;
    world.run(ACME, "echo", json!({})).await?;
    world
        .run(ACME, "fails", json!({ "how": "failed", "why": "acme" }))
        .await?;

    let after = metrics().await?;
    let moved = |name: &str| series(&after, name) - series(&before, name);
    assert_eq!(moved("synapse_attempts_started_total"), 2.0);
    assert_eq!(
        moved("synapse_attempts_ended_total{code=\"ok\",state=\"succeeded\"}"),
        1.0
    );
    assert_eq!(
        moved("synapse_attempts_ended_total{code=\"failed\",state=\"failed\"}"),
        1.0
    );
    assert_eq!(moved("synapse_runs{state=\"succeeded\"}"), 1.0);
    assert_eq!(
        moved("synapse_http_requests_total{method=\"POST\",status=\"200\"}"),
        2.0
    );
    assert_eq!(series(&after, "synapse_attempts_running"), 0.0);
    assert!(moved("synapse_store_commits_total") >= 4.0, "{after}");
    for name in ["acme", "umbrella", "echo", "fails", "hive", "siem"] {
        assert!(!after.contains(name), "`{name}` is in the metrics:\n{after}");
    }
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_answers_who_waits_and_the_next_one_finishes_the_run() -> anyhow::Result<()> {
    let mut world = World::with(Options {
        server: "drain_seconds = 0".to_owned(),
        ..Options::default()
    })
    .await?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let at = support::now(&world);
    support::load_console(&world.qradar, json!({ "offenses": [offense(7, at, json!({}))] }))?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "/api/siem/offenses" }, "action": { "hold": "list" } }),
    )
    .await?;
    let api = world.operator();
    let waiting = tokio::spawn(async move {
        let path = "/v1/tenants/acme/deployments/qradar2alert/runs";
        api.json("POST", path, &[("prefer", "wait=300")], &json!({ "timerange": 60 }))
            .await
    });
    held(&world.qradar, "list").await?;

    let status = world.server.take().context("there is a server")?.terminate().await?;
    assert!(status.success(), "{status}");
    let told = waiting.await??;
    assert_eq!(told.status, 202, "{}", told.body);
    let run = told.body["id"].as_str().unwrap_or_default().to_owned();

    release(&world.qradar, "list").await?;
    world.restart(&[]).await?;
    let ended = world.end_of(ACME, &run).await?;
    assert_eq!(
        (&ended["state"], &ended["attempts"]),
        (&json!("succeeded"), &json!(2)),
        "{ended:#}"
    );
    assert_eq!(support::alerts(&world).len(), 1);
    world.finish().await
}
