//! Does `retry-after` bring another attempt? Event: `{"until": n, "ms": delay}`; each attempt counts itself in `state`.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::{Change, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    until: u64,
    #[serde(default)]
    ms: u64,
}

fn run(host: &impl Workflow, params: Params) -> Result<Value, WorkflowError> {
    let key = format!("attempts/{}", host.run_id());
    let known = host.state_get(std::slice::from_ref(&key))?.pop().flatten();
    let before: u64 = known.as_ref().and_then(|entry| entry.value.parse().ok()).unwrap_or(0);
    let attempt = before + 1;
    let change = Change {
        key,
        value: Some(attempt.to_string()),
        expected: known.map(|entry| entry.revision),
    };
    host.state_apply(&[change])?.remove(0)?;
    if attempt < params.until {
        return Err(WorkflowError::RetryAfter {
            ms: params.ms,
            why: format!("attempt {attempt} of {}", params.until),
        });
    }
    Ok(json!({ "attempts": attempt }))
}
