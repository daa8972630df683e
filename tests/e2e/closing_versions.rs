//! Does the loop close with TheHive 3 and 4 as with 5, told by their own webhooks: offense, alert, case, closed there, closed in QRadar?

use serde_json::{Value, json};
use synapse_tests::analyst::{self, Analyst};
use synapse_tests::hooks::hook_options_of;
use synapse_tests::{Deployment, World};

use crate::support::{ACME, IMPORT, load_console, merge, now, offense};

const CLOSE: &str = "close-offense";
const MIRROR: &str = "mirror-offense";
/// Each version with how its events are told.
const BOTH: [(&str, &str); 2] = [("v3", "v3"), ("v4", "v4-0")];

/// A world with TheHive of this version, which tells its changes, and an offense that was imported.
async fn world(flavour: &'static str, settings: Value) -> anyhow::Result<(World, Analyst)> {
    let world = World::with(hook_options_of(flavour)).await?;
    let alice = Analyst::arrive(&world)?;
    world.deploy(Deployment::of(IMPORT)).await?;
    let trigger = json!({
        "kind": "webhook", "name": "closed", "binding": "thehive", "events": ["case.closed", "alert.closed"], "reconcile_seconds": 0,
    });
    let mut config = json!({ "reasons": analyst::reasons(), "grace_seconds": 1 });
    config["reasons"]["Ignored"] = "Non-Issue".into();
    merge(&mut config, settings);
    let close = Deployment::of(CLOSE).config(config).triggers(json!([trigger]));
    world.deploy(close).await?;
    world.subscribe(ACME, json!({})).await?;
    load_console(
        &world.qradar,
        json!({ "offenses": [offense(42, now(&world), json!({}))] }),
    )?;
    let run = world.run(ACME, IMPORT, json!({ "timerange": 60 })).await?;
    anyhow::ensure!(run["answer"]["created"] == 1, "{run:#}");
    Ok((world, alice))
}

/// How an analyst closes a case of 3 or 4 as a false positive.
fn closing() -> Value {
    json!({ "status": "Resolved", "resolutionStatus": "FalsePositive", "impactStatus": "NoImpact", "summary": "printer again" })
}

