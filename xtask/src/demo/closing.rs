//! Is an offense closed when its case is, and left alone when the case is taken up again?

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

use super::told;
use crate::http;
use crate::stage::{self, Stage, text};

const CLOSE: &str = "close-offense";
/// How long a closing waits in the demo; ten minutes are usual.
const GRACE_SECONDS: u64 = 3;
/// Longest wait for what TheHive tells to become a run.
const PATIENCE: Duration = Duration::from_secs(60);

/// Deploys the closing, lets an analyst promote two of the imported alerts, close both cases and take one of them up again.
pub fn show(stage: &Stage) -> Result<Vec<Value>> {
    let manifest = Path::new("workflows/close-offense/workflow.toml");
    let config = json!({
        "grace_seconds": GRACE_SECONDS,
        "reasons": {
            "FalsePositive": "False-Positive, Tuned", "TruePositive": "Policy Violation", "Indeterminate": "Non-Issue", "Other": "Non-Issue",
        },
    });
    let triggers = json!([
        { "kind": "webhook", "name": "closed", "binding": "thehive", "events": ["case.closed"] },
    ]);
    let bindings = json!({ "qradar": "siem", "thehive": "hive" });
    let deployed = stage.deploy_with(CLOSE, manifest, &bindings, &config, 1, &triggers)?;
    println!(
        "\ndeployed {CLOSE} version {}; TheHive tells it of closed cases",
        deployed["version"]
    );
    listen(stage)?;

    let alerts = alerts(stage)?;
    ensure!(
        alerts.len() >= 2,
        "the demo needs two alerts, there are {}",
        alerts.len()
    );
    let mut runs = Vec::new();
    for (alert, reopened) in alerts.iter().zip([false, true]) {
        let (id, offense) = (text(alert, "_id")?, text(alert, "sourceRef")?);
        let case = analyst(stage, "POST", &format!("/api/v1/alert/{id}/case"), &json!({}))?;
        let path = format!("/api/v1/case/{}", text(&case, "_id")?);
        let closing = json!({ "status": "FalsePositive", "summary": "a scanner of our own" });
        analyst(stage, "PATCH", &path, &closing)?;
        println!(
            "\nAlice closes case #{} of offense {offense} as a false positive:",
            case["number"]
        );
        let run = started(stage, runs.len() + 1)?;
        if reopened {
            analyst(stage, "PATCH", &path, &json!({ "status": "InProgress" }))?;
            println!("  and takes it up again at once");
        }
        let id = text(&run, "id")?;
        let ended = stage.api(
            "GET",
            &format!("/v1/tenants/{}/runs/{id}", stage::TENANT),
            &[("prefer", "wait=120")],
            None,
        )?;
        runs.push(told::tell(stage, CLOSE, &ended)?);
        check(stage, offense, reopened)?;
    }
    println!("\none offense closed with its reason and a note, the other left open: its case is open again");
    Ok(runs)
}

/// TheHive's side: it posts what happens in the organisation to the server.
fn listen(stage: &Stage) -> Result<()> {
    let endpoint = json!({
        "url": format!("{}/t/{}/hooks/thehive/hive", stage.url, stage::TENANT), "version": 1, "organisation": stage::TENANT,
        "auth": { "type": "bearer", "key": stage::HOOK_SECRET },
    });
    let url = format!("{}/_sim/thehive/webhooks", stage.simulator("thehive")?);
    let response = http::call("POST", &url, &[], Some(&endpoint))?;
    ensure!(
        (200..300).contains(&response.status),
        "the webhook cannot be registered: {}",
        response.status
    );
    Ok(())
}

/// The imported alerts that are in no case yet.
fn alerts(stage: &Stage) -> Result<Vec<Value>> {
    let url = format!("{}/_sim/state", stage.simulator("thehive")?);
    let state = stage::expect(200, "GET", &url, None)?;
    let alerts = state["alerts"].as_array().context("no alerts")?;
    Ok(alerts
        .iter()
        .filter(|alert| alert["type"] == "QRadar")
        .cloned()
        .collect())
}

/// What Alice does in TheHive.
fn analyst(stage: &Stage, method: &str, path: &str, body: &Value) -> Result<Value> {
    let url = format!("{}{path}", stage.simulator("thehive")?);
    let authorization = format!("Bearer {}", stage::ANALYST_KEY);
    let response = http::call(method, &url, &[("authorization", &authorization)], Some(body))?;
    let told = String::from_utf8_lossy(&response.body).into_owned();
    ensure!(
        (200..300).contains(&response.status),
        "{method} {path}: {} {told}",
        response.status
    );
    if response.body.is_empty() {
        Ok(Value::Null)
    } else {
        response.json()
    }
}

/// The newest run of the closing, once there are so many.
fn started(stage: &Stage, count: usize) -> Result<Value> {
    let path = format!("/v1/tenants/{}/runs?deployment={CLOSE}", stage::TENANT);
    let start = Instant::now();
    loop {
        let runs = stage.api("GET", &path, &[], None)?;
        let runs = runs["runs"].as_array().context("runs")?;
        if runs.len() >= count {
            return runs.first().cloned().context("no run");
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "TheHive told of a closed case, and no run began"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// It shows what it claims, or fails.
fn check(stage: &Stage, offense: &str, reopened: bool) -> Result<()> {
    let state = stage::expect(200, "GET", &format!("{}/_sim/state", stage.simulator("qradar")?), None)?;
    let offenses = state["offenses"].as_array().context("no offenses")?;
    let id: i64 = offense.parse()?;
    let found = offenses.iter().find(|known| known["id"] == id);
    let found = found.with_context(|| format!("offense {offense} is gone"))?;
    let expected = if reopened {
        ("OPEN", &Value::Null)
    } else {
        ("CLOSED", &json!(2))
    };
    let is = (
        found["status"].as_str().unwrap_or_default(),
        &found["closing_reason_id"],
    );
    ensure!(is == expected, "offense {offense} is {is:?}, not {expected:?}");
    println!("  offense {offense} is {} in QRadar", is.0);
    Ok(())
}
