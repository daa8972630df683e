//! Which event does a webhook of any version tell?

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::classify::{Meaning, classify};
use super::event::{Action, Dialect, HiveEvent, Object, Via};
use super::facts::{Facts, alert_facts, case_facts, case_status_of_4, custom_fields, facts, text};
use super::payload::{Payload, Verb};
use crate::clock::Timestamp;
use crate::digest::Digest;

/// A payload that tells no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Why, for people.
    pub reason: String,
    /// Equal for equal payloads.
    pub key: String,
}

impl Ignored {
    pub(super) fn new(reason: &str, payload: &Value) -> Self {
        Self {
            reason: reason.to_owned(),
            key: format!("unreadable:{}", Digest::of(canonical(payload).as_bytes())),
        }
    }
}

/// An event, and what else the platform has to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalised {
    /// The event. `connection` and `own` are the receiver's to fill in.
    pub event: HiveEvent,
    /// Equal for every delivery of this event, without the connection; the reconciler's finding of a closure has the same.
    pub key: String,
    /// Why nobody can want it, for people.
    pub ignored: Option<String>,
    /// Open now: if the last that is known of the object is that it was closed, [`Normalised::reopened`] is what happened.
    pub open_now: bool,
}

impl Normalised {
    /// The same event as a reopening.
    pub fn reopened(mut self) -> Self {
        self.event.action = Action::Reopened;
        self.key = closure_key(&self.event).unwrap_or(self.key);
        self.open_now = false;
        self
    }
}

/// The key of a creation, closure or reopening: the object, what happened, and the server's time of it.
pub(super) fn closure_key(event: &HiveEvent) -> Option<String> {
    let (moment, _) = event.moment?;
    let tells = matches!(event.action, Action::Created | Action::Closed | Action::Reopened)
        && matches!(event.object, Object::Case | Object::Alert);
    tells.then(|| {
        format!(
            "{}:{}:{}:{moment}",
            event.object.as_str(),
            event.id,
            event.action.as_str()
        )
    })
}

/// Reads a payload.
///
/// # Errors
/// It is no event of TheHive: [`Ignored`] says why.
pub fn normalise(payload: &Value) -> Result<Normalised, Ignored> {
    let nothing = Map::new();
    let payload = &Payload::read(payload, &nothing)?;
    let facts = facts_of(payload);
    let meaning = classify(payload, &facts);
    let (action, ignored, open_now) = match meaning {
        Meaning::Is(action) => (action, None, false),
        Meaning::OpenNow => (Action::Updated, None, true),
        Meaning::Nothing(reason) => (Action::Updated, Some(reason), false),
    };
    let changes = match payload.verb {
        Verb::Update | Verb::Merge => changes(payload, &facts),
        Verb::Create | Verb::Delete | Verb::Other(_) => Map::new(),
    };
    let moment = moment(action, open_now, payload.time, &facts);
    let event = HiveEvent {
        connection: String::new(),
        object: payload.object,
        action,
        id: payload.id.to_owned(),
        number: facts.number,
        root: payload.root.map(str::to_owned),
        request: payload.request.map(str::to_owned),
        actor: payload.actor.map(str::to_owned),
        own: false,
        organisation: payload.organisation.map(str::to_owned),
        title: facts.title,
        status: facts.status,
        stage: facts.stage,
        impact: facts.impact,
        summary: facts.summary,
        tags: facts.tags,
        custom_fields: facts.custom_fields,
        case: facts.case,
        alert: facts.alert,
        assignee: facts.assignee,
        changes,
        dialect: payload.dialect,
        via: Via::Webhook,
        time: payload.time,
        moment,
    };
    let key = closure_key(&event).unwrap_or_else(|| delivery_key(payload));
    Ok(Normalised {
        event,
        key,
        ignored,
        open_now,
    })
}

/// The object after the event; what it no longer says or does not say yet is taken from the details.
fn facts_of(payload: &Payload<'_>) -> Facts {
    // 4 sends the case where an alert was imported (contract 6.1): it is not what the event is about.
    let kind = payload.entity.get("_type").and_then(Value::as_str).unwrap_or_default();
    let is_other = payload.object == Object::Alert && kind.eq_ignore_ascii_case("case");
    let (entity, details) = (payload.entity, payload.details);
    let mut facts = if is_other {
        Facts::default()
    } else {
        facts(payload.object, entity)
    };
    let whole = payload.verb == Verb::Create || payload.verb == Verb::Delete;
    if entity.is_empty() && whole {
        facts = super::facts::facts(payload.object, details);
    }
    if payload.object == Object::Case {
        if let Some(alert) = details.get("fromAlert").and_then(Value::as_object) {
            facts.alert = alert_facts(alert);
        }
        status_from_details(payload, &mut facts);
    }
    if payload.object == Object::Alert {
        alert_from_details(payload, &mut facts);
        if is_other {
            facts.case = case_facts(entity).or(facts.case);
        }
    }
    for (field, name) in [(&mut facts.impact, "impactStatus"), (&mut facts.summary, "summary")] {
        *field = text(details, &[name]).or(field.take());
    }
    // 3 nests no parents: the root is the case, as only cases have tasks there, and an alert's observables are a field of it.
    let child = matches!(payload.object, Object::Task | Object::Log | Object::Observable);
    if facts.case.is_none() && child && payload.dialect == Dialect::V3 {
        facts.case = payload.root.map(|id| super::event::CaseFacts {
            id: id.to_owned(),
            number: None,
        });
    }
    facts
}

