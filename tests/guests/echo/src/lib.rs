//! What came in? Returns it, and leaves one line in the log.

use serde_json::Value;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::{Level, Workflow};

synapse_guest::workflow!(run);

fn run(host: &impl Workflow, data: Value) -> Result<Value, WorkflowError> {
    host.log(Level::Info, "echo", &[("deployment", &host.deployment())]);
    Ok(data)
}
