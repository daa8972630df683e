//! Do the workflows do the same with TheHive 3 and 4 as with 5? Seen from outside: what each server holds, and what it was asked.

use serde_json::{Value, json};
use synapse_tests::hooks::hook_options;
use synapse_tests::mail::REPORT;
use synapse_tests::{Api, Deployment, Options, World, hive_key};

use crate::support::{ACME, UMBRELLA};

/// Both versions that speak v0.
const BOTH: [&str; 2] = ["v3", "v4"];
/// Whom the category `alice` assigns to.
const ALICE: &str = "alice@acme.example";

async fn world(flavour: &'static str) -> anyhow::Result<World> {
    World::with(Options {
        flavour: Some(flavour),
        ..Options::default()
    })
    .await
}

/// Asks TheHive over HTTP, as the tenant's connection would.
async fn hive(world: &World, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
    let api = Api::new(&world.thehive.url(), &hive_key(ACME))?;
    api.json(method, path, &[], body).await?.ok()
}

async fn all(world: &World, kind: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!("/api/{kind}/_search?range=all&sort=createdAt");
    let found = hive(world, "POST", &path, &json!({ "query": {} })).await?;
    Ok(found.as_array().cloned().unwrap_or_default())
}

/// Only v0 was spoken, but for the query that 4 is asked for its observable types.
fn spoke_v0(world: &World, flavour: &str) {
    let requests = world.thehive.control.requests(0);
    let v1: Vec<&str> = requests
        .iter()
        .map(|request| request.path.as_str())
        .filter(|path| path.starts_with("/api/v1/"))
        .filter(|path| !(flavour == "v4" && path.starts_with("/api/v1/query")))
        .collect();
    assert!(v1.is_empty(), "{flavour}: {v1:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn offenses_become_alerts_once_at_3_and_4() -> anyhow::Result<()> {
    for flavour in BOTH {
        let world = world(flavour).await?;
        world.deploy(Deployment::of("qradar2alert")).await?;
        let generate = json!({ "offenses": 5, "events_per_offense": 3, "age_ms": -1_000, "first_id": 100 });
        let console = Api::new(&world.qradar.url(), "")?;
        console
            .json("POST", "/_sim/qradar/generate", &[], &generate)
            .await?
            .ok()?;
        let first = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
        assert_eq!(first["state"], "succeeded", "{flavour}: {first:#}");
        assert_eq!(first["answer"]["created"], 5, "{flavour}: {first:#}");
        let alerts = all(&world, "alert").await?;
        assert_eq!(alerts.len(), 5, "{flavour}");
        for alert in &alerts {
            assert_eq!(
                (&alert["status"], &alert["source"]),
                (&json!("New"), &json!("siem-acme")),
                "{alert:#}"
            );
            assert!(
                alert["artifacts"].as_array().is_some_and(|list| !list.is_empty()),
                "{alert:#}"
            );
            assert!(alert["tags"].to_string().contains("synapse:"), "{alert:#}");
        }
        let written = world.thehive.control.effects(0).len();
        let second = world.run(ACME, "qradar2alert", json!({ "timerange": 60 })).await?;
        assert_eq!(second["answer"]["created"], 0, "{flavour}: {second:#}");
        assert_eq!(world.thehive.control.effects(0).len(), written, "{flavour}");
        spoke_v0(&world, flavour);
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_mail_becomes_a_case_once_at_3_and_4() -> anyhow::Result<()> {
    for flavour in BOTH {
        let world = world(flavour).await?;
        let users: Vec<Value> = [ACME, UMBRELLA]
            .iter()
            .map(|tenant| json!({ "login": format!("synapse@{tenant}"), "key": hive_key(tenant), "organisations": [tenant] }))
            .chain([json!({ "login": ALICE, "name": "Alice", "organisations": [ACME] })])
            .collect();
        let state = json!({ "organisations": [ACME, UMBRELLA], "users": users, "flavour": flavour });
        world.thehive.target.load(state).map_err(anyhow::Error::msg)?;
        let config = json!({ "settle_seconds": 0, "attach_html": true });
        world.deploy(Deployment::of("ews2case").config(config)).await?;
        world.deliver(ACME, REPORT, json!({ "categories": ["alice"] })).await?;
        let run = world.run(ACME, "ews2case", json!({})).await?;
        assert_eq!(run["state"], "succeeded", "{flavour}: {run:#}");
        assert_eq!(run["answer"]["success"], true, "{flavour}: {run:#}");

        let cases = all(&world, "case").await?;
        assert_eq!(cases.len(), 1, "{flavour}: {cases:#?}");
        assert_eq!(
            (&cases[0]["owner"], &cases[0]["status"]),
            (&json!(ALICE), &json!("Open")),
            "{flavour}"
        );
        let tasks = all(&world, "case/task").await?;
        assert_eq!(
            (tasks.len(), &tasks[0]["title"]),
            (1, &json!("Communication")),
            "{flavour}"
        );
        let logs = all(&world, "case/task/log").await?;
        assert!(
            logs.iter()
                .any(|log| log["message"].to_string().contains("I did not order anything")),
            "{logs:#?}"
        );
        let observables = all(&world, "case/artifact").await?;
        let files: Vec<&str> = observables
            .iter()
            .filter_map(|one| one["attachment"]["name"].as_str())
            .collect();
        assert!(
            files.contains(&"invoice 4711.pdf") && files.contains(&"label.exe"),
            "{flavour}: {files:?}"
        );
        assert!(
            observables.iter().any(|one| one["data"] == "http://203.0.113.9/label"),
            "{flavour}"
        );
        let written = world.thehive.control.effects(0).len();
        let again = world.run(ACME, "ews2case", json!({})).await?;
        assert_eq!(again["state"], "succeeded", "{flavour}: {again:#}");
        assert_eq!(world.thehive.control.effects(0).len(), written, "{flavour}");
        spoke_v0(&world, flavour);
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_mail_becomes_an_alert_whose_description_holds_the_mail_at_3_and_4() -> anyhow::Result<()> {
    for flavour in BOTH {
        let world = world(flavour).await?;
        let config = json!({ "settle_seconds": 0, "create": "alert" });
        world.deploy(Deployment::of("ews2case").config(config)).await?;
        world.deliver(ACME, REPORT, json!({})).await?;
        let run = world.run(ACME, "ews2case", json!({})).await?;
        assert_eq!(run["answer"]["success"], true, "{flavour}: {run:#}");
        let alerts = all(&world, "alert").await?;
        assert_eq!(alerts.len(), 1, "{flavour}: {alerts:#?}");
        let text = alerts[0]["description"].as_str().unwrap_or_default();
        assert!(
            text.starts_with("## Reported mail") && text.contains("I did not order anything"),
            "{flavour}: {text}"
        );
        let artifacts = alerts[0]["artifacts"].as_array().map_or(0, Vec::len);
        assert!(artifacts > 0, "{flavour}");
        // 3 takes files with a new alert only, and the report says so.
        let reason = run["answer"]["mails"][0]["reason"].to_string();
        assert_eq!(
            reason.contains("invoice 4711.pdf could not be added"),
            flavour == "v3",
            "{flavour}: {reason}"
        );
        let written = world.thehive.control.effects(0).len();
        let again = world.run(ACME, "ews2case", json!({})).await?;
        assert_eq!(again["state"], "succeeded", "{flavour}: {again:#}");
        assert_eq!(world.thehive.control.effects(0).len(), written, "{flavour}");
        spoke_v0(&world, flavour);
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn d22_a_closure_that_nobody_told_is_found_at_3_and_4() -> anyhow::Result<()> {
    for flavour in BOTH {
        let options = Options {
            flavour: Some(flavour),
            ..hook_options()
        };
        let world = World::with(options).await?;
        let listener = Deployment::of("listener").triggers(json!([{
            "kind": "webhook", "name": "heard", "binding": "thehive", "events": ["case.closed", "alert.closed"],
            "reconcile_seconds": 1,
        }]));
        world.deploy(listener).await?;
        let case = json!({ "title": "lost", "description": "d", "tags": ["QRadar"] });
        let case = world.analyst(ACME, "POST", "/api/case", &case).await?;
        let path = format!("/api/case/{}", case["id"].as_str().unwrap_or_default());
        let closing = json!({ "status": "Resolved", "resolutionStatus": "FalsePositive", "summary": "Nothing in it" });
        world.analyst(ACME, "PATCH", &path, &closing).await?;
        let alert = json!({ "type": "t", "source": "s", "sourceRef": "1", "title": "lost", "description": "d" });
        let alert = world.analyst(ACME, "POST", "/api/alert", &alert).await?;
        let path = format!("/api/alert/{}/markAsRead", alert["id"].as_str().unwrap_or_default());
        world.analyst(ACME, "POST", &path, &json!({})).await?;
        let events = world
            .events_until(ACME, "?state=accepted", |events| events.len() == 2)
            .await?;
        let mut told: Vec<String> = events
            .iter()
            .map(|event| {
                format!(
                    "{} {}",
                    event["event"].as_str().unwrap_or("?"),
                    event["via"].as_str().unwrap_or("?")
                )
            })
            .collect();
        told.sort();
        assert_eq!(
            told,
            ["alert.closed reconciler", "case.closed reconciler"],
            "{flavour}: {events:#?}"
        );
        let run = events
            .iter()
            .find(|event| event["event"] == "case.closed")
            .and_then(|event| event["runs"][0]["run"].as_str())
            .unwrap_or_default()
            .to_owned();
        let run = world.end_of(ACME, &run).await?;
        assert_eq!(run["answer"]["stage"], "Closed", "{flavour}: {run:#}");
        world.reconciled(ACME, 2).await?;
        assert_eq!(
            world.events(ACME, "?state=accepted").await?.len(),
            2,
            "{flavour}: each once"
        );
        world.finish().await?;
    }
    Ok(())
}
