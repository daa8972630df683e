//! Does the report decide between succeeded and partial? Event: `{"scanned": n, "items": [{"subject", "verdict", "reason"}]}`.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::WorkflowError;
use synapse_guest::workflow::{Item, Verdict, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
struct Params {
    #[serde(default)]
    scanned: u64,
    items: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    subject: String,
    verdict: String,
    #[serde(default)]
    reason: String,
    link: Option<String>,
}

fn run(host: &impl Workflow, params: Params) -> Result<Value, WorkflowError> {
    host.scanned(params.scanned, "as the event says");
    let count = params.items.len();
    for Line {
        subject,
        verdict,
        reason,
        link,
    } in params.items
    {
        let verdict = match verdict.as_str() {
            "created" => Verdict::Created,
            "updated" => Verdict::Updated,
            "skipped" => Verdict::Skipped,
            "failed" => Verdict::Failed,
            "held" => Verdict::Held,
            other => return Err(WorkflowError::BadEvent(format!("verdict `{other}` is unknown"))),
        };
        host.report(&Item {
            subject,
            verdict,
            reason,
            link,
        });
    }
    Ok(json!({ "reported": count }))
}