/// 3 and 4 show the object as it is when they send, 5/0 the old spelling: what the event set is in the details.
fn status_from_details(payload: &Payload<'_>, facts: &mut Facts) {
    let details = payload.details;
    let Some(status) = text(details, &["status"]) else {
        return;
    };
    match payload.dialect {
        Dialect::V5v0 | Dialect::V5v1 | Dialect::Query => {
            facts.status = Some(status);
            facts.stage = text(details, &["stage"]).or(facts.stage.take());
        }
        Dialect::V3 | Dialect::V4v0 | Dialect::V4v1 => {
            let resolution = text(details, &["resolutionStatus"]).or(text(payload.entity, &["resolutionStatus"]));
            let (status, stage) = case_status_of_4(Some(&status), resolution);
            (facts.status, facts.stage) = (status, stage);
        }
    }
}

fn alert_from_details(payload: &Payload<'_>, facts: &mut Facts) {
    let details = payload.details;
    let set = |status: &str, stage: &str, facts: &mut Facts| {
        (facts.status, facts.stage) = (Some(status.to_owned()), Some(stage.to_owned()));
    };
    if let Some(id) = text(details, &["caseId", "case"]) {
        set("Imported", "Imported", facts);
        let number = facts.case.as_ref().and_then(|case| case.number);
        facts.case = Some(super::event::CaseFacts { id, number });
        return;
    }
    match (payload.dialect, details.get("read").and_then(Value::as_bool)) {
        (Dialect::V4v0 | Dialect::V4v1, Some(true)) if facts.case.is_none() => set("Ignored", "Closed", facts),
        (Dialect::V4v0 | Dialect::V4v1, Some(false)) if facts.case.is_none() => set("New", "New", facts),
        (Dialect::V5v0 | Dialect::V5v1, _) => {
            facts.status = text(details, &["status"]).or(facts.status.take());
            facts.stage = text(details, &["stage"]).or(facts.stage.take());
        }
        _ => {}
    }
}

/// When the object became what it is now, and whether the server says exactly this.
pub(super) fn moment(action: Action, open_now: bool, time: Timestamp, facts: &Facts) -> Option<(Timestamp, bool)> {
    match action {
        Action::Created => Some(facts.created_at.map_or((time, false), |at| (at, true))),
        Action::Closed => Some(match (facts.closed_at, facts.ended_at.or(facts.updated_at)) {
            (Some(at), _) => (at, true),
            (None, Some(at)) => (at, false),
            (None, None) => (time, false),
        }),
        Action::Reopened => Some((facts.updated_at.unwrap_or(time), false)),
        Action::Updated if open_now => Some((facts.updated_at.unwrap_or(time), false)),
        Action::Updated | Action::Deleted | Action::Merged | Action::Imported => None,
    }
}

/// What was set, under the event's own names where it has one and else as the server spells it.
fn changes(payload: &Payload<'_>, facts: &Facts) -> Map<String, Value> {
    let mut changes = Map::new();
    let mut fields = Map::new();
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    let of_old = !matches!(payload.dialect, Dialect::V5v0 | Dialect::V5v1);
    let has_stage = matches!(payload.object, Object::Case | Object::Alert);
    for (name, value) in payload.details {
        match name.as_str() {
            "status" | "resolutionStatus" | "read" if has_stage && of_old => {
                changes.insert("status".to_owned(), text(&facts.status));
                changes.insert("stage".to_owned(), text(&facts.stage));
            }
            "impactStatus" => drop(changes.insert("impact".to_owned(), value.clone())),
            "owner" if payload.object != Object::Log => drop(changes.insert("assignee".to_owned(), value.clone())),
            "caseId" | "case" if payload.object == Object::Alert => {
                changes.insert("case".to_owned(), value.clone());
            }
            "customFields" => fields.extend(custom_fields(value)),
            // Said again by `customFields`.
            "customFieldChanges" => {}
            other => match other.strip_prefix("customFields.") {
                Some(field) => {
                    let name = field.split('.').next().unwrap_or(field);
                    fields.insert(name.to_owned(), value.clone());
                }
                None => drop(changes.insert(other.to_owned(), value.clone())),
            },
        }
    }
    if !fields.is_empty() {
        changes.insert("custom-fields".to_owned(), Value::Object(fields));
    }
    changes
}

/// Contract 6.2: the audit's id where there is one, else what was asked, of what, and how. Never the time of sending.
fn delivery_key(payload: &Payload<'_>) -> String {
    let (object, verb) = (payload.object.as_str(), payload.verb.as_str());
    let what = match payload.audit {
        Some(audit) => Digest::of_parts(&[b"audit", audit.as_bytes(), verb.as_bytes()]),
        None => Digest::of_parts(&[
            b"request",
            payload.request.unwrap_or_default().as_bytes(),
            verb.as_bytes(),
            canonical(&Value::Object(payload.details.clone())).as_bytes(),
        ]),
    };
    format!("{object}:{}:{verb}:{what}", payload.id)
}

/// JSON with sorted names: equal for equal values, however they were written.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().collect();
            let members: Vec<_> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}
