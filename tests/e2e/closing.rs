//! Does the loop close: offense, alert, case, closed in TheHive, closed in QRadar, said so in the case?

use serde_json::{Value, json};
use synapse_tests::analyst::{self, ALICE, Analyst};
use synapse_tests::{Deployment, World};

use crate::support::{ACME, IMPORT, load_console, now, offense};

/// The workflow under its own name.
const CLOSE: &str = "close-offense";

fn settings(changes: Value) -> Value {
    let mut settings = json!({ "reasons": analyst::reasons(), "grace_seconds": 1 });
    crate::support::merge(&mut settings, changes);
    settings
}

/// A world with one offense, imported by the product and made a case by Alice.
async fn world(changes: Value) -> anyhow::Result<(World, Analyst, Value)> {
    let world = World::start().await?;
    let alice = Analyst::arrive(&world)?;
    world.deploy(Deployment::of(IMPORT)).await?;
    world.deploy(Deployment::of(CLOSE).config(settings(changes))).await?;
    let state = json!({ "offenses": [offense(42, now(&world), json!({}))] });
    load_console(&world.qradar, state)?;
    let run = world.run(ACME, IMPORT, json!({ "timerange": 60 })).await?;
    assert_eq!(run["answer"]["created"], 1, "{run:#}");
    let case = alice.promote(&world, 42).await?;
    Ok((world, alice, case))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loop_closes_with_the_mapped_reason_a_note_and_a_comment() -> anyhow::Result<()> {
    let (world, alice, case) = world(json!({ "note": "TheHive {subject} {status}: {summary}\n{link}" })).await?;
    alice
        .set(
            &case,
            json!({ "status": "FalsePositive", "summary": "printer\u{1b} again", "assignee": ALICE }),
        )
        .await?;
    let run = world.run(ACME, CLOSE, json!({ "case": case["number"] })).await?;
    assert_eq!(run["state"], "succeeded", "{run:#}");
    assert_eq!(run["answer"]["offenses"][0]["outcome"], "closed", "{run:#}");

    let closed = analyst::offense(&world, 42)?;
    assert_eq!(
        (&closed["status"], &closed["closing_reason_id"]),
        (&json!("CLOSED"), &json!(2))
    );
    let notes = analyst::notes(&world, 42);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(
        notes[0].starts_with("TheHive case #1 FalsePositive: printer\\u{1b} again\n"),
        "{notes:?}"
    );
    let comments = alice.comments(&case).await?;
    assert_eq!(comments.len(), 1, "{comments:?}");
    assert!(
        comments[0].contains("closed in QRadar, reason `False-Positive, Tuned`"),
        "{comments:?}"
    );
    let id = run["id"].as_str().unwrap_or_default();
    assert!(comments[0].contains(id), "it names the run: {comments:?}");

    // The console saw the note first, then the closing, and each once.
    let effects = world.qradar.control.effects(0);
    let paths: Vec<&str> = effects.iter().map(|effect| effect.path.as_str()).collect();
    assert_eq!(paths, ["/api/siem/offenses/42/notes", "/api/siem/offenses/42"]);
    let (hive, siem) = (world.thehive.control.effects(0).len(), effects.len());
    let again = world.run(ACME, CLOSE, json!({ "case": case["number"] })).await?;
    assert_eq!(again["answer"]["offenses"][0]["outcome"], "already", "{again:#}");
    assert_eq!(world.thehive.control.effects(0).len(), hive, "nothing is said twice");
    assert_eq!(world.qradar.control.effects(0).len(), siem);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn reopened_within_the_grace_period_nothing_closes() -> anyhow::Result<()> {
    let (world, alice, case) = world(json!({ "grace_seconds": 2 })).await?;
    alice.set(&case, json!({ "status": "FalsePositive" })).await?;
    let run = world.begin(ACME, CLOSE, json!({ "case": case["number"] })).await?;
    let path = format!("/v1/tenants/{ACME}/runs/{run}");
    while world.operator().get(&path).await?.ok()?["state"] != "waiting" {
        tokio::task::yield_now().await;
    }
    alice.set(&case, json!({ "status": "InProgress" })).await?;
    let run = world.end_of(ACME, &run).await?;
    let skipped = run["answer"]["skipped"].as_str().unwrap_or_default();
    assert!(skipped.contains("reopened within the grace period"), "{run:#}");
    assert_eq!(analyst::offense(&world, 42)?["status"], "OPEN");
    assert_eq!(world.qradar.control.effects(0).len(), 0);
    assert_eq!(alice.comments(&case).await?.len(), 0);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn d12_an_unmapped_status_is_told_in_the_case_and_marked_until_it_is_mapped() -> anyhow::Result<()> {
    let (world, alice, case) = world(json!({ "grace_seconds": 0 })).await?;
    // A status that came after the deployment; one that was there would have been refused then.
    alice.new_closed_status("Escalated").await?;
    alice.set(&case, json!({ "status": "Escalated" })).await?;
    let run = world.run(ACME, CLOSE, json!({ "case": case["number"] })).await?;
    assert_eq!(run["state"], "partial", "{run:#}");
    let comments = alice.comments(&case).await?;
    assert!(
        comments[0].contains("Escalated") && comments[0].contains("`Non-Issue`"),
        "{comments:?}"
    );
    let has_tag = |case: &Value| case["tags"].to_string().contains("synapse-close-failed");
    assert!(has_tag(&alice.look(&case).await?));
    let mut mapped = json!({ "grace_seconds": 0, "reasons": analyst::reasons() });
    mapped["reasons"]["Escalated"] = "Non-Issue".into();
    world.deploy(Deployment::of(CLOSE).config(settings(mapped))).await?;
    world.run(ACME, CLOSE, json!({ "case": case["number"] })).await?;
    assert!(!has_tag(&alice.look(&case).await?));
    assert_eq!(analyst::offense(&world, 42)?["closing_reason_id"], 1);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offense_with_newer_events_is_held_until_somebody_approves() -> anyhow::Result<()> {
    let (world, alice, case) = world(json!({ "grace_seconds": 0 })).await?;
    alice.set(&case, json!({ "status": "FalsePositive" })).await?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(42, now(&world) + 3_600_000, json!({}))] }),
    )?;
    let held = world.run(ACME, CLOSE, json!({ "case": case["number"] })).await?;
    assert_eq!(held["answer"]["offenses"][0]["outcome"], "held", "{held:#}");
    assert_eq!(analyst::offense(&world, 42)?["status"], "OPEN");
    let approved = world
        .run(ACME, CLOSE, json!({ "case": case["number"], "approve": true }))
        .await?;
    assert_eq!(approved["answer"]["offenses"][0]["outcome"], "closed", "{approved:#}");
    assert_eq!(alice.comments(&case).await?.len(), 2);
    world.finish().await
}
