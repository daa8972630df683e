//! Do recorded offenses become alerts, each once?

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::Path;

use super::{now_ms, told};
use crate::paths;
use crate::stage::{self, Stage};

/// Deploys the import, raises the recorded offenses, and imports twice.
pub fn show(stage: &Stage) -> Result<Vec<Value>> {
    let manifest = Path::new("workflows/qradar2alert/workflow.toml");
    let bindings = json!({ "qradar": "siem", "thehive": "hive" });
    told::deployed(stage, "qradar2alert", manifest, &bindings, &json!({}))?;
    raise_recorded_offenses(stage)?;
    let mut runs = Vec::new();
    for pass in ["first", "second"] {
        println!("\n{pass} import of the last hour's offenses:");
        runs.push(told::run(stage, "qradar2alert", &json!({ "timerange": 60 }))?);
    }
    check(&runs, stage)?;
    Ok(runs)
}

/// Loads the recorded offenses with each one's last event moved to now: they are years old, and the deployment acts on nothing old.
fn raise_recorded_offenses(stage: &Stage) -> Result<()> {
    let recorded = paths::root().join("tests/simulators/fixtures/qradar-recorded.json");
    let mut state: Value = serde_json::from_slice(&std::fs::read(recorded)?)?;
    let now = now_ms()?;
    let mut moved = std::collections::BTreeMap::new();
    for offense in state["offenses"].as_array_mut().context("offenses")? {
        let by = now - offense["last_updated_time"].as_i64().context("last_updated_time")?;
        moved.insert(offense["id"].as_i64(), by);
        shift(
            offense,
            by,
            &[
                "start_time",
                "last_updated_time",
                "first_persisted_time",
                "last_persisted_time",
                "close_time",
            ],
        );
    }
    for event in state["events"].as_array_mut().into_iter().flatten() {
        if let Some(by) = moved.get(&event["offense_id"].as_i64()) {
            shift(event, *by, &["starttime", "devicetime", "endtime"]);
        }
    }
    stage::expect(
        204,
        "PUT",
        &format!("{}/_sim/state", stage.simulator("qradar")?),
        Some(&state),
    )?;
    println!("QRadar raises {} recorded offenses", moved.len());
    Ok(())
}

fn shift(object: &mut Value, by: i64, fields: &[&str]) {
    for field in fields {
        if let Some(time) = object.get(*field).and_then(Value::as_i64) {
            object[*field] = json!(time + by);
        }
    }
}

/// It shows what it claims, or fails: every offense once, and nothing the second time.
fn check(runs: &[Value], stage: &Stage) -> Result<()> {
    let created: u64 = runs.iter().filter_map(|run| run["answer"]["created"].as_u64()).sum();
    let alerts = stage.effects("thehive")?.as_array().map_or(0, Vec::len) as u64;
    let again = runs.last().and_then(|run| run["answer"]["created"].as_u64());
    if runs.iter().any(|run| run["status"] != "succeeded") || created == 0 || alerts != created || again != Some(0) {
        bail!("the demo did not do what it shows: {created} created, {alerts} alerts, {again:?} in the second import");
    }
    println!("\n{alerts} alerts in TheHive, each once; the second import created nothing and said why");
    Ok(())
}
