//! Do state changes keep their promises? Event: `{"changes": [{"key", "value", "expected"}], "get": [keys], "fail": false}`.
//!
//! Applies, then reads, then (with `fail`) fails, so that a test can see that the changes stay.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, name};
use synapse_guest::workflow::{Change, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Params {
    changes: Vec<Wanted>,
    get: Vec<String>,
    fail: bool,
}

#[derive(Deserialize)]
struct Wanted {
    key: String,
    value: Option<String>,
    expected: Option<u64>,
}

fn run(host: &impl Workflow, params: Params) -> Result<Value, WorkflowError> {
    let change = |Wanted { key, value, expected }| Change { key, value, expected };
    let changes: Vec<Change> = params.changes.into_iter().map(change).collect();
    let applied: Vec<Value> = host
        .state_apply(&changes)?
        .into_iter()
        .map(|answer| {
            answer.map_or_else(
                |error| json!({ "error": name(&error) }),
                |revision| json!({ "revision": revision }),
            )
        })
        .collect();
    let read: Vec<Value> = host
        .state_get(&params.get)?
        .into_iter()
        .map(|entry| {
            entry.map_or(
                Value::Null,
                |entry| json!({ "value": entry.value, "revision": entry.revision }),
            )
        })
        .collect();
    if params.fail {
        return Err(WorkflowError::Failed("failed as asked, after the changes".to_owned()));
    }
    Ok(json!({ "applied": applied, "read": read }))
}
