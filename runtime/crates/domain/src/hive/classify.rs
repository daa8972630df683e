//! What happened? A server says create, update or delete; what an update means is in its details and in the object after it (D20).

use serde_json::Value;

use super::event::{Action, Dialect, Object};
use super::facts::Facts;
use super::payload::{Payload, Verb};

/// Differences of two clocks readings within one change at the server, milliseconds.
pub(super) const SAME_CHANGE: u64 = 2_000;

/// What an event means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This.
    Is(Action),
    /// It is open now: reopened if it was closed before, which only the ledger of earlier events can tell.
    OpenNow,
    /// Nothing that anybody waits for.
    Nothing(String),
}

/// Says what an event means.
pub(super) fn classify(payload: &Payload<'_>, facts: &Facts) -> Meaning {
    let meaning = match (&payload.verb, payload.object) {
        (Verb::Create, _) => Meaning::Is(Action::Created),
        (Verb::Delete, _) => Meaning::Is(Action::Deleted),
        (Verb::Merge, _) => Meaning::Is(Action::Merged),
        (Verb::Other(word), _) => Meaning::Nothing(format!("unknown action `{word}`")),
        (Verb::Update, Object::Case) => case_update(payload, facts),
        (Verb::Update, Object::Alert) => alert_update(payload, facts),
        (Verb::Update, _) => Meaning::Is(Action::Updated),
    };
    // What follows from something is told beside it; that an alert was imported is told by nothing else (contract 6.1).
    if payload.main == Some(false) && meaning != Meaning::Is(Action::Imported) {
        return Meaning::Nothing("follows from another event, which is told by itself".to_owned());
    }
    // Before 5.5 nothing said that this is not the main event: every new case brings one.
    if payload.verb == Verb::Update && payload.details.len() == 1 && payload.details.contains_key("share") {
        return Meaning::Nothing(
            "a new case is shared with its own organisation: follows from its creation".to_owned(),
        );
    }
    meaning
}

fn case_update(payload: &Payload<'_>, facts: &Facts) -> Meaning {
    match payload.dialect {
        Dialect::V5v0 | Dialect::V5v1 | Dialect::Query => stage_update(payload, facts),
        Dialect::V3 | Dialect::V4v0 | Dialect::V4v1 => match set(payload, "status") {
            Some("Resolved" | "Duplicated") => Meaning::Is(Action::Closed),
            // A case that was closed keeps how it ended; a new one has nothing there (D20).
            Some("Open") if left_over(payload, &["resolutionStatus", "impactStatus", "endDate"]) => {
                Meaning::Is(Action::Reopened)
            }
            Some("Open") => Meaning::OpenNow,
            _ => Meaning::Is(Action::Updated),
        },
    }
}

fn alert_update(payload: &Payload<'_>, facts: &Facts) -> Meaning {
    if set(payload, "caseId").or(set(payload, "case")).is_some() {
        return Meaning::Is(Action::Imported);
    }
    match payload.dialect {
        // On 5 "read" is a flag of whoever looks, not a state (workflows.md).
        Dialect::V5v0 | Dialect::V5v1 | Dialect::Query => stage_update(payload, facts),
        Dialect::V3 => match set(payload, "status") {
            Some("Ignored") => Meaning::Is(Action::Closed),
            Some("Imported") => Meaning::Is(Action::Imported),
            Some("New") => Meaning::Is(Action::Reopened),
            _ => Meaning::Is(Action::Updated),
        },
        Dialect::V4v0 | Dialect::V4v1 => match payload.details.get("read").and_then(Value::as_bool) {
            Some(true) if facts.case.is_none() => Meaning::Is(Action::Closed),
            Some(false) if facts.case.is_none() => Meaning::Is(Action::Reopened),
            _ => Meaning::Is(Action::Updated),
        },
    }
}

/// 5: organisations name their own statuses, so the stage decides.
fn stage_update(payload: &Payload<'_>, facts: &Facts) -> Meaning {
    let told = set(payload, "stage");
    let stage = told.or_else(|| set(payload, "status").and(facts.stage.as_deref()));
    match stage {
        // Another verdict on what is closed already is no closure.
        Some("Closed") if told.is_none() && closed_before(payload, facts) => Meaning::Is(Action::Updated),
        Some("Closed") => Meaning::Is(Action::Closed),
        Some("Imported") if payload.object == Object::Alert => Meaning::Is(Action::Imported),
        Some("New" | "InProgress") if left_over(payload, &["closedDate", "endDate"]) => Meaning::Is(Action::Reopened),
        Some("New" | "InProgress") => Meaning::OpenNow,
        _ => Meaning::Is(Action::Updated),
    }
}

fn closed_before(payload: &Payload<'_>, facts: &Facts) -> bool {
    facts
        .closed_at
        .is_some_and(|at| at.saturating_add(SAME_CHANGE) < payload.time)
}

/// A text that the event set.
fn set<'p>(payload: &Payload<'p>, name: &str) -> Option<&'p str> {
    payload.details.get(name).and_then(Value::as_str)
}

/// Is something of a closure there that an object which was never closed does not have, or was it just taken away?
fn left_over(payload: &Payload<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| {
        let taken = payload.details.get(*name).is_some_and(Value::is_null);
        taken || payload.entity.get(*name).is_some_and(|value| !value.is_null())
    })
}
