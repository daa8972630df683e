//! The main job: offenses become alerts, once, with reasons.

use serde_json::json;
use synapse_tests::{Deployment, TENANTS, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_identical_import_creates_nothing_and_says_why() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    let generate = json!({ "offenses": 5, "events_per_offense": 3, "age_ms": -1_000, "first_id": 100 });
    let api = world.operator();
    let console = synapse_tests::Api::new(&world.qradar.url(), "")?;
    console
        .json("POST", "/_sim/qradar/generate", &[], &generate)
        .await?
        .ok()?;
    drop(api);

    let first = world
        .run(TENANTS[0], "qradar2alert", json!({ "timerange": 60 }))
        .await?;
    assert_eq!(first["state"], "succeeded", "{first:#}");
    assert_eq!(first["answer"]["created"], 5, "{first:#}");
    let created = world.thehive.control.effects(0).len();
    assert_eq!(created, 5);

    let second = world
        .run(TENANTS[0], "qradar2alert", json!({ "timerange": 60 }))
        .await?;
    assert_eq!(second["answer"]["created"], 0, "{second:#}");
    let reasons = second["answer"]["skipped"].to_string();
    assert_eq!(reasons.matches("already imported as alert").count(), 5, "{reasons}");
    assert_eq!(
        world.thehive.control.effects(0).len(),
        created,
        "nothing was written a second time"
    );
    world.finish().await
}
