//! Does unbounded recursion end the guest and nothing else? Event: `{"depth": n}` or nothing for no bound.

use std::hint::black_box;

use serde::Deserialize;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    depth: u64,
}

fn run(_host: &impl Workflow, params: Option<Params>) -> Result<u64, WorkflowError> {
    Ok(descend(params.map_or(u64::MAX, |params| params.depth)))
}

#[inline(never)]
fn descend(left: u64) -> u64 {
    let frame = black_box([left; 16]);
    if left == 0 {
        frame[0]
    } else {
        black_box(descend(left - 1)) + black_box(frame)[1] % 2
    }
}
