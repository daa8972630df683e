//! Do a million log lines stay within the run's log limit? Event: `{"lines": n}` or nothing.

use serde::Deserialize;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::{Level, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    lines: u64,
}

fn run(host: &impl Workflow, params: Option<Params>) -> Result<u64, WorkflowError> {
    let lines = params.map_or(1_000_000, |params| params.lines);
    for _ in 0..lines {
        host.log(Level::Info, "flood", &[]);
    }
    Ok(lines)
}
