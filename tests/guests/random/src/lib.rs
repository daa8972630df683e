//! Are time and randomness the same on replay, and does time stand still between calls?

use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

fn run(host: &impl Workflow, _: Value) -> Result<Value, WorkflowError> {
    let at_start = (host.now(), host.now());
    let first = hex(&host.random(16));
    let after_random = host.now();
    host.state_get(&["k".to_owned()])?;
    let after_call = (host.now(), host.now());
    let second = hex(&host.random(16));
    let longest = host.random(10_000).len();
    Ok(json!({
        "run_id": host.run_id(), "at_start": at_start, "after_random": after_random, "after_call": after_call,
        "first": first, "second": second, "longest": longest,
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
