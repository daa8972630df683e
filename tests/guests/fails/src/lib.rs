//! How does each kind of failure end a run? Event: `{"how": "failed" | "bad-event" | "retry-after", "why": "...", "ms": n}`.

use serde::Deserialize;
use serde_json::Value;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    how: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    ms: u64,
}

fn run(_host: &impl Workflow, Params { how, why, ms }: Params) -> Result<Value, WorkflowError> {
    Err(match how.as_str() {
        "failed" => WorkflowError::Failed(why),
        "bad-event" => WorkflowError::BadEvent(why),
        "retry-after" => WorkflowError::RetryAfter { ms, why },
        other => WorkflowError::BadEvent(format!("how `{other}`: use failed, bad-event or retry-after")),
    })
}
