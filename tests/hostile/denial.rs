//! Can a deployment do what nobody granted? (threat rows 22 and 23, G8: deny by default, grants are read at each live call)

use serde_json::{Value, json};
use synapse_tests::{Deployment, Options, World};

use crate::support::{ACME, UMBRELLA, calls, fault, held, list, release, set_grants, text};

/// Covers an operation of every interface that the guest `denied` imports, and not the one that it calls.
fn without_create() -> Value {
    json!([{ "binding": "thehive", "operations": ["thehive/alerts.get-alert"] }])
}

/// A grant for creating alerts, limited by these scopes.
fn create_with(scopes: &Value) -> Value {
    json!([{ "binding": "thehive", "operations": ["thehive/alerts.create-alerts"], "scopes": scopes }])
}

/// The run succeeded, its guest was told `denied`, the journal says so, and the target was not asked.
async fn assert_denied(world: &World, tenant: &'static str, run: &Value, named: &[&str]) -> anyhow::Result<()> {
    assert_eq!(run["state"], "succeeded", "a denial is an answer, not a trap: {run:#}");
    assert_eq!(run["answer"]["error"], "denied", "{run:#}");
    let said = text(&run["answer"]["text"]);
    assert!(named.iter().all(|name| said.contains(name)), "`{said}` names {named:?}");
    let calls = calls(world, tenant, run).await?;
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(
        (text(&calls[0]["how"]), &calls[0]["ok"]),
        ("denied", &json!(false)),
        "{calls:?}"
    );
    assert_eq!(calls[0]["operation"], "thehive/alerts.create-alerts");
    assert!(
        list(&calls[0]["sendings"]).is_empty(),
        "a denied write has no intent: {calls:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn row_23_without_the_grant_a_call_is_denied_and_the_target_saw_no_request_at_all() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("denied").grants(without_create())).await?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert_denied(
        &world,
        ACME,
        &run,
        &["thehive/alerts.create-alerts", "binding `thehive`", "no grant"],
    )
    .await?;
    let requests = world.thehive.control.requests(0);
    assert!(requests.is_empty(), "{requests:?}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_hold_from_the_next_run_on_without_a_restart() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("denied").grants(without_create())).await?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert_denied(&world, ACME, &run, &[]).await?;

    set_grants(&world, ACME, "denied", &create_with(&json!({}))).await?;
    let run = world.run(ACME, "denied", json!({ "type": "first" })).await?;
    assert!(run["answer"]["created"].is_string(), "{run:#}");
    assert_eq!(world.thehive.control.effects(0).len(), 1);

    set_grants(&world, ACME, "denied", &json!([])).await?;
    let asked = world.thehive.control.requests(0).len();
    let run = world.run(ACME, "denied", json!({ "type": "second" })).await?;
    assert_denied(&world, ACME, &run, &["no grant"]).await?;
    assert_eq!(world.thehive.control.requests(0).len(), asked);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_taken_away_stops_a_run_that_is_under_way_at_its_next_call() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(Deployment::of("prober")).await?;
    fault(
        &world.lab,
        json!({ "match": { "method": "POST" }, "action": { "hold": "first" } }),
    )
    .await?;
    let run = world
        .begin(ACME, "prober", json!({ "texts": ["first", "second"] }))
        .await?;
    held(&world.lab, "first").await?;
    set_grants(
        &world,
        ACME,
        "prober",
        &json!([{ "binding": "lab", "operations": ["lab/target.read"] }]),
    )
    .await?;
    release(&world.lab, "first").await?;
    let run = world.end_of(ACME, &run).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    let how: Vec<_> = calls(&world, ACME, &run)
        .await?
        .iter()
        .map(|call| text(&call["how"]).to_owned())
        .collect();
    assert_eq!(how, ["performed", "denied"]);
    assert_eq!(world.lab.control.effects(0).len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_a_scope_limits_the_arguments_of_a_call() -> anyhow::Result<()> {
    let world = World::start().await?;
    for scopes in [
        json!({ "alert-type": ["other"] }),
        json!({ "alert-source": ["other"] }),
        json!({ "alert-type": [] }),
    ] {
        world
            .deploy(Deployment::of("denied").grants(create_with(&scopes)))
            .await?;
        let run = world.run(ACME, "denied", json!(null)).await?;
        assert_denied(
            &world,
            ACME,
            &run,
            &["alert-type `denied`", "alert-source `hive-acme`", "scopes"],
        )
        .await?;
    }
    assert!(world.thehive.control.requests(0).is_empty());
    let both = json!({ "alert-type": ["denied", "other"], "alert-source": ["hive-acme"] });
    set_grants(&world, ACME, "denied", &create_with(&both)).await?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert!(run["answer"]["created"].is_string(), "{run:#}");
    // Two grants are two doors, not one wide one: type of the one and source of the other open nothing.
    let doors = json!([
        { "binding": "thehive", "operations": ["thehive/alerts.*"], "scopes": { "alert-type": ["denied"], "alert-source": ["x"] } },
        { "binding": "thehive", "operations": ["thehive/alerts.*"], "scopes": { "alert-type": ["x"], "alert-source": ["hive-acme"] } },
    ]);
    set_grants(&world, ACME, "denied", &doors).await?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert_denied(&world, ACME, &run, &["alert-type `denied`"]).await?;
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenants_ceiling_is_above_every_grant() -> anyhow::Result<()> {
    let sections = format!("[tenants.{ACME}]\nceiling = [\"thehive/alerts.get-alert\", \"qradar/*\"]\n");
    let world = World::with(Options {
        sections,
        ..Options::default()
    })
    .await?;
    for tenant in [ACME, UMBRELLA] {
        world.deploy(Deployment::of("denied").tenant(tenant)).await?;
    }
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert_denied(&world, ACME, &run, &["ceiling"]).await?;
    assert!(world.thehive.control.requests(0).is_empty());
    // The other tenant has none.
    let run = world.run(UMBRELLA, "denied", json!(null)).await?;
    assert!(run["answer"]["created"].is_string(), "{run:#}");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_is_a_ceiling_too() -> anyhow::Result<()> {
    let world = World::start().await?;
    // The author asked for less than the code calls: the operator's `*` does not widen it.
    let asked = crate::support::manifest("denied")?.replace("thehive/alerts.*", "thehive/alerts.find-alerts");
    let component = crate::support::component("denied")?;
    let digest = crate::support::digest(&component);
    crate::support::upload(&world.operator(), ACME, component).await?.ok()?;
    let wanted = json!({
        "component": digest, "manifest": asked, "bindings": { "thehive": "hive" },
        "grants": [{ "binding": "thehive", "operations": ["*"] }],
    });
    crate::support::put(&world.operator(), ACME, "denied", &wanted)
        .await?
        .ok()?;
    let run = world.run(ACME, "denied", json!(null)).await?;
    assert_denied(&world, ACME, &run, &["manifest does not ask"]).await?;
    assert!(world.thehive.control.requests(0).is_empty());
    world.finish().await
}