/// The run that TheHive's own event of this name started; there is one such event.
async fn run_of(world: &World, name: &str, dialect: &str) -> anyhow::Result<String> {
    let of = |events: &[Value]| -> Vec<Value> {
        let named = events.iter().filter(|event| event["event"] == name);
        named.cloned().collect()
    };
    let events = world
        .events_until(ACME, "?state=accepted", |events| !of(events).is_empty())
        .await?;
    let events = of(&events);
    anyhow::ensure!(events.len() == 1 && events[0]["via"] == "webhook", "{events:#?}");
    let id = events[0]["id"].as_str().unwrap_or_default();
    let whole = world
        .operator()
        .get(&format!("/v1/tenants/{ACME}/events/{id}"))
        .await?
        .ok()?;
    anyhow::ensure!(
        whole.to_string().contains(&format!("\"dialect\":\"{dialect}\"")),
        "{whole:#}"
    );
    let run = events[0]["runs"][0]["run"].as_str();
    Ok(run.unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_closed_at_3_or_4_closes_its_offense_and_its_log_says_so() -> anyhow::Result<()> {
    for (flavour, dialect) in BOTH {
        let (world, alice) = world(flavour, json!({ "note": "TheHive {subject} {status}: {summary}" })).await?;
        let case = alice.promote(&world, 42).await?;
        alice.set(&case, closing()).await?;
        let run = run_of(&world, "case.closed", dialect).await?;
        let run = world.end_of(ACME, &run).await?;
        assert_eq!(run["answer"]["offenses"][0]["outcome"], "closed", "{flavour}: {run:#}");
        let closed = analyst::offense(&world, 42)?;
        assert_eq!(
            (&closed["status"], &closed["closing_reason_id"]),
            (&json!("CLOSED"), &json!(2)),
            "{flavour}"
        );
        let notes = analyst::notes(&world, 42);
        assert_eq!(notes.len(), 1, "{flavour}: {notes:?}");
        assert!(
            notes[0].starts_with("TheHive case #1 FalsePositive: printer again"),
            "{flavour}: {notes:?}"
        );
        let logs = alice.logs().await?;
        assert_eq!(logs.len(), 1, "{flavour}: {logs:?}");
        assert!(
            logs[0].contains("closed in QRadar, reason `False-Positive, Tuned`"),
            "{flavour}: {logs:?}"
        );
        // What Synapse wrote is told as well, and starts nothing.
        world.sent().await?;
        let (hive, siem) = (
            world.thehive.control.effects(0).len(),
            world.qradar.control.effects(0).len(),
        );
        let again = world.run(ACME, CLOSE, json!({ "case": case["_id"] })).await?;
        assert_eq!(
            again["answer"]["offenses"][0]["outcome"], "already",
            "{flavour}: {again:#}"
        );
        let after = (
            world.thehive.control.effects(0).len(),
            world.qradar.control.effects(0).len(),
        );
        assert_eq!(after, (hive, siem), "{flavour}: nothing is said or done twice");
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn reopened_at_3_or_4_within_the_grace_period_nothing_closes() -> anyhow::Result<()> {
    for (flavour, dialect) in BOTH {
        let (world, alice) = world(flavour, json!({ "grace_seconds": 3 })).await?;
        let case = alice.promote(&world, 42).await?;
        alice.set(&case, closing()).await?;
        let run = run_of(&world, "case.closed", dialect).await?;
        let path = format!("/v1/tenants/{ACME}/runs/{run}");
        while world.operator().get(&path).await?.ok()?["state"] != "waiting" {
            tokio::task::yield_now().await;
        }
        alice.set(&case, json!({ "status": "Open" })).await?;
        let run = world.end_of(ACME, &run).await?;
        let skipped = run["answer"]["skipped"].as_str().unwrap_or_default();
        assert!(
            skipped.contains("reopened within the grace period"),
            "{flavour}: {run:#}"
        );
        assert_eq!(analyst::offense(&world, 42)?["status"], "OPEN", "{flavour}");
        assert_eq!(world.qradar.control.effects(0).len(), 0, "{flavour}");
        assert!(alice.logs().await?.is_empty(), "{flavour}");
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_is_marked_as_read_closes_its_offense() -> anyhow::Result<()> {
    for (flavour, dialect) in BOTH {
        let (world, alice) = world(flavour, json!({})).await?;
        alice.read(42).await?;
        let run = run_of(&world, "alert.closed", dialect).await?;
        let run = world.end_of(ACME, &run).await?;
        assert_eq!(run["answer"]["offenses"][0]["outcome"], "closed", "{flavour}: {run:#}");
        assert_eq!(analyst::offense(&world, 42)?["closing_reason_id"], 1, "{flavour}");
        assert_eq!(analyst::notes(&world, 42).len(), 1, "{flavour}");
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offense_that_is_closed_in_qradar_is_handled_at_3_and_4_without_an_echo() -> anyhow::Result<()> {
    for (flavour, _) in BOTH {
        for promoted in [false, true] {
            let (world, alice) = world(flavour, json!({})).await?;
            let settings = json!({ "on_case": "close", "case_statuses": { "False-Positive, Tuned": "FalsePositive" } });
            world.deploy(Deployment::of(MIRROR).config(settings)).await?;
            let case = if promoted {
                Some(alice.promote(&world, 42).await?)
            } else {
                None
            };
            let mut changed = analyst::offense(&world, 42)?;
            let closed =
                json!({ "status": "CLOSED", "closing_user": "bob", "closing_reason_id": 2, "close_time": now(&world) });
            merge(&mut changed, closed);
            load_console(&world.qradar, json!({ "offenses": [changed] }))?;
            let run = world.run(ACME, MIRROR, json!({ "offense": 42 })).await?;
            assert_eq!(run["answer"]["items"][0]["outcome"], "updated", "{flavour}: {run:#}");
            match case {
                None => assert_eq!(alice.alert_of(42).await?["status"], "Ignored", "{flavour}"),
                Some(case) => {
                    let case = alice.look(&case).await?;
                    let ended = (&case["status"], &case["resolutionStatus"]);
                    assert_eq!(ended, (&json!("Resolved"), &json!("FalsePositive")), "{flavour}");
                    let logs = alice.logs().await?;
                    assert!(
                        logs.len() == 1 && logs[0].contains("closed in QRadar by"),
                        "{flavour}: {logs:?}"
                    );
                }
            }
            let written = world.thehive.control.effects(0).len();
            let again = world.run(ACME, MIRROR, json!({ "offense": 42 })).await?;
            assert_eq!(
                again["answer"]["items"][0]["outcome"], "skipped",
                "{flavour}: {again:#}"
            );
            assert_eq!(world.thehive.control.effects(0).len(), written, "{flavour}");
            world.sent().await?;
            assert!(
                world.events(ACME, "?state=accepted").await?.is_empty(),
                "{flavour}: what Synapse closed itself starts nothing"
            );
            world.finish().await?;
        }
    }
    Ok(())
}
