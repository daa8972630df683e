//! How is a run explained? Its journal: every call with arguments, result and how it came about, and what the guest said beside.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use synapse_domain::ids::RunId;
use synapse_store::journal::{Intent, Journal, LineContent, Outcome, Position};

use super::auth::Authenticated;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;

/// Calls of one page at most.
const PAGE: usize = 1_000;

/// Which part to show.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Calls from this number on.
    #[serde(default)]
    from: u32,
    /// At most this many rows.
    limit: Option<usize>,
}

/// A call as shown.
#[derive(Serialize)]
struct Row {
    call: u32,
    item: u32,
    operation: String,
    class: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    binding: String,
    arguments: Value,
    /// `performed`, `adopted`, `denied`, `verdict`, or `in-doubt` without an outcome.
    how: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    /// When it was (about to be) sent, and by which attempt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sendings: Vec<Value>,
}

pub(super) async fn show(
    State(node): State<Arc<Node>>,
    Path((tenant, run)): Path<(String, String)>,
    caller: Authenticated,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsRead)?;
    let run: RunId = run.parse()?;
    let view = node.store.run(&tenant, run).await?;
    let journal = node.store.journal(&tenant, run).await?;
    let limit = page.limit.unwrap_or(PAGE).clamp(1, PAGE);
    let (log, report, scanned) = lines(&journal);
    let mut rows = rows(journal, page.from);
    let next = rows.get(limit).map(|row| row.call);
    rows.truncate(limit);
    Ok(Json(json!({
        "run": view.id,
        "state": view.state,
        "calls": rows,
        "next_from": next,
        "log": log,
        "report": { "scanned": scanned, "items": report },
    })))
}

fn rows(journal: Journal, from: u32) -> Vec<Row> {
    let mut rows: BTreeMap<Position, Row> = BTreeMap::new();
    for outcome in journal.outcomes.into_iter().filter(|outcome| outcome.at.call >= from) {
        rows.insert(outcome.at, row_of_outcome(outcome));
    }
    for intent in journal.intents.into_iter().filter(|intent| intent.at.call >= from) {
        let sending =
            json!({ "n": intent.n, "attempt": intent.epoch, "time": intent.time, "send_before": intent.send_before });
        rows.entry(intent.at)
            .or_insert_with(|| row_of_intent(intent))
            .sendings
            .push(sending);
    }
    rows.into_values().collect()
}

fn row_of_outcome(outcome: Outcome) -> Row {
    Row {
        call: outcome.at.call,
        item: outcome.at.item,
        operation: outcome.operation,
        class: outcome.class,
        binding: outcome.binding,
        arguments: parsed(&outcome.arguments),
        how: outcome.how.as_str(),
        result: Some(parsed(&outcome.result)),
        ok: Some(outcome.ok),
        by: outcome.by,
        time: Some(outcome.time),
        marker: outcome.effect_key.map(|key| format!("synapse:{}", key.short())),
        sendings: Vec::new(),
    }
}

fn row_of_intent(intent: Intent) -> Row {
    Row {
        call: intent.at.call,
        item: intent.at.item,
        operation: intent.operation,
        class: intent.class,
        binding: intent.binding,
        arguments: parsed(&intent.arguments),
        how: "in-doubt",
        result: None,
        ok: None,
        by: None,
        time: None,
        marker: Some(format!("synapse:{}", intent.effect_key.short())),
        sendings: Vec::new(),
    }
}

/// Log, report and what was scanned.
fn lines(journal: &Journal) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
    let (mut log, mut report, mut scanned) = (Vec::new(), Vec::new(), Vec::new());
    for line in &journal.lines {
        match &line.content {
            LineContent::Log(entry) => log.push(json!({
                "call": line.call, "time": line.time, "level": entry.level, "message": entry.message, "fields": entry.fields,
            })),
            LineContent::Report(item) => report.push(json!(item)),
            LineContent::Scanned(count) => scanned.push(json!(count)),
        }
    }
    (log, report, scanned)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
