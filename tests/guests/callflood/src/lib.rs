//! How many capability calls may a run make, and what does the next one answer?

use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, explain, name};
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

fn run(host: &impl Workflow, _: Value) -> Result<Value, WorkflowError> {
    let keys = ["k".to_owned()];
    let mut calls = 0u64;
    loop {
        if let Err(error) = host.state_get(&keys) {
            return Ok(json!({ "calls": calls, "error": name(&error), "text": explain(&error) }));
        }
        calls += 1;
    }
}
