//! Which event came in? Returns its data.

use serde_json::Value;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::{Level, Workflow};

synapse_guest::workflow!(run);

fn run(host: &impl Workflow, data: Value) -> Result<Value, WorkflowError> {
    host.log(Level::Info, "heard", &[("deployment", &host.deployment())]);
    Ok(data)
}
