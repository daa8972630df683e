//! Which closing is the event about?

use serde_json::Value;
use synapse_guest::entry;
use synapse_guest::error::WorkflowError;
use synapse_guest::text;
use synapse_guest::workflow::Event;
use synapse_offenses::event::{HiveEvent, TYPE};

use crate::config::{AlertClosure, Config};

/// What was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A case, by id or number.
    Case(String),
    /// An alert, by id.
    Alert(String),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// TheHive said so, at this moment.
    ByEvent(u64),
    /// Somebody named it: neither go-live nor the brake hold it. `approve`: nor newer events, protection or another's assignment.
    ByName {
        /// The holds are lifted.
        approve: bool,
    },
}

impl Asked {
    /// Was it named?
    pub fn by_name(self) -> bool {
        matches!(self, Self::ByName { .. })
    }

    /// Are the holds lifted?
    pub fn approves(self) -> bool {
        self == Self::ByName { approve: true }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Look at this closing.
    Look(Subject, Asked),
    /// Nothing, because.
    Ignore {
        /// What the event was about.
        subject: String,
        /// Why.
        reason: String,
    },
}

const ACCEPTED: &str = "send {\"case\": \"~1\"} or {\"case\": 7} (id or number), or {\"alert\": \"~2\"}; \"approve\": true lifts the holds";

/// Reads an event.
///
/// # Errors
/// `bad-event` for what names nothing.
pub fn read(event: &Event, config: &Config) -> Result<Input, WorkflowError> {
    if event.type_.starts_with(TYPE) {
        return Ok(of_event(&entry::parse(event)?, event.time, config));
    }
    named(&entry::parse(event)?)
}

fn named(value: &Value) -> Result<Input, WorkflowError> {
    let refused = || {
        let got = text::cut(&value.to_string(), 100);
        WorkflowError::BadEvent(format!("{ACCEPTED}; got {got}"))
    };
    let fields = value.as_object().ok_or_else(refused)?;
    let known = |name: &String| matches!(name.as_str(), "case" | "alert" | "approve");
    if !fields.keys().all(known) {
        return Err(refused());
    }
    let approve = match fields.get("approve") {
        None => false,
        Some(approve) => approve.as_bool().ok_or_else(refused)?,
    };
    let id = |value: &Value| match value {
        Value::String(id) if (1..=64).contains(&id.len()) => Some(id.clone()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    };
    let subject = match (fields.get("case"), fields.get("alert")) {
        (Some(case), None) => Subject::Case(id(case).ok_or_else(refused)?),
        (None, Some(alert)) => Subject::Alert(id(alert).filter(|_| alert.is_string()).ok_or_else(refused)?),
        _ => return Err(refused()),
    };
    Ok(Input::Look(subject, Asked::ByName { approve }))
}

fn of_event(event: &HiveEvent, time: u64, config: &Config) -> Input {
    let subject = match event.number {
        Some(number) => format!("{} #{number}", event.object),
        None => format!("{} {}", event.object, event.id),
    };
    let ignore = |reason: &str| Input::Ignore {
        subject: subject.clone(),
        reason: reason.to_owned(),
    };
    if event.own {
        return ignore("an echo: the connection's own user did it");
    }
    let look = |subject: Subject| Input::Look(subject, Asked::ByEvent(time));
    match (event.object.as_str(), event.action.as_str()) {
        ("case", "closed") => look(Subject::Case(event.id.clone())),
        ("case", "reopened") => ignore("reopened: a closure that still waits reads the case again and closes nothing"),
        ("alert", "closed") => match config.alert_closure {
            AlertClosure::Always => look(Subject::Alert(event.id.clone())),
            AlertClosure::ByDialect if event.is_of_3_or_4() => look(Subject::Alert(event.id.clone())),
            AlertClosure::ByDialect => {
                ignore("the closing of an alert closes no offense on this version of TheHive (config.alert_closure)")
            }
            AlertClosure::Never => ignore("the closing of an alert closes no offense (config.alert_closure)"),
        },
        _ => Input::Ignore {
            reason: format!("{} closes nothing", event.name()),
            subject,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(type_: &str, data: &Value) -> Event {
        Event {
            id: "1".into(),
            source: "/test".into(),
            type_: type_.into(),
            time: 5,
            datacontenttype: "application/json".into(),
            data: data.to_string(),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers make the value in place")]
    fn by_name(data: Value) -> Result<Input, WorkflowError> {
        read(&event("synapse.http.request", &data), &Config::default())
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers make the value in place")]
    fn by_event(data: Value) -> Input {
        read(&event("synapse.thehive.case.closed", &data), &Config::default()).unwrap()
    }

    #[test]
    fn a_case_is_named_by_id_or_number_and_nothing_else_is_accepted() {
        let case = |id: &str, approve| Ok(Input::Look(Subject::Case(id.into()), Asked::ByName { approve }));
        assert_eq!(by_name(json!({ "case": "~1" })), case("~1", false));
        assert_eq!(by_name(json!({ "case": 7, "approve": true })), case("7", true));
        let bad = [
            json!(null),
            json!({}),
            json!({ "case": true }),
            json!({ "case": 7, "alert": "~1" }),
        ];
        let worse = [
            json!({ "alert": 7 }),
            json!({ "case": 7, "force": true }),
            json!({ "case": 7, "approve": "yes" }),
        ];
        for data in bad.into_iter().chain(worse) {
            assert!(
                matches!(by_name(data.clone()), Err(WorkflowError::BadEvent(_))),
                "{data}"
            );
        }
    }

    #[test]
    fn d07_an_event_that_closes_nothing_is_ignored_with_the_reason() {
        let of = |object: &str, action: &str, dialect: &str, own: bool| {
            by_event(
                json!({ "object": object, "action": action, "id": "~1", "own": own, "dialect": dialect, "status": "Ignored" }),
            )
        };
        let looks = |input: Input| matches!(input, Input::Look(..));
        assert!(looks(of("case", "closed", "v5-0", false)));
        assert!(looks(of("alert", "closed", "v3", false)) && looks(of("alert", "closed", "v4-1", false)));
        for (object, action, dialect, own, why) in [
            ("case", "closed", "v5-0", true, "echo"),
            ("alert", "closed", "v5-1", false, "closes no offense"),
            ("alert", "closed", "query", false, "closes no offense"),
            ("alert", "imported", "v3", false, "alert.imported closes nothing"),
            ("case", "merged", "v4-0", false, "case.merged closes nothing"),
            ("case", "reopened", "v5-0", false, "reopened"),
        ] {
            let Input::Ignore { reason, .. } = of(object, action, dialect, own) else {
                panic!("{object}.{action} {dialect}")
            };
            assert!(reason.contains(why), "{reason}");
        }
    }
}
