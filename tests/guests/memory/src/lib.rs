//! Does the memory limit end a guest that only takes?

use std::hint::black_box;

use serde_json::Value;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

fn run(_host: &impl Workflow, _: Value) -> Result<usize, WorkflowError> {
    let mut kept = Vec::new();
    while black_box(true) {
        kept.push(vec![1u8; 1 << 20]);
        black_box(&kept);
    }
    Ok(kept.len())
}
