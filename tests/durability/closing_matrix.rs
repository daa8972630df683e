//! Is an offense closed once, noted once and told once, at whichever call of its run the process dies?

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_domain::failpoint::POINTS;
use synapse_tests::analyst::{self, Analyst};
use synapse_tests::{Deployment, TENANTS, World, siem_token};

use crate::kill::{Passed, carry_on, environment, fresh_log, kill_at, passed};
use crate::targets::{self, TENANT};

/// The workflow under its own name.
const CLOSE: &str = "close-offense";
/// Worlds that go through the rows side by side: a row mostly waits until its effect may be settled.
const LANES: usize = 6;

async fn world(grace: u64) -> anyhow::Result<(World, Analyst)> {
    let world = World::with(targets::narrow(4)).await?;
    let alice = Analyst::arrive(&world)?;
    let settings = json!({ "reasons": analyst::reasons(), "grace_seconds": grace, "closures_per_hour": 10_000 });
    world.deploy(Deployment::of(CLOSE).config(settings)).await?;
    Ok((world, alice))
}

/// The console has this offense alone, and its case was closed now.
async fn closed_case(world: &World, alice: &Analyst, id: u64) -> anyhow::Result<Value> {
    let at = world.qradar.control.now_ms() - 3_600_000;
    let offense = json!({
        "id": id, "description": "d", "status": "OPEN", "offense_type": 0, "offense_source": "198.51.100.7", "magnitude": 5, "severity": 5,
        "credibility": 5, "relevance": 5, "start_time": at, "last_updated_time": at, "domain_id": 0,
    });
    let token = |(domain, tenant): (usize, &&str)| json!({ "token": siem_token(tenant), "label": tenant, "domain_ids": [domain] });
    let tokens: Vec<Value> = TENANTS.iter().enumerate().map(token).collect();
    world
        .qradar
        .target
        .load(json!({ "offenses": [offense], "tokens": tokens }))
        .map_err(anyhow::Error::msg)?;
    alice.alert(id).await?;
    let case = alice.promote(world, id).await?;
    alice.set(&case, json!({ "status": "FalsePositive" })).await?;
    Ok(case)
}

/// What is there now: closings, notes, comments.
async fn done(
    world: &World,
    alice: &Analyst,
    case: &Value,
    id: u64,
    since: u64,
) -> anyhow::Result<BTreeMap<&'static str, usize>> {
    let path = format!("/api/siem/offenses/{id}");
    let closings = world.qradar.control.effects(since);
    let closings = closings.iter().filter(|effect| effect.path == path).count();
    Ok([
        ("closings", closings),
        ("notes", analyst::notes(world, id).len()),
        ("comments", alice.comments(case).await?.len()),
    ]
    .into())
}

fn once() -> BTreeMap<&'static str, usize> {
    [("closings", 1), ("notes", 1), ("comments", 1)].into()
}

async fn undisturbed() -> anyhow::Result<Passed> {
    let (mut world, alice) = world(0).await?;
    let log = fresh_log(&world)?;
    world.restart(&environment(None, &log)).await?;
    let case = closed_case(&world, &alice, 1).await?;
    let run = world.run(TENANT, CLOSE, json!({ "case": case["_id"] })).await?;
    anyhow::ensure!(run["state"] == "succeeded", "{run:#}");
    anyhow::ensure!(done(&world, &alice, &case, 1, 0).await? == once(), "{run:#}");
    let passed = passed(&log)?;
    world.finish().await?;
    Ok(passed)
}

/// One row: the process dies at this passage of this point; afterwards everything is there once.
async fn row(world: &mut World, alice: &Analyst, id: u64, point: &str, nth: u64) -> anyhow::Result<()> {
    let case = closed_case(world, alice, id).await?;
    let since = world.qradar.control.effects(0).last().map_or(0, |effect| effect.seq);
    let input = json!({ "case": case["_id"] });
    kill_at(world, point, nth, CLOSE, input.clone()).await?;
    let (run, _) = carry_on(world, CLOSE).await?;
    anyhow::ensure!(run["state"] == "succeeded" && run["attempts"] == 2, "{run:#}");
    anyhow::ensure!(run["answer"]["offenses"][0]["outcome"] == "closed", "{run:#}");
    let there = done(world, alice, &case, id, since).await?;
    anyhow::ensure!(there == once(), "{there:?}: {run:#}");
    world.run(TENANT, CLOSE, input).await?;
    let there = done(world, alice, &case, id, since).await?;
    anyhow::ensure!(there == once(), "a second look changed something: {there:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offense_is_closed_noted_and_told_once_at_whichever_call_the_process_dies() -> anyhow::Result<()> {
    let passages = undisturbed().await?;
    let mut rows = Vec::new();
    for point in POINTS {
        let count = passages.get(point).copied().unwrap_or_default();
        rows.extend((1..=count).map(|nth| (point, nth)));
    }
    println!("{} kills; {passages:?}", rows.len());
    // Note, closure and comment, at five points each, and the end.
    anyhow::ensure!(rows.len() == 16, "{passages:?}");
    let lanes = (0..LANES).map(|lane| {
        let rows: Vec<_> = rows.iter().copied().skip(lane).step_by(LANES).collect();
        async move {
            let (mut world, alice) = world(0).await?;
            for (id, (point, nth)) in (10..).zip(rows) {
                row(&mut world, &alice, id, point, nth)
                    .await
                    .with_context(|| format!("killed at {point}:{nth}"))?;
            }
            world.finish().await
        }
    });
    futures::future::try_join_all(lanes).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_the_grace_period_the_offense_is_closed_once_and_not_before() -> anyhow::Result<()> {
    let (mut world, alice) = world(3).await?;
    let case = closed_case(&world, &alice, 1).await?;
    let run = world.begin(TENANT, CLOSE, json!({ "case": case["_id"] })).await?;
    let path = format!("/v1/tenants/{TENANT}/runs/{run}");
    while world.operator().get(&path).await?.ok()?["state"] != "waiting" {
        tokio::task::yield_now().await;
    }
    world.server()?.kill().await?;
    anyhow::ensure!(world.qradar.control.effects(0).is_empty(), "closed too early");
    world.restart(&[]).await?;
    let ended = world.end_of(TENANT, &run).await?;
    anyhow::ensure!(ended["state"] == "succeeded", "{ended:#}");
    anyhow::ensure!(done(&world, &alice, &case, 1, 0).await? == once(), "{ended:#}");
    let closed_at = alice.look(&case).await?["closedDate"]
        .as_i64()
        .context("no closedDate")?;
    let effects = world.qradar.control.effects(0);
    let first = effects.first().context("no effect")?;
    let waited = first.time - closed_at;
    anyhow::ensure!(waited >= 3_000, "only {waited} ms");
    world.finish().await
}
