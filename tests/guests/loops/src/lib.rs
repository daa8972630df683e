//! Does the CPU limit end a guest that never ends by itself?

use std::hint::black_box;

use serde_json::Value;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

fn run(_host: &impl Workflow, _: Value) -> Result<u64, WorkflowError> {
    let mut turns = 0u64;
    while black_box(true) {
        turns = black_box(turns.wrapping_add(1));
    }
    Ok(turns)
}
