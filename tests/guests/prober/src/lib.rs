//! Is a `probe` effect done once whatever happens? Event: `{"texts": [...], "dedup": false}`; returns ids and errors.
//!
//! With `dedup` each text is its own dedup-key. With `draw` the time and randomness that the guest sees are part of each line. With
//! `attempts` and `ms` it asks for another attempt after the lines, until it has made that many.

use serde::Deserialize;
use serde_json::{Value, json};
use synapse_guest::error::{WorkflowError, explain, name};
use synapse_guest::lab::Lab;
use synapse_guest::workflow::{Change, Item, Verdict, Workflow};

synapse_guest::workflow!(run);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    texts: Vec<String>,
    #[serde(default)]
    dedup: bool,
    #[serde(default)]
    draw: bool,
    #[serde(default)]
    attempts: u64,
    #[serde(default)]
    ms: u64,
}

fn run(host: &(impl Workflow + Lab), params: Params) -> Result<Value, WorkflowError> {
    let bench = host.bench("lab")?;
    let mut answers = Vec::new();
    for text in &params.texts {
        let line = if params.draw { drawn(host, text) } else { text.clone() };
        let answer = host.append(&bench, &line, params.dedup.then_some(text.as_str()));
        let (verdict, reason) = match &answer {
            Ok(id) => (Verdict::Created, format!("appended as {id}")),
            Err(error) => (Verdict::Failed, explain(error)),
        };
        host.report(&Item {
            subject: format!("line {}", synapse_guest::text::cut(text, 100)),
            verdict,
            reason,
            link: None,
        });
        let mut shown = match answer {
            Ok(id) => json!({ "id": id }),
            Err(error) => json!({ "error": name(&error) }),
        };
        if params.draw {
            shown["line"] = line.into();
        }
        answers.push(shown);
    }
    let attempt = if params.attempts > 0 { count(host)? } else { 0 };
    if attempt < params.attempts {
        return Err(WorkflowError::RetryAfter {
            ms: params.ms,
            why: format!("attempt {attempt} of {}", params.attempts),
        });
    }
    Ok(json!(answers))
}

/// The text with what only a true replay gives again.
fn drawn(host: &impl Workflow, text: &str) -> String {
    let random: String = host.random(16).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text} {} {random}", host.now())
}

/// Counts this attempt in `state`; answers its number.
fn count(host: &impl Workflow) -> Result<u64, WorkflowError> {
    let key = format!("attempts/{}", host.run_id());
    let known = host.state_get(std::slice::from_ref(&key))?.pop().flatten();
    let before: u64 = known.as_ref().and_then(|entry| entry.value.parse().ok()).unwrap_or(0);
    let change = Change {
        key,
        value: Some((before + 1).to_string()),
        expected: known.map(|entry| entry.revision),
    };
    host.state_apply(&[change])?.remove(0)?;
    Ok(before + 1)
}
