//! How many events of TheHive does a node take, and how many of them become finished runs?

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::load::{Load, Measured, Target};
use super::report::Report;
use crate::demo::now_ms;
use crate::proc;
use crate::stage::{self, HOOK_SECRET, Stage, TENANT, text};
use crate::tempdir::TempDir;

/// Callers at once; TheHive has one connection per event.
const CALLERS: usize = 16;
/// How long each load runs.
const LOAD_TIME: Duration = Duration::from_secs(6);
/// Longest time for the runs of a load to end.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at them.
const LOOK: Duration = Duration::from_millis(20);

/// Measures events that nobody wants, and events that close something.
pub fn measure(report: &mut Report, profile: &str) -> Result<()> {
    let stage = Stage::start(profile)?;
    let trigger = json!({ "kind": "webhook", "name": "closing", "binding": "thehive", "events": ["case.closed"], "reconcile_seconds": 0 });
    stage.deploy_with(
        "listener",
        Path::new("tests/guests/listener/workflow.toml"),
        &json!({ "thehive": "hive" }),
        &json!({}),
        64,
        &json!([trigger]),
    )?;
    let folder = TempDir::new("floor")?;
    let mut command = proc::command(stage::binary(profile, "synapse-floor"));
    command.arg(folder.path()).arg("512").stdout(Stdio::piped());
    let mut floor = proc::Guard::start("the floor", &mut command)?;
    let line: Value = serde_json::from_str(&floor.ready_line(Duration::from_secs(60))?)?;
    let floor_url = text(&line, "listening")?.to_owned();
    // In the future, so that it is after the go-live point whatever the clocks' order.
    let at = now_ms()? + 60_000;
    for (name, path, body) in [("ignored", "/hook", updated(at)), ("closing", "/closing", closed(at))] {
        println!("webhooks, {name}");
        let ours = Load {
            target: Target {
                url: stage.url.clone(),
                path: format!("/t/{TENANT}/hooks/thehive/hive"),
                key: Some(HOOK_SECRET.to_owned()),
            },
            body: body.clone(),
            process: stage.server_id(),
        };
        let plain = Load {
            target: Target {
                url: floor_url.clone(),
                path: path.to_owned(),
                key: None,
            },
            body,
            process: floor.id(),
        };
        let (mut events, mut bare) = (Measured::default(), Measured::default());
        let (mut seconds, mut commits) = (0.0, 0.0);
        for _ in 0..3 {
            bare.add(plain.measure(CALLERS, LOAD_TIME / 3)?);
            let (begin, before) = (Instant::now(), ours.metric("synapse_store_commits_total ")?);
            let load = ours.measure(CALLERS, LOAD_TIME / 3)?;
            if name == "closing" {
                ended(&ours, events.requests() + load.requests())?;
            }
            seconds += begin.elapsed().as_secs_f64();
            commits += ours.metric("synapse_store_commits_total ")? - before;
            events.add(load);
        }
        let count = events.requests() as f64;
        report.add(
            &format!("webhooks_{name}_per_s"),
            count / seconds,
            "events/s",
            Some(bare.per_second()),
        );
        report.add(
            &format!("webhooks_{name}_p99_ms"),
            events.quantile_ms(99),
            "ms",
            Some(bare.quantile_ms(99)),
        );
        report.add(
            &format!("webhooks_{name}_fsyncs_per_event"),
            commits / count,
            "fsyncs",
            Some(bare.commits_per_run()),
        );
    }
    Ok(())
}

/// Waits until so many runs have succeeded.
fn ended(load: &Load, runs: usize) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let succeeded = load.metric("synapse_runs{state=\"succeeded\"} ")?;
        if succeeded >= runs as f64 {
            return Ok(());
        }
        ensure!(Instant::now() < end, "{succeeded} of {runs} runs have ended");
        std::thread::sleep(LOOK);
    }
}

fn event(at: i64, details: &Value, object: &Value) -> String {
    let mut event = json!({
        "_id": "~audit-@N@", "_type": "Audit", "_createdAt": at, "_createdBy": "alice@acme.example", "action": "update",
        "objectType": "Case", "objectId": "~@N@", "rootId": "~@N@", "requestId": "request-@N@", "mainAction": true,
        "organisation": { "organisation": TENANT, "organisationId": "~1" }, "details": details,
        "object": {
            "_id": "~@N@", "_type": "Case", "_createdAt": at, "_createdBy": "alice@acme.example", "_updatedAt": at,
            "_updatedBy": "alice@acme.example", "number": 7, "title": "Phishing report of a user", "description": "x".repeat(500),
            "status": "InProgress", "stage": "InProgress", "tags": ["QRadar", "src:siem"], "customFields": [],
        },
    });
    if let (Some(members), Some(object)) = (event["object"].as_object_mut(), object.as_object()) {
        members.extend(object.clone());
    }
    event.to_string()
}

fn updated(at: i64) -> String {
    event(at, &json!({ "severity": 3 }), &json!({ "severity": 3 }))
}

fn closed(at: i64) -> String {
    let ended = json!({ "status": "FalsePositive", "stage": "Closed", "endDate": at, "closedDate": at });
    event(
        at,
        &json!({ "status": "FalsePositive", "stage": "Closed", "endDate": at }),
        &ended,
    )
}
