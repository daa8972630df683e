//! How many handles may a run hold? Event: `{"max": n}` or nothing; opens until an error (or a trap) and says how far it got.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, explain, name};
use synapse_guest::lab::Lab;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    max: usize,
}

fn run(host: &(impl Workflow + Lab), params: Option<Params>) -> Result<Value, WorkflowError> {
    let max = params.map_or(usize::MAX, |params| params.max);
    let mut held = Vec::new();
    while held.len() < max {
        match host.bench("lab") {
            Ok(bench) => held.push(bench),
            Err(error) => return Ok(json!({ "held": held.len(), "error": name(&error), "text": explain(&error) })),
        }
    }
    Ok(json!({ "held": held.len(), "error": null }))
}
