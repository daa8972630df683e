//! Does one oversized argument stop at the host-call limit, before the host has copied it?
//!
//! Event: `{"to": "log" | "state-key" | "state-value", "bytes": n}`; 100 MB to the log by default (more than plan `standard`
//! has memory: ask for 16 MiB to meet the host-call limit there).

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, name};
use synapse_guest::workflow::{Change, Level, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(default)]
struct Params {
    to: String,
    bytes: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            to: "log".to_owned(),
            bytes: 100_000_000,
        }
    }
}

fn run(host: &impl Workflow, params: Option<Params>) -> Result<Value, WorkflowError> {
    let Params { to, bytes } = params.unwrap_or_default();
    let text = "x".repeat(bytes);
    let error = match to.as_str() {
        "log" => {
            host.log(Level::Info, &text, &[]);
            None
        }
        "state-key" => host.state_get(&[text]).err(),
        "state-value" => {
            let change = Change {
                key: "big".to_owned(),
                value: Some(text),
                expected: None,
            };
            host.state_apply(&[change])
                .map_or_else(Some, |mut answers| answers.pop().and_then(Result::err))
        }
        other => {
            return Err(WorkflowError::BadEvent(format!(
                "to `{other}`: use log, state-key or state-value"
            )));
        }
    };
    Ok(json!({ "bytes": bytes, "error": error.as_ref().map(name) }))
}
