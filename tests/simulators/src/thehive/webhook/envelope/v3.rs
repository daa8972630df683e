//! How does 3 tell an event? Old names throughout; it says neither who did it nor which event it is (contract 6.1).

use crate::thehive::{
    audit::{Action, Event},
    kind::Kind,
    store::parse_id,
    v0::{Flavour, id, name},
};
use serde_json::{Map, Value, json};

/// What an entity has that is no attribute of it.
const NO_ATTRIBUTES: [&str; 9] = [
    "_id",
    "id",
    "_type",
    "_parent",
    "createdAt",
    "createdBy",
    "updatedAt",
    "updatedBy",
    // Of an alert: the attribute is not audited.
    "artifacts",
];

/// The whole payload.
pub fn envelope(event: &Event) -> Value {
    let object_id = id(Flavour::V3, event.kind, event.object_id);
    let root = match event.kind {
        Kind::Case | Kind::Alert => object_id.clone(),
        _ => {
            let top = event.context.top();
            id(Flavour::V3, top.kind, parse_id(top.id()).unwrap_or_default())
        }
    };
    json!({
        "operation": match event.action {
            Action::Create | Action::Merge => "Creation",
            Action::Update => "Update",
            Action::Delete => "Delete",
        },
        "details": details(event),
        "objectType": name(event.kind),
        "objectId": object_id,
        "base": event.main,
        "startDate": event.at_ms,
        "rootId": root,
        "requestId": event.request_id,
        "object": object(event, &root),
    })
}

/// The attributes at creation, the changed ones at an update.
fn details(event: &Event) -> Map<String, Value> {
    let own = event.shown.as_object().cloned().unwrap_or_default();
    match event.action {
        Action::Create | Action::Merge => {
            let is_attribute = |name: &String| !NO_ATTRIBUTES.contains(&name.as_str());
            own.into_iter().filter(|(name, _)| is_attribute(name)).collect()
        }
        Action::Update => {
            let names = event.details.keys().flat_map(|name| old_names(event, name));
            let members = names.filter_map(|name| Some((name.to_owned(), own.get(name)?.clone())));
            members.collect()
        }
        Action::Delete => Map::new(),
    }
}

/// What a change of v1 changed here.
fn old_names<'a>(event: &'a Event, name: &'a str) -> Vec<&'a str> {
    match (event.kind, name) {
        (Kind::Case, "number") => vec!["caseId"],
        (Kind::Case | Kind::Task, "assignee") => vec!["owner"],
        (Kind::Case, "status" | "stage") if event.shown["status"] == "Open" => vec!["status"],
        (Kind::Case, "status" | "stage") => vec!["status", "resolutionStatus"],
        (Kind::Alert, "status" | "stage") => vec!["status"],
        (Kind::Alert, "caseId") => vec!["case", "status"],
        (Kind::Log, "date") => vec!["startDate"],
        (_, name) => vec![name],
    }
}

/// The entity with what its store adds.
fn object(event: &Event, root: &str) -> Value {
    let mut object = event.shown.clone();
    if let Some(object) = object.as_object_mut() {
        let author = object.get("createdBy").cloned().unwrap_or_default();
        object.insert("user".to_owned(), author);
        object.insert("_routing".to_owned(), root.into());
        object.entry("_parent").or_insert(Value::Null);
        let version = if event.action == Action::Create { 1 } else { 2 };
        object.insert("_version".to_owned(), version.into());
    }
    object
}
