//! Does a run that goes on after a crash see exactly what it saw before? (G4)

use std::collections::BTreeSet;

use serde_json::json;
use synapse_sim::control::Request;
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_again_at, kill_at};
use crate::targets::{self, HOUR, TENANT};

/// Asked by the host itself, once per process: the version, the types it must know to prepare observables, and searches left behind.
fn is_the_hosts_own(request: &Request) -> bool {
    let path = &request.path;
    request.method == "GET"
        && (path.starts_with("/api/help/versions")
            || path.starts_with("/api/status")
            || path.starts_with("/api/ariel/searches"))
        || request.method == "POST" && path == "/api/v1/query?name=synapse-observable-types"
}

fn asked(world: &World) -> (Vec<Request>, Vec<Request>) {
    let guests = |request: &Request| !is_the_hosts_own(request);
    (
        targets::requests(&world.qradar, guests),
        targets::requests(&world.thehive, guests),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_not_asked_again_after_a_crash_at_the_last_write() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let offenses = targets::five_offenses(&world, 100).await?;
    kill_at(
        &mut world,
        "gate.after-intent",
        5,
        "qradar2alert",
        json!({ "timerange": HOUR }),
    )
    .await?;
    let (qradar, thehive) = asked(&world);
    assert!(
        qradar.len() >= 10 && thehive.len() >= 5,
        "the reads were made before: {} and {}",
        qradar.len(),
        thehive.len()
    );

    let (run, _) = carry_on(&mut world, "qradar2alert").await?;
    targets::assert_all_created(&world, &run, &offenses).await?;
    let (qradar_after, thehive_after) = asked(&world);
    let again: Vec<_> = qradar_after[qradar.len()..]
        .iter()
        .map(|request| &request.path)
        .collect();
    assert!(again.is_empty(), "QRadar was asked again: {again:?}");
    let again: Vec<_> = thehive_after[thehive.len()..]
        .iter()
        .map(|request| (&*request.method, &*request.path))
        .collect();
    assert_eq!(again, [("POST", "/api/v1/alert")], "only the write in doubt");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_randomness_are_equal_byte_for_byte_in_every_attempt() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    let input = json!({ "texts": ["a", "b", "c", "d"], "draw": true });
    // The lines carry the time and the randomness of the attempt that wrote them; another value would be another call.
    kill_at(&mut world, "gate.after-response", 2, "prober", input).await?;
    kill_again_at(&mut world, "gate.after-response", 2).await?;
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(run["attempts"], 3, "{run:#}");
    let answered: Vec<_> = run["answer"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["line"].as_str())
        .collect();
    assert_eq!(answered.len(), 4);
    assert_eq!(
        targets::lines(&world),
        answered,
        "the last attempt saw what the first two had written"
    );
    let randomness: BTreeSet<_> = answered.iter().filter_map(|line| line.rsplit(' ').next()).collect();
    assert_eq!(randomness.len(), 4, "and no two draws are equal: {answered:?}");

    let other = world
        .run(TENANT, "prober", json!({ "texts": ["a"], "draw": true }))
        .await?;
    assert_ne!(
        other["answer"][0]["line"]
            .as_str()
            .and_then(|line| line.rsplit(' ').next()),
        answered[0].rsplit(' ').next()
    );
    world.finish().await
}
