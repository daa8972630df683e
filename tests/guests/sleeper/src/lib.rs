//! Does a run sleep and go on exactly once? Event: `{"waits": [600, -5000], "label": "a"}`: after each sleep until that many milliseconds
//! from now, a line `<label> <n>` is appended. The answer says for each wait which moment was asked for and what time it was then.
//!
//! With `hold` nothing is appended. With `fail` the run fails after the last line; with `again` it asks for another attempt, once.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, name};
use synapse_guest::lab::Lab;
use synapse_guest::workflow::{Change, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    waits: Vec<i64>,
    #[serde(default)]
    label: String,
    #[serde(default)]
    hold: bool,
    #[serde(default)]
    fail: bool,
    #[serde(default)]
    again: bool,
}

fn run(host: &(impl Workflow + Lab), params: Params) -> Result<Value, WorkflowError> {
    let bench = host.bench("lab")?;
    let mut answers = Vec::new();
    for (n, wait) in params.waits.iter().enumerate() {
        let moment = host.now().saturating_add_signed(*wait);
        if let Err(error) = host.sleep_until(moment) {
            answers.push(json!({ "error": name(&error) }));
            continue;
        }
        answers.push(json!({ "moment": moment, "now": host.now() }));
        if !params.hold {
            host.append(&bench, &format!("{} {n}", params.label), None)?;
        }
    }
    if params.fail {
        return Err(WorkflowError::Failed("as asked".to_owned()));
    }
    if params.again && first(host)? {
        return Err(WorkflowError::RetryAfter {
            ms: 10,
            why: "as asked".to_owned(),
        });
    }
    Ok(json!(answers))
}

/// Is this the first time that the run comes here?
fn first(host: &impl Workflow) -> Result<bool, WorkflowError> {
    let key = format!("again/{}", host.run_id());
    let change = Change {
        key,
        value: Some("1".to_owned()),
        expected: None,
    };
    Ok(host.state_apply(&[change])?.remove(0).is_ok())
}
