//! Is each offense of a watched console imported exactly once, wherever the process dies between reading and committing?

use std::collections::BTreeMap;

use serde_json::{Value, json};
use synapse_tests::mail::plain;
use synapse_tests::simulators::control;
use synapse_tests::{Deployment, World};

use crate::kill::{environment, fresh_log, passed};
use crate::targets::TENANT;

const IMPORT: &str = "qradar2alert";
const TRIGGER: &str = "offenses";

fn deployment(batch: u32) -> Deployment {
    let trigger = json!([{
        "kind": "source", "name": TRIGGER, "binding": "qradar", "watch": "offenses", "every_seconds": 86_400, "batch": batch,
    }]);
    Deployment::of(IMPORT).triggers(trigger)
}

/// Twelve offenses that are new at the console.
async fn new_offenses(world: &World) -> anyhow::Result<()> {
    let now = world.qradar.control.now_ms();
    let offense = |id: i64| {
        json!({
            "id": id, "description": format!("Offense {id}\n"), "status": "OPEN", "offense_type": 0, "offense_source": "198.51.100.7",
            "magnitude": 5, "severity": 6, "credibility": 4, "relevance": 3, "start_time": now, "last_updated_time": now,
            "first_persisted_time": now, "last_persisted_time": now, "event_count": 0, "flow_count": 0, "domain_id": 0,
            "categories": [], "rules": [], "log_sources": [], "source_address_ids": [], "source_count": 0,
            "local_destination_address_ids": [], "local_destination_count": 0, "remote_destination_count": 0, "username_count": 0,
        })
    };
    let tokens: Vec<Value> = (0..)
        .zip(synapse_tests::TENANTS)
        .map(|(domain, tenant)| json!({ "token": synapse_tests::siem_token(tenant), "label": tenant, "domain_ids": [domain] }))
        .collect();
    let offenses: Vec<Value> = (1..=12).map(offense).collect();
    let state = json!({ "offenses": offenses, "tokens": tokens });
    world.qradar.target.load(state).map_err(anyhow::Error::msg)
}

/// How often TheHive accepted an alert of each offense.
fn alerts(world: &World) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for effect in world.thehive.control.effects(0) {
        if effect.path == "/api/v1/alert" {
            *counts
                .entry(effect.body["sourceRef"].as_str().unwrap_or_default().to_owned())
                .or_default() += 1;
        }
    }
    counts
}

/// Starts the server with a fail point, looks, and waits for the end that the fail point brings.
async fn die_at(world: &mut World, point: &str, nth: u64) -> anyhow::Result<()> {
    die_looking(world, (IMPORT, TRIGGER), (point, nth)).await
}

