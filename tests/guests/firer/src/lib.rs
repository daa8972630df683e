//! Does an `opaque` effect in doubt wait for a person? Event: `{"text": "..."}`; returns the id or the error.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, explain, name};
use synapse_guest::lab::Lab;
use synapse_guest::workflow::Workflow;

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    text: String,
}

fn run(host: &(impl Workflow + Lab), params: Params) -> Result<Value, WorkflowError> {
    let bench = host.bench("lab")?;
    Ok(match host.fire(&bench, &params.text) {
        Ok(id) => json!({ "id": id }),
        Err(error) => json!({ "error": name(&error), "text": explain(&error) }),
    })
}
