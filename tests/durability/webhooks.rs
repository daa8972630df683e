//! Is a webhook recorded with its run, or not at all, wherever the process dies? (G1, D21)

use serde_json::{Value, json};
use synapse_tests::hooks::{closed, hook_options};
use synapse_tests::{Deployment, World};

const TENANT: &str = "acme";

async fn world(environment: &[(&str, &str)]) -> anyhow::Result<World> {
    let mut options = hook_options();
    let failing = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    options.environment.extend(failing);
    let world = World::with(options).await?;
    let trigger = json!({ "kind": "webhook", "name": "heard", "binding": "thehive", "events": ["case.closed"], "reconcile_seconds": 0 });
    world
        .deploy(Deployment::of("listener").triggers(json!([trigger])))
        .await?;
    Ok(world)
}

fn now(world: &World) -> i64 {
    world.thehive.control.now_ms()
}

/// The tenant's runs, each ended.
async fn runs(world: &World) -> anyhow::Result<Vec<Value>> {
    let list = world
        .operator()
        .get(&format!("/v1/tenants/{TENANT}/runs"))
        .await?
        .ok()?;
    let mut runs = Vec::new();
    for run in list["runs"].as_array().into_iter().flatten() {
        runs.push(world.end_of(TENANT, run["id"].as_str().unwrap_or_default()).await?);
    }
    Ok(runs)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_answered_has_its_run_after_kill_9() -> anyhow::Result<()> {
    let mut world = world(&[]).await?;
    let payload = closed("~1", now(&world));
    let told = world.tell(TENANT, &payload).await?;
    world.server()?.kill().await?;
    assert_eq!(told.status, 202, "{}", told.body);
    world.restart(&[]).await?;
    let after = runs(&world).await?;
    assert_eq!(
        (after.len(), &after[0]["state"], &after[0]["id"]),
        (1, &json!("succeeded"), &told.body["runs"][0]),
        "{after:#?}"
    );
    let again = world.tell(TENANT, &payload).await?;
    assert_eq!(
        (again.status, &again.body["duplicate"], &again.body["runs"]),
        (200, &json!(true), &told.body["runs"])
    );
    assert_eq!(runs(&world).await?.len(), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_receiver_dies_before_the_answer_has_one_run_when_it_comes_again() -> anyhow::Result<()> {
    for (point, recorded) in [("hooks.before-record", 0), ("hooks.after-record", 1)] {
        let mut world = world(&[("SYNAPSE_FAILPOINT", &format!("{point}:1"))]).await?;
        let payload = closed("~1", now(&world));
        assert!(world.tell(TENANT, &payload).await.is_err(), "{point}: nobody answers");
        world.server()?.ended().await?;
        world.restart(&[]).await?;
        assert_eq!(runs(&world).await?.len(), recorded, "{point}");
        let again = world.tell(TENANT, &payload).await?;
        assert_eq!(
            again.body["duplicate"] == true,
            recorded == 1,
            "{point}: {}",
            again.body
        );
        // Right after the start it may not be known yet who we are at TheHive: the event waits for that.
        world
            .events_until(TENANT, "?state=accepted", |events| events.len() == 1)
            .await?;
        let after = runs(&world).await?;
        assert_eq!(
            (after.len(), &after[0]["state"]),
            (1, &json!("succeeded")),
            "{point}: {after:#?}"
        );
        world.finish().await?;
    }
    Ok(())
}
