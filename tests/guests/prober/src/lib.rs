//! Is a `probe` effect done once whatever happens? Event: `{"texts": [...], "dedup": false}`; returns ids and errors.
//!
//! With `dedup` each text is its own dedup-key.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, explain, name};
use synapse_guest::lab::Lab;
use synapse_guest::workflow::{Item, Verdict, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    texts: Vec<String>,
    #[serde(default)]
    dedup: bool,
}

fn run(host: &(impl Workflow + Lab), params: Params) -> Result<Value, WorkflowError> {
    let bench = host.bench("lab")?;
    let mut answers = Vec::new();
    for text in &params.texts {
        let answer = host.append(&bench, text, params.dedup.then_some(text.as_str()));
        let (verdict, reason) = match &answer {
            Ok(id) => (Verdict::Created, format!("appended as {id}")),
            Err(error) => (Verdict::Failed, explain(error)),
        };
        host.report(&Item {
            subject: format!("line {text}"),
            verdict,
            reason,
            link: None,
        });
        answers.push(match answer {
            Ok(id) => json!({ "id": id }),
            Err(error) => json!({ "error": name(&error) }),
        });
    }
    Ok(json!(answers))
}
