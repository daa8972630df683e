//! How is a simulator told to misbehave, and to hold a request until the test has seen it?

use serde_json::{Value, json};
use synapse_sim::start::Simulator;

use crate::api::Api;

/// Speaks to a simulator's control API.
pub async fn control(simulator: &Simulator, path: &str, body: &Value) -> anyhow::Result<Value> {
    Api::new(&simulator.url(), "")?
        .json("POST", path, &[], body)
        .await?
        .ok()
}

/// Adds a fault; a `hold` closes its gate again.
pub async fn fault(simulator: &Simulator, fault: Value) -> anyhow::Result<()> {
    control(simulator, "/_sim/faults", &fault).await.map(drop)
}

/// Waits until a request is held under this name: performed, and not answered.
pub async fn held(simulator: &Simulator, name: &str) -> anyhow::Result<()> {
    let path = format!("/_sim/held?name={name}&wait_ms=30000");
    let held = Api::new(&simulator.url(), "")?.get(&path).await?.ok()?;
    anyhow::ensure!(held["held"].as_u64() > Some(0), "nothing is held as `{name}`: {held}");
    Ok(())
}

/// Lets what is held under this name be answered.
pub async fn release(simulator: &Simulator, name: &str) -> anyhow::Result<()> {
    control(simulator, "/_sim/release", &json!({ "name": name }))
        .await
        .map(drop)
}
