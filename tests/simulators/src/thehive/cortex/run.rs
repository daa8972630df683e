//! How does a run end? When its time has come by the simulator's clock, with the status and report of its worker.

use super::worker::Worker;
use crate::thehive::{app::Hive, kind::Kind, store::Author};
use serde_json::{Value, json};

/// How a run will end.
#[derive(Clone, Debug)]
pub struct Outcome {
    status: String,
    report: Value,
    duration_ms: i64,
}

impl Outcome {
    /// What the worker says.
    pub fn of(worker: &Worker) -> Self {
        Self {
            status: worker.status.clone(),
            report: worker.report.clone(),
            duration_ms: worker.duration_ms.max(0),
        }
    }
}

/// A run under way.
#[derive(Clone, Debug)]
pub struct Due {
    at_ms: i64,
    id: u64,
    outcome: Outcome,
}

/// Notes when a run ends; one without an outcome never does.
pub fn begin(hive: &mut Hive, id: u64, outcome: Option<Outcome>, now_ms: i64) {
    hive.due.extend(outcome.map(|outcome| Due {
        at_ms: now_ms.saturating_add(outcome.duration_ms),
        id,
        outcome,
    }));
}

/// Ends the runs whose time has come.
pub fn settle(hive: &mut Hive, now_ms: i64) {
    let (ended, running) = std::mem::take(&mut hive.due)
        .into_iter()
        .partition(|due: &Due| due.at_ms <= now_ms);
    hive.due = running;
    for due in ended {
        end(hive, &due, now_ms);
    }
}

fn end(hive: &mut Hive, due: &Due, now_ms: i64) {
    let Some(run) = hive.store.get(due.id) else { return };
    let login = run
        .body
        .get("_createdBy")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let author = Author { login: &login, now_ms };
    let (kind, observable, name) = (run.kind, run.parent, run.body.get("analyzerName").cloned());
    let Outcome { status, report, .. } = &due.outcome;
    hive.store.update(due.id, &author, |run| {
        run.insert("status".into(), status.as_str().into());
        run.insert("endDate".into(), now_ms.into());
        // The report of an action is text on the wire.
        let report = if kind == Kind::Action {
            report.to_string().into()
        } else {
            report.clone()
        };
        run.insert("report".into(), report);
    });
    let taxonomies = report.pointer("/summary/taxonomies");
    if let (Some(observable), Some(Value::String(name)), Some(taxonomies)) = (observable, name, taxonomies) {
        hive.store.update(observable, &author, |observable| {
            observable.entry("reports").or_insert_with(|| json!({}))[&name] = json!({"taxonomies": taxonomies});
        });
    }
}
