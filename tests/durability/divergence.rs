//! Does a run that does not repeat what its journal holds stop before it does anything? (G4)

use anyhow::Context as _;
use serde_json::{Value, json};
use sqlx::Row as _;
use synapse_store::codec;
use synapse_tests::{Deployment, World};

use crate::kill::{carry_on, kill_at};
use crate::targets::{self, HOUR, creates_alert};
use crate::{database, kill};

/// Rewrites the recorded arguments of the first call of this operation; answers what it made of them.
async fn rewrite(world: &mut World, operation: &str, change: impl Fn(&mut Value)) -> anyhow::Result<String> {
    world.server.take();
    let mut connection = database::open(world).await?;
    let find = "SELECT call, arguments_blob FROM journal WHERE kind = 'o' AND operation = ? ORDER BY call LIMIT 1";
    let row = sqlx::query(find).bind(operation).fetch_one(&mut connection).await?;
    let (call, blob): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
    let mut arguments: Value = serde_json::from_str(&codec::decode(&blob)?)?;
    change(&mut arguments);
    let text = arguments.to_string();
    let write = "UPDATE journal SET arguments_blob = ? WHERE kind = 'o' AND call = ?";
    let done = sqlx::query(write)
        .bind(codec::encode(&text)?)
        .bind(call)
        .execute(&mut connection)
        .await?;
    anyhow::ensure!(done.rows_affected() == 1, "one call is one row");
    Ok(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_journal_tells_another_story_stops_and_shows_both() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("qradar2alert")).await?;
    targets::five_offenses(&world, 100).await?;
    kill_at(
        &mut world,
        "gate.after-send",
        3,
        "qradar2alert",
        json!({ "timerange": HOUR }),
    )
    .await?;
    let operation = "qradar/offenses.list-offenses";
    let recorded = rewrite(&mut world, operation, |arguments| arguments["tampered"] = json!(true)).await?;
    let (effects, sent) = (
        world.thehive.control.effects(0).len(),
        targets::requests(&world.thehive, creates_alert).len(),
    );
    assert_eq!(effects, 3);

    let (run, passed) = carry_on(&mut world, "qradar2alert").await?;
    assert_eq!(run["state"], "diverged", "{run:#}");
    assert_eq!(run["problem"]["code"], "diverged", "{run:#}");
    let detail = &run["problem"]["detail"];
    assert_eq!(detail["recorded"]["operation"], operation, "{detail:#}");
    assert_eq!(detail["recorded"]["arguments"], recorded, "{detail:#}");
    assert_eq!(detail["attempted"]["operation"], operation, "{detail:#}");
    let attempted = detail["attempted"]["arguments"]
        .as_str()
        .context("no attempted arguments")?;
    assert!(
        !attempted.contains("tampered") && attempted.starts_with('{'),
        "{attempted}"
    );
    assert!(detail["at"]["call"].is_u64(), "{detail:#}");
    // The third alert was under way: that doubt is kept beside the divergence.
    let doubts = &detail["in_doubt"];
    assert_eq!(doubts.as_array().map(Vec::len), Some(1), "{detail:#}");
    assert_eq!(doubts[0]["operation"], "thehive/alerts.create-alerts", "{detail:#}");
    assert_eq!(doubts[0]["at"]["item"], 2, "{detail:#}");

    assert_eq!(
        world.thehive.control.effects(0).len(),
        effects,
        "no simulator saw a further write"
    );
    assert_eq!(targets::requests(&world.thehive, creates_alert).len(), sent);
    assert!(
        !passed.contains_key("gate.after-send") && !passed.contains_key("gate.before-intent"),
        "{passed:?}"
    );
    // A diverged run is over: a restart does not pick it up.
    world.restart(&[]).await?;
    let again = world
        .end_of(targets::TENANT, run["id"].as_str().unwrap_or_default())
        .await?;
    assert_eq!(
        (&again["state"], &again["attempts"]),
        (&run["state"], &run["attempts"]),
        "{again:#}"
    );
    world.finish().await
}

/// The journal lacks a call that calls after it prove: the guest must not make it live in between.
#[tokio::test(flavor = "multi_thread")]
async fn a_hole_in_the_journal_is_a_divergence_and_not_a_live_call() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    kill_at(
        &mut world,
        "gate.after-intent",
        3,
        "prober",
        json!({ "texts": ["a", "b", "c"] }),
    )
    .await?;
    world.server.take();
    let holes = database::change(&world, "DELETE FROM journal WHERE call = 1").await?;
    assert_eq!(holes, 2, "an intent and an outcome");
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(run["state"], "diverged", "{run:#}");
    let detail = &run["problem"]["detail"];
    assert_eq!(detail["at"]["call"], 1, "{detail:#}");
    assert!(
        detail["attempted"]["arguments"].to_string().contains('b') && detail["recorded"].is_null(),
        "{detail:#}"
    );
    assert_eq!(targets::lines(&world), ["a", "b"], "nothing is written");
    world.finish().await
}

/// The guest ends although its journal holds a call that it did not make.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_ends_before_its_journal_does_has_diverged() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    kill_at(
        &mut world,
        "engine.before-end",
        1,
        "prober",
        json!({ "texts": ["a"], "attempts": 1 }),
    )
    .await?;
    world.server.take();
    let copied = "INSERT INTO journal SELECT tenant, run, call + 7, item, kind, n, superseded, cut, operation, class, binding, \
                  arguments_blob, effect_key, epoch, time, send_before, how, by, ok, result_blob, blob_digest FROM journal WHERE call = 0";
    assert_eq!(database::change(&world, copied).await?, 2);
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(run["state"], "diverged", "{run:#}");
    let detail = &run["problem"]["detail"];
    assert_eq!(
        (&detail["at"]["call"], &detail["recorded"]["operation"]),
        (&json!(7), &json!("lab/target.append")),
        "{detail:#}"
    );
    assert!(detail["attempted"].is_null(), "{detail:#}");
    assert_eq!(targets::lines(&world), ["a"]);
    assert_eq!(
        kill::newest(&world, "prober").await?,
        run["id"].as_str().unwrap_or_default()
    );
    world.finish().await
}

/// The guest fails before it comes to a recorded call, because the operator took its connection away while the server was down.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_gone_after_a_crash_does_not_hide_the_effect_in_doubt() -> anyhow::Result<()> {
    let mut world = World::with(targets::narrow(1)).await?;
    world.deploy(Deployment::of("prober")).await?;
    kill_at(
        &mut world,
        "gate.after-send",
        2,
        "prober",
        json!({ "texts": ["a", "b"] }),
    )
    .await?;
    let file = world.folder.path().join("synapse.toml");
    let config = std::fs::read_to_string(&file)?;
    let without = config.replace("[tenants.acme.connections.lab]", "[tenants.acme.connections.elsewhere]");
    anyhow::ensure!(without != config, "the connection is in the file");
    std::fs::write(&file, without)?;
    let (run, _) = carry_on(&mut world, "prober").await?;
    assert_eq!(run["state"], "diverged", "{run:#}");
    let detail = &run["problem"]["detail"];
    assert_eq!(
        (&detail["at"]["call"], &detail["attempted"]),
        (&json!(0), &Value::Null),
        "{detail:#}"
    );
    let doubts = detail["in_doubt"].as_array().cloned().unwrap_or_default();
    assert_eq!(doubts.len(), 1, "{detail:#}");
    assert!(
        doubts[0]["arguments"].to_string().contains('b') && doubts[0]["at"]["call"] == 1,
        "{detail:#}"
    );
    assert_eq!(targets::lines(&world), ["a", "b"], "nothing is written");
    world.finish().await
}
