//! What does the envelope of a webhook say, and which version wrote it (contract 6.1)?

use serde_json::{Map, Value};

use super::event::{Dialect, Object};
use super::normalise::Ignored;
use crate::clock::Timestamp;

/// Longest id that a server hands out, far above what any does.
const ID_BYTES: usize = 200;

/// What somebody did, as the server calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verb {
    Create,
    Update,
    Delete,
    Merge,
    Other(String),
}

impl Verb {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Merge => "merge",
            Self::Other(word) => word,
        }
    }
}

/// The envelope.
#[derive(Debug)]
pub(super) struct Payload<'p> {
    pub(super) dialect: Dialect,
    pub(super) verb: Verb,
    pub(super) object: Object,
    pub(super) id: &'p str,
    pub(super) root: Option<&'p str>,
    pub(super) request: Option<&'p str>,
    /// The server's id of the audit: only 5 has one, and not always.
    pub(super) audit: Option<&'p str>,
    /// Is it what somebody did, and not what followed from it? Not every version says.
    pub(super) main: Option<bool>,
    pub(super) actor: Option<&'p str>,
    pub(super) organisation: Option<&'p str>,
    pub(super) time: Timestamp,
    pub(super) details: &'p Map<String, Value>,
    /// The object after the event; empty after a delete.
    pub(super) entity: &'p Map<String, Value>,
}

impl<'p> Payload<'p> {
    /// Reads an envelope. What is missing and not needed is none.
    pub(super) fn read(payload: &'p Value, nothing: &'p Map<String, Value>) -> Result<Self, Ignored> {
        let Value::Object(top) = payload else {
            return Err(Ignored::new("the payload is no JSON object", payload));
        };
        let said = |name: &str| top.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (Some(verb), Some(kind)) = (said("action").or(said("operation")), said("objectType")) else {
            return Err(Ignored::new(
                "not an event of TheHive: `objectType` or `operation`/`action` is missing",
                payload,
            ));
        };
        let Some(id) = said("objectId").filter(|id| id.len() <= ID_BYTES && !id.contains(char::is_control)) else {
            return Err(Ignored::new(
                "the event names no object: `objectId` is missing or no id",
                payload,
            ));
        };
        let object = |name: &str| top.get(name).and_then(Value::as_object).unwrap_or(nothing);
        let (details, entity) = (object("details"), object("object"));
        let dialect = dialect(top, kind);
        let time = |name: &str| top.get(name).and_then(Value::as_u64);
        // On 5/0 `startDate` is when it was sent: each delivery has another one.
        let time = match dialect {
            Dialect::V5v1 | Dialect::Query => time("_createdAt"),
            Dialect::V5v0 => time("createdAt").or(time("startDate")),
            Dialect::V3 | Dialect::V4v0 | Dialect::V4v1 => time("startDate"),
        };
        let Some(time) = time else {
            return Err(Ignored::new("the event says not when it happened", payload));
        };
        let organisation = match top.get("organisation") {
            Some(Value::String(name)) => Some(name.as_str()),
            Some(Value::Object(nested)) => nested.get("organisation").and_then(Value::as_str),
            _ => None,
        };
        let verb = verb_of(verb);
        // 3 and 4 do not say who: the entity's last writer did it.
        let writer = || {
            let said = |name: &str| entity.get(name).and_then(Value::as_str);
            let creator = said("_createdBy").or(said("createdBy"));
            match verb {
                Verb::Create => creator,
                _ => said("_updatedBy").or(said("updatedBy")).or(creator),
            }
        };
        let actor = match dialect {
            Dialect::V5v0 => said("createdBy"),
            Dialect::V5v1 | Dialect::Query => said("_createdBy"),
            Dialect::V3 | Dialect::V4v0 | Dialect::V4v1 => writer(),
        };
        Ok(Self {
            dialect,
            object: object_of(kind),
            id,
            root: said("rootId"),
            request: said("requestId"),
            audit: match dialect {
                Dialect::V5v0 | Dialect::V5v1 => said("_id"),
                Dialect::V3 | Dialect::V4v0 | Dialect::V4v1 | Dialect::Query => None,
            },
            main: top.get("mainAction").or(top.get("base")).and_then(Value::as_bool),
            actor,
            organisation,
            time,
            verb,
            details,
            entity,
        })
    }
}

/// Contract 6.1, "detect dialect".
fn dialect(top: &Map<String, Value>, kind: &str) -> Dialect {
    if top.contains_key("action") {
        Dialect::V5v1
    } else if top.get("_type").and_then(Value::as_str) == Some("audit") {
        Dialect::V5v0
    } else if top.contains_key("organisationId") {
        // Only version 1 keeps the label's capital.
        if kind.starts_with(|first: char| first.is_ascii_uppercase()) {
            Dialect::V4v1
        } else {
            Dialect::V4v0
        }
    } else {
        Dialect::V3
    }
}

fn verb_of(word: &str) -> Verb {
    match word.to_ascii_lowercase().as_str() {
        "create" | "creation" => Verb::Create,
        "update" => Verb::Update,
        "delete" => Verb::Delete,
        "merge" => Verb::Merge,
        _ => Verb::Other(word.chars().take(32).collect()),
    }
}

fn object_of(kind: &str) -> Object {
    match kind.to_ascii_lowercase().as_str() {
        "case" => Object::Case,
        "alert" => Object::Alert,
        "task" | "case_task" => Object::Task,
        "log" | "case_task_log" => Object::Log,
        "observable" | "case_artifact" => Object::Observable,
        "comment" => Object::Comment,
        "attachment" => Object::Attachment,
        "procedure" => Object::Procedure,
        _ => Object::Other,
    }
}