async fn die_looking(
    world: &mut World,
    (deployment, trigger): (&str, &str),
    (point, nth): (&str, u64),
) -> anyhow::Result<()> {
    let log = fresh_log(world)?;
    world.restart(&environment(Some((point, nth)), &log)).await?;
    // The answer is lost with the process.
    world.look(&World::trigger(TENANT, deployment, trigger)).await.ok();
    let status = world.server()?.ended().await?;
    anyhow::ensure!(!status.success(), "{point}:{nth}: {status}");
    anyhow::ensure!(passed(&log)?.get(point) == Some(&nth), "{point}:{nth} was not reached");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_and_not_committed_is_read_again_and_what_was_committed_is_not() -> anyhow::Result<()> {
    for point in ["source.after-fetch", "source.after-commit"] {
        let mut world = World::start().await?;
        world.deploy(deployment(5)).await?;
        new_offenses(&world).await?;
        die_at(&mut world, point, 1).await?;
        world.restart(&[]).await?;
        let cursor = world.drain_source(TENANT, IMPORT, TRIGGER).await?;
        assert_eq!(cursor["items"]["done"], 12, "{point}: {cursor:#}");
        let alerts = alerts(&world);
        assert!(
            alerts.len() == 12 && alerts.values().all(|count| *count == 1),
            "{point}: {alerts:?}"
        );
        assert_eq!(
            world.source_runs(TENANT, IMPORT).await?.len(),
            3,
            "{point}: as many runs as without the crash"
        );
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_a_run_of_a_source_or_before_its_items_are_settled_doubles_nothing() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    world.deploy(deployment(5)).await?;
    new_offenses(&world).await?;
    for (point, nth) in [("gate.after-response", 3), ("engine.before-end", 1)] {
        let log = fresh_log(&world)?;
        world.restart(&environment(Some((point, nth)), &log)).await?;
        world.look(&World::trigger(TENANT, IMPORT, TRIGGER)).await.ok();
        let status = world.server()?.ended().await?;
        anyhow::ensure!(!status.success(), "{point}: {status}");
    }
    world.restart(&[]).await?;
    let cursor = world.drain_source(TENANT, IMPORT, TRIGGER).await?;
    assert_eq!(
        (&cursor["items"]["done"], &cursor["items"]["poison"]),
        (&json!(12), &json!(0)),
        "{cursor:#}"
    );
    let alerts = alerts(&world);
    assert!(
        alerts.len() == 12 && alerts.values().all(|count| *count == 1),
        "{alerts:?}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_goes_on_after_a_crash_where_it_was() -> anyhow::Result<()> {
    let mut world = World::start().await?;
    control(
        &world.qradar,
        "/_sim/qradar/generate",
        &json!({ "offenses": 12, "age_ms": 86_400_000 }),
    )
    .await?;
    world.deploy(deployment(3)).await?;
    let path = format!("{}/backfill", World::trigger(TENANT, IMPORT, TRIGGER));
    let wanted = json!({ "since": world.qradar.control.now_ms() - 2 * 86_400_000, "rate": 600 });
    let shown = world.operator().json("POST", &path, &[], &wanted).await?.ok()?;
    let confirm = json!({ "confirm": shown["confirm"] });
    world.operator().json("POST", &path, &[], &confirm).await?.ok()?;
    die_at(&mut world, "source.after-commit", 1).await?;
    die_at(&mut world, "source.after-fetch", 1).await?;
    world.restart(&[]).await?;
    let cursor = world.drain_source(TENANT, IMPORT, TRIGGER).await?;
    assert_eq!(
        (&cursor["backfill"]["ended"], &cursor["backfill"]["found"]),
        (&json!("done"), &json!(12)),
        "{cursor:#}"
    );
    let alerts = alerts(&world);
    assert!(
        alerts.len() == 12 && alerts.values().all(|count| *count == 1),
        "{alerts:?}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mailbox_told_once_is_not_lost_with_the_process_that_was_told() -> anyhow::Result<()> {
    const MAIL: &str = "ews2case";
    // A folder tells each change once, and the sync state says what was told: nothing is read again that is behind it.
    for point in ["source.after-fetch", "source.after-commit"] {
        let mut world = World::start().await?;
        let trigger = json!([{
            "kind": "source", "name": "folder", "binding": "mailbox", "watch": "folder", "folder": "inbox/TheHive", "every_seconds": 86_400,
        }]);
        let deployment = Deployment::of(MAIL).config(json!({ "settle_seconds": 0 }));
        world.deploy(deployment.triggers(trigger)).await?;
        world.drain_source(TENANT, MAIL, "folder").await?;
        for n in 0..5 {
            let mail = plain(
                &format!("{n}@corp.example"),
                "Bob <bob@corp.example>",
                &format!("Strange mail {n}"),
                "Please look.",
            );
            world.deliver(TENANT, &mail, json!({})).await?;
        }
        die_looking(&mut world, (MAIL, "folder"), (point, 1)).await?;
        world.restart(&[]).await?;
        let cursor = world.drain_source(TENANT, MAIL, "folder").await?;
        assert_eq!(cursor["items"]["done"], 5, "{point}: {cursor:#}");
        let cases = world
            .thehive
            .control
            .effects(0)
            .into_iter()
            .filter(|effect| effect.path == "/api/v1/case");
        assert_eq!(cases.count(), 5, "{point}");
        world.finish().await?;
    }
    Ok(())
}
