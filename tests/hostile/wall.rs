//! Does a run that waits end at its wall-clock limit, and is what it had already sent still recorded? (threat row 15, G2)

use serde_json::json;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, calls, failed, fault, generate, held, release, text};

#[tokio::test(flavor = "multi_thread")]
async fn row_15_a_write_in_flight_at_the_wall_limit_is_journaled_and_nothing_follows_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of("prober").limits(json!({ "wall_ms": 500 })))
        .await?;
    // Performed, and answered long after the limit, but within the request's deadline.
    fault(
        &world.lab,
        json!({ "match": { "method": "POST" }, "action": { "delay_ms": 1_400 } }),
    )
    .await?;
    let run = world
        .run(ACME, "prober", json!({ "texts": ["first", "second"] }))
        .await?;
    assert!(failed(&run, "wall-limit").contains("wall-clock"), "{run:#}");
    let calls = calls(&world, ACME, &run).await?;
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert!(
        calls[0]["ok"] == true && ["performed", "adopted"].contains(&text(&calls[0]["how"])),
        "{calls:?}"
    );
    let effects = world.lab.control.effects(0);
    assert_eq!(effects.len(), 1, "{effects:?}");
    assert_eq!(effects[0].body["text"], "first");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_15_a_run_that_waits_for_an_answer_ends_at_its_wall_limit_and_frees_its_place() -> anyhow::Result<()> {
    let world = World::start().await?;
    world
        .deploy(Deployment::of("qradar2alert").limits(json!({ "wall_ms": 500 })))
        .await?;
    generate(&world.qradar, 0, 100, 2).await?;
    fault(
        &world.qradar,
        json!({ "match": { "path": "/siem/offenses" }, "action": { "hold": "asked" } }),
    )
    .await?;
    let run = world.begin(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    held(&world.qradar, "asked").await?;
    let run = world.end_of(ACME, &run).await?;
    failed(&run, "wall-limit");
    assert!(world.thehive.control.effects(0).is_empty());
    release(&world.qradar, "asked").await?;

    // The deployment is serial: the next run starts, so the place was given back.
    world.deploy(Deployment::of("qradar2alert")).await?;
    let next = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
    assert_eq!(
        (&next["state"], &next["answer"]["created"]),
        (&json!("succeeded"), &json!(2)),
        "{next:#}"
    );
    world.finish().await
}
