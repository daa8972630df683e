//! What does TheHive say about an object, whether v0 or v1 spells it (contract 2.1)?

use serde_json::{Map, Value};

use super::event::{AlertFacts, CaseFacts, Object};
use crate::clock::Timestamp;

/// An object's fields under one name each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) number: Option<u64>,
    pub(super) title: Option<String>,
    pub(super) status: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) impact: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) custom_fields: Map<String, Value>,
    pub(super) case: Option<CaseFacts>,
    pub(super) alert: Option<AlertFacts>,
    pub(super) assignee: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) created_by: Option<String>,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) updated_by: Option<String>,
    /// 5 alone says when it was closed; an end date can be set by hand.
    pub(super) closed_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
}

type Entity = Map<String, Value>;

/// The first of these that is a text with something in it.
pub(super) fn text(entity: &Entity, names: &[&str]) -> Option<String> {
    let found = names.iter().find_map(|name| entity.get(*name)?.as_str());
    found.filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn number(entity: &Entity, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| entity.get(*name)?.as_u64())
}

/// Reads an entity.
pub(super) fn facts(object: Object, entity: &Entity) -> Facts {
    let (status, stage) = match object {
        Object::Case => case_status(entity),
        Object::Alert => alert_status(entity),
        Object::Task => (text(entity, &["status"]), None),
        Object::Log | Object::Observable | Object::Comment | Object::Attachment | Object::Procedure | Object::Other => {
            (None, None)
        }
    };
    let tags = entity.get("tags").and_then(Value::as_array);
    Facts {
        number: match object {
            Object::Case => number(entity, &["number", "caseId"]),
            _ => None,
        },
        title: text(entity, &["title"]),
        status,
        stage,
        impact: text(entity, &["impactStatus"]),
        summary: text(entity, &["summary"]),
        tags: tags
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        custom_fields: entity_custom_fields(entity),
        case: case_of(object, entity),
        alert: match object {
            Object::Alert => alert_facts(entity),
            _ => entity.get("alert").and_then(Value::as_object).and_then(alert_facts),
        },
        assignee: match object {
            Object::Case | Object::Alert | Object::Task => text(entity, &["assignee", "owner"]),
            _ => None,
        },
        created_at: number(entity, &["_createdAt", "createdAt"]),
        created_by: text(entity, &["_createdBy", "createdBy"]),
        updated_at: number(entity, &["_updatedAt", "updatedAt"]),
        updated_by: text(entity, &["_updatedBy", "updatedBy"]),
        closed_at: number(entity, &["closedDate"]),
        ended_at: number(entity, &["endDate"]),
    }
}

/// 5/0 keeps the real status in `extendedStatus`; 3 and 4 have a pair, of which the second says how a resolved case ended.
fn case_status(entity: &Entity) -> (Option<String>, Option<String>) {
    let status = text(entity, &["status"]);
    if let Some(stage) = text(entity, &["stage"]) {
        return (text(entity, &["extendedStatus"]).or(status), Some(stage));
    }
    case_status_of_4(status.as_deref(), text(entity, &["resolutionStatus"]))
}

/// A status of 3 and 4 as 5 would say it. Whoever makes a case there owns it at once: open is in progress.
pub(super) fn case_status_of_4(status: Option<&str>, resolution: Option<String>) -> (Option<String>, Option<String>) {
    let (status, stage) = match status {
        Some("Resolved") => (resolution.unwrap_or_else(|| "Resolved".to_owned()), Some("Closed")),
        Some("Duplicated") => ("Duplicated".to_owned(), Some("Closed")),
        Some("Open") => ("Open".to_owned(), Some("InProgress")),
        Some(other) => (other.to_owned(), None),
        None => return (None, None),
    };
    (Some(status), stage.map(str::to_owned))
}

/// 4/1 has no status: whether it was read, and whether it has a case (contract 2.1).
fn alert_status(entity: &Entity) -> (Option<String>, Option<String>) {
    let status = text(entity, &["status"]);
    if let Some(stage) = text(entity, &["stage"]) {
        return (status, Some(stage));
    }
    let has_case = alert_case(entity).is_some();
    let status = status.or_else(|| {
        let read = entity.get("read")?.as_bool()?;
        let word = match (has_case, read) {
            (false, true) => "Ignored",
            (false, false) => "New",
            (true, true) => "Imported",
            (true, false) => "Updated",
        };
        Some(word.to_owned())
    });
    let stage = match status.as_deref() {
        Some("Ignored") => Some("Closed"),
        Some("Imported") => Some("Imported"),
        Some("Updated") if has_case => Some("Imported"),
        Some("New" | "Updated") => Some("New"),
        _ => None,
    };
    (status, stage.map(str::to_owned))
}

fn alert_case(entity: &Entity) -> Option<&str> {
    // A case's own `caseId` is its number: never a text.
    ["caseId", "case"].iter().find_map(|name| entity.get(*name)?.as_str())
}

fn case_of(object: Object, entity: &Entity) -> Option<CaseFacts> {
    let nested = |entity: &Entity| entity.get("case").and_then(Value::as_object).and_then(case_facts);
    match object {
        Object::Case => None,
        Object::Alert => alert_case(entity).map(|id| CaseFacts {
            id: id.to_owned(),
            number: None,
        }),
        _ => nested(entity).or_else(|| {
            let task = entity.get("case_task").or(entity.get("task"))?.as_object()?;
            nested(task)
        }),
    }
}

/// A case that stands in another object.
pub(super) fn case_facts(entity: &Entity) -> Option<CaseFacts> {
    Some(CaseFacts {
        id: text(entity, &["_id", "id"])?,
        number: number(entity, &["number", "caseId"]),
    })
}

/// An alert, or what a case says about the one it was made of.
pub(super) fn alert_facts(entity: &Entity) -> Option<AlertFacts> {
    Some(AlertFacts {
        kind: text(entity, &["type"])?,
        source: text(entity, &["source"])?,
        source_ref: text(entity, &["sourceRef"])?,
    })
}

fn entity_custom_fields(entity: &Entity) -> Map<String, Value> {
    match entity.get("customFieldValues") {
        Some(Value::Object(flat)) if !flat.is_empty() => flat.clone(),
        _ => entity.get("customFields").map(custom_fields).unwrap_or_default(),
    }
}

/// Custom fields as name and value: v1 has a list, v0 a map with the value under its type, beside its place in the order.
pub(super) fn custom_fields(fields: &Value) -> Map<String, Value> {
    let pairs: Vec<(&str, &Value)> = match fields {
        Value::Array(list) => list
            .iter()
            .filter_map(|field| Some((field.get("name")?.as_str()?, field.get("value")?)))
            .collect(),
        Value::Object(map) => map
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), typed(value)?)))
            .collect(),
        _ => Vec::new(),
    };
    let there = pairs.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn typed(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(members) => members
            .iter()
            .find(|(name, _)| *name != "order")
            .map(|(_, value)| value),
        plain => Some(plain),
    }
}
