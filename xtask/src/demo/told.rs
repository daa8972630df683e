//! How is what happened told to whoever watches?

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;

use crate::stage::{self, Stage, text};

/// Deploys a workflow, and says so.
pub fn deployed(stage: &Stage, name: &str, manifest: &Path, bindings: &Value, config: &Value) -> Result<()> {
    let deployed = stage.deploy(name, manifest, bindings, config, 1)?;
    println!(
        "deployed {name} version {}; it acts on nothing that is older than now",
        deployed["version"]
    );
    Ok(())
}

/// One run, told in an analyst's words.
pub fn run(stage: &Stage, deployment: &str, input: &Value) -> Result<Value> {
    tell(stage, deployment, &stage.run(deployment, input)?)
}

/// A run that ended, told in an analyst's words.
pub fn tell(stage: &Stage, deployment: &str, run: &Value) -> Result<Value> {
    let id = text(run, "id")?;
    let journal = stage.api(
        "GET",
        &format!("/v1/tenants/{}/runs/{id}/journal", stage::TENANT),
        &[],
        None,
    )?;
    let calls = journal["calls"].as_array().context("calls")?;
    let writes = calls
        .iter()
        .filter(|call| matches!(call["class"].as_str(), Some("keyed" | "probe" | "opaque")))
        .count();
    println!(
        "  run {id}: {}, {} calls, {writes} of them writes",
        text(run, "state")?,
        calls.len()
    );
    for scanned in journal["report"]["scanned"].as_array().into_iter().flatten() {
        println!("  looked at {}, {}", scanned["count"], text(scanned, "window")?);
    }
    for item in journal["report"]["items"].as_array().into_iter().flatten() {
        println!(
            "  {:8} {}: {}",
            text(item, "verdict")?,
            text(item, "subject")?,
            text(item, "reason")?
        );
    }
    Ok(json!({
        "workflow": deployment,
        "status": run["state"],
        "answer": run["answer"],
        "calls": calls.len(),
        "writes": writes,
    }))
}
