//! Do the mails of a watched folder become cases by themselves, each once, also after the mailbox forgot its sync state?

use anyhow::Context as _;
use serde_json::{Value, json};
use synapse_tests::mail::plain;
use synapse_tests::simulators::control;
use synapse_tests::{Deployment, World};

use crate::support::ACME;

const MAIL: &str = "ews2case";
const TRIGGER: &str = "folder";

fn path() -> String {
    World::trigger(ACME, MAIL, TRIGGER)
}

fn deployment(config: Value) -> Deployment {
    let trigger = json!([{
        "kind": "source", "name": TRIGGER, "binding": "mailbox", "watch": "folder", "folder": "inbox/TheHive", "every_seconds": 86_400,
    }]);
    Deployment::of(MAIL).config(config).triggers(trigger)
}

async fn mail(world: &World, n: u64, with: Value) -> anyhow::Result<()> {
    let eml = plain(
        &format!("{n}@corp.example"),
        "Bob <bob@corp.example>",
        &format!("Strange mail {n}"),
        "Please look.",
    );
    world.deliver(ACME, &eml, with).await
}

async fn drain(world: &World) -> anyhow::Result<Value> {
    world.drain_source(ACME, MAIL, TRIGGER).await
}

fn cases(world: &World) -> usize {
    let effects = world.thehive.control.effects(0);
    effects
        .iter()
        .filter(|effect| effect.method == "POST" && effect.path == "/api/v1/case")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_in_a_watched_folder_is_one_case_and_300_old_ones_are_none() -> anyhow::Result<()> {
    let world = World::start().await?;
    let old = world.ews.control.now_ms() - 86_400_000;
    for n in 0..300 {
        mail(&world, 1_000 + n, json!({ "received_at": old + n as i64 * 1_000 })).await?;
    }
    world.deploy(deployment(json!({ "settle_seconds": 0 }))).await?;
    let cursor = drain(&world).await?;
    assert_eq!(
        (&cursor["state"], world.source_runs(ACME, MAIL).await?.len()),
        (&json!("ok"), 0),
        "{cursor:#}"
    );
    mail(&world, 1, json!({})).await?;
    mail(&world, 2, json!({})).await?;
    let cursor = drain(&world).await?;
    assert_eq!((cases(&world), &cursor["items"]["done"]), (2, &json!(2)), "{cursor:#}");
    let runs = world.source_runs(ACME, MAIL).await?;
    assert_eq!((runs.len(), &runs[0]["state"]), (1, &json!("succeeded")), "{runs:#?}");
    // The workflow marked them: that is no news.
    drain(&world).await?;
    assert_eq!(world.source_runs(ACME, MAIL).await?.len(), 1);
    // One that was received before, and comes into the folder now.
    mail(&world, 3, json!({ "received_at": old })).await?;
    drain(&world).await?;
    let skipped = world.items(&path(), "skipped").await?;
    assert!(
        skipped.len() == 1
            && skipped[0]["reason"]
                .as_str()
                .is_some_and(|why| why.contains("received before")),
        "{skipped:#?}"
    );
    let item = skipped[0]["id"].as_str().context("an id")?;
    world
        .operator()
        .json("POST", &format!("{}/items/{item}/replay", path()), &[], &json!({}))
        .await?
        .ok()?;
    drain(&world).await?;
    assert_eq!(cases(&world), 3, "whoever asks for it gets it");
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_state_that_is_of_no_use_any_more_costs_a_full_read_and_no_second_case() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(deployment(json!({ "settle_seconds": 0 }))).await?;
    for n in 1..=3 {
        mail(&world, n, json!({})).await?;
    }
    drain(&world).await?;
    assert_eq!(cases(&world), 3);
    mail(&world, 4, json!({})).await?;
    let quirk = json!({ "operation": "SyncFolderItems", "code": "ErrorInvalidSyncStateData" });
    control(&world.ews, "/_sim/ews/quirks", &quirk).await?;
    let cursor = drain(&world).await?;
    assert_eq!((cases(&world), &cursor["items"]["done"]), (4, &json!(4)), "{cursor:#}");
    assert_eq!(world.source_runs(ACME, MAIL).await?.len(), 2);
    // An operator's reset reads it all once more.
    let since = cursor["since"].clone();
    world
        .operator()
        .json("POST", &format!("{}/reset", path()), &[], &json!({ "to": since }))
        .await?
        .ok()?;
    drain(&world).await?;
    assert_eq!((cases(&world), world.source_runs(ACME, MAIL).await?.len()), (4, 2));
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_has_to_settle_is_waited_for_in_its_run_and_a_late_category_is_news() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.deploy(deployment(json!({ "settle_seconds": 3 }))).await?;
    mail(&world, 1, json!({})).await?;
    world.look(&path()).await?;
    let runs = world.source_runs(ACME, MAIL).await?;
    assert_eq!(runs.len(), 1);
    let run = world.end_of(ACME, runs[0]["id"].as_str().context("an id")?).await?;
    assert_eq!(
        (&run["state"], &run["answer"]["created"]),
        (&json!("succeeded"), &json!(1)),
        "{run:#}"
    );
    assert!(
        run["ended_at"].as_i64().unwrap_or(0) - run["started_at"].as_i64().unwrap_or(0) >= 3_000,
        "{run:#}"
    );
    drain(&world).await?;
    assert_eq!(cases(&world), 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_of_mails_shows_date_subject_and_sender() -> anyhow::Result<()> {
    let world = World::start().await?;
    let old = world.ews.control.now_ms() - 86_400_000;
    for n in 0..12 {
        mail(&world, n, json!({ "received_at": old + n as i64 * 60_000 })).await?;
    }
    world.deploy(deployment(json!({ "settle_seconds": 0 }))).await?;
    let backfill = format!("{}/backfill", path());
    let wanted = json!({ "since": old, "max": 5, "rate": 600 });
    let shown = world.operator().json("POST", &backfill, &[], &wanted).await?.ok()?;
    assert_eq!((&shown["count"], &shown["taken"]), (&json!(12), &json!(5)), "{shown:#}");
    let sample = &shown["samples"][0];
    assert_eq!(sample["subject"], "Strange mail 11");
    assert!(
        sample["sender"]
            .as_str()
            .is_some_and(|sender| sender.contains("bob@corp.example")),
        "{shown:#}"
    );
    assert_eq!(
        sample["received"].as_i64().map(|at| at / 60_000),
        Some((old + 11 * 60_000) / 60_000)
    );
    world
        .operator()
        .json("POST", &backfill, &[], &json!({ "confirm": shown["confirm"] }))
        .await?
        .ok()?;
    let cursor = drain(&world).await?;
    assert_eq!(
        (cases(&world), &cursor["backfill"]["ended"]),
        (5, &json!("done")),
        "{cursor:#}"
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_said_and_found_when_it_is() -> anyhow::Result<()> {
    let world = World::start().await?;
    let trigger = json!([{ "kind": "source", "name": TRIGGER, "binding": "mailbox", "watch": "folder", "folder": "inbox/Nowhere" }]);
    world.deploy(Deployment::of(MAIL).triggers(trigger)).await?;
    let cursor = world.look(&path()).await?;
    assert_eq!(cursor["state"], "failing");
    assert!(
        cursor["problem"]
            .as_str()
            .is_some_and(|why| why.contains("folder `inbox/Nowhere`: not found")),
        "{cursor:#}"
    );
    // Another folder is another source.
    world.deploy(deployment(json!({ "settle_seconds": 0 }))).await?;
    let cursor = world.look(&path()).await?;
    assert_eq!(
        (&cursor["state"], &cursor["watches"]),
        (&json!("ok"), &json!("mail-acme folder inbox/TheHive")),
        "{cursor:#}"
    );
    world.finish().await
}
