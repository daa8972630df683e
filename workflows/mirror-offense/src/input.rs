//! What changed, and on which side?

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use synapse_guest::entry;
use synapse_guest::error::WorkflowError;
use synapse_guest::text;
use synapse_guest::workflow::Event;
use synapse_offenses::event::{HiveEvent, TYPE};

/// The type of what the platform's poller of offenses says.
const SOURCE: &str = "synapse.source.offenses";
/// Offenses of one run, at most.
const MOST: usize = 100;

/// What is to be mirrored.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// These offenses changed in QRadar.
    Offenses {
        /// Their ids, in order.
        ids: Vec<u64>,
        /// What happened before this moment is not acted on, milliseconds: the go-live point, what a backfill or replay says in its place,
        /// or 0 for offenses that somebody names.
        from: u64,
    },
    /// A case came to be or changed in TheHive.
    Case {
        /// Its id.
        id: String,
        /// Somebody assigned it just now.
        assigned: bool,
        /// When, milliseconds.
        time: u64,
    },
    /// Nothing, because.
    Ignore {
        /// What the event was about.
        subject: String,
        /// Why.
        reason: String,
    },
}

#[derive(Deserialize)]
struct Items {
    items: Vec<Changed>,
    /// Of a backfill or a replay.
    since: Option<u64>,
}

#[derive(Deserialize)]
struct Changed {
    id: u64,
    change: String,
}

/// Reads an event; `go_live` is the moment from which the deployment acts.
///
/// # Errors
/// `bad-event` for what names nothing.
pub fn read(event: &Event, go_live: u64) -> Result<Input, WorkflowError> {
    if event.type_.starts_with(TYPE) {
        return Ok(of_hive(&entry::parse(event)?, event.time));
    }
    if event.type_ == SOURCE {
        let Items { items, since } = entry::parse(event)?;
        // What is new is imported by qradar2alert and has nothing to be mirrored to yet.
        let ids: BTreeSet<u64> = items
            .into_iter()
            .filter(|item| item.change != "new")
            .map(|item| item.id)
            .collect();
        return Ok(Input::Offenses {
            ids: ids.into_iter().collect(),
            from: since.unwrap_or(go_live),
        });
    }
    named(&entry::parse(event)?)
}

fn named(value: &Value) -> Result<Input, WorkflowError> {
    let refused = || {
        let got = text::cut(&value.to_string(), 100);
        WorkflowError::BadEvent(format!(
            "send {{\"offense\": id}}, {{\"offenses\": [ids]}} with 1 to {MOST} of them, or {{\"case\": \"~1\"}}; got {got}"
        ))
    };
    let fields = value
        .as_object()
        .filter(|fields| fields.len() == 1)
        .ok_or_else(refused)?;
    let ids: Option<BTreeSet<u64>> = match (fields.get("offense"), fields.get("offenses"), fields.get("case")) {
        (Some(id), None, None) => id.as_u64().map(|id| [id].into()),
        (None, Some(Value::Array(ids)), None) => ids.iter().map(Value::as_u64).collect(),
        (None, None, Some(case)) => {
            let id = case
                .as_str()
                .map(str::to_owned)
                .or_else(|| case.as_u64().map(|number| number.to_string()));
            return Ok(Input::Case {
                id: id.ok_or_else(refused)?,
                assigned: true,
                time: u64::MAX,
            });
        }
        _ => None,
    };
    let ids = ids.filter(|ids| (1..=MOST).contains(&ids.len())).ok_or_else(refused)?;
    Ok(Input::Offenses {
        ids: ids.into_iter().collect(),
        from: 0,
    })
}

fn of_hive(event: &HiveEvent, time: u64) -> Input {
    let subject = format!("{} {}", event.object, event.id);
    if event.own {
        return Input::Ignore {
            subject,
            reason: "an echo: the connection's own user did it".to_owned(),
        };
    }
    let case = match (event.object.as_str(), event.action.as_str(), &event.case_) {
        ("case", "created" | "updated", _) => Some(event.id.clone()),
        ("alert", "imported", Some(case)) => Some(case.id.clone()),
        _ => None,
    };
    match case {
        Some(id) => Input::Case {
            id,
            assigned: event.changes.contains_key("assignee") || event.changes.contains_key("owner"),
            time,
        },
        None => Input::Ignore {
            subject,
            reason: format!("{} is not mirrored", event.name()),
        },
    }
}
