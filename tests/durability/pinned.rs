//! Does a run stay on the deployment that it was accepted with? (G8)

use serde_json::json;
use synapse_tests::{Deployment, Options, World};

use crate::kill::carry_on;
use crate::targets::{self, HOUR, TENANT};

/// The types of the alerts that TheHive accepted, in order.
fn types(world: &World) -> Vec<String> {
    let effects = world.thehive.control.effects(0);
    effects
        .iter()
        .map(|effect| effect.body["type"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn g8_a_run_under_way_keeps_its_version_over_a_deployment_and_a_crash() -> anyhow::Result<()> {
    // A deadline long enough for a deployment during the held request, short enough to wait for after the kill.
    let connection = "width = 1\nrequest_deadline_ms = 5000\nsend_window_ms = 500\nvisibility_lag_ms = 20".to_owned();
    let mut world = World::with(Options {
        connection,
        ..Options::default()
    })
    .await?;
    let deployment = |alert_type: &str| Deployment::of("qradar2alert").config(json!({ "alert_type": alert_type }));
    world.deploy(deployment("Old")).await?;
    targets::five_offenses(&world, 100).await?;
    let hold = json!({ "match": { "method": "POST", "path": "/api/v1/alert" }, "action": { "hold": "first" } });
    targets::fault(&world.thehive, hold).await?;
    let run = world
        .begin(TENANT, "qradar2alert", json!({ "timerange": HOUR }))
        .await?;
    targets::held(&world.thehive, "first").await?;
    let second = world.deploy(deployment("New")).await?;
    assert_eq!(second["version"], 2);
    targets::release(&world.thehive, "first").await?;
    let ended = world.end_of(TENANT, &run).await?;
    assert_eq!(
        (&ended["version"], &ended["answer"]["created"]),
        (&json!(1), &json!(5)),
        "{ended:#}"
    );
    assert_eq!(types(&world), ["Old"; 5]);

    // And over a crash: killed by hand in the middle of a write, with a third version there when it goes on.
    targets::five_offenses(&world, 200).await?;
    let hold = json!({ "match": { "method": "POST", "path": "/api/v1/alert" }, "action": { "hold": "again" } });
    targets::fault(&world.thehive, hold).await?;
    world
        .begin(TENANT, "qradar2alert", json!({ "timerange": HOUR }))
        .await?;
    targets::held(&world.thehive, "again").await?;
    world.deploy(deployment("Newest")).await?;
    world.server()?.kill().await?;
    targets::release(&world.thehive, "again").await?;
    let (ended, _) = carry_on(&mut world, "qradar2alert").await?;
    assert_eq!(
        (&ended["version"], &ended["attempts"]),
        (&json!(2), &json!(2)),
        "{ended:#}"
    );
    assert_eq!(types(&world)[5..], ["New"; 5]);
    world.finish().await
}
