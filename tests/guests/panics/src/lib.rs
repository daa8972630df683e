//! Is a panic's message kept although the instance is gone? Event: `{"text": "..."}` or nothing.

use serde::Deserialize;
use serde_json::Value;
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::{Level, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    text: String,
}

fn run(host: &impl Workflow, params: Option<Params>) -> Result<Value, WorkflowError> {
    host.log(Level::Info, "about to panic", &[]);
    panic!("{}", params.map_or_else(|| "as asked".to_owned(), |params| params.text));
}
