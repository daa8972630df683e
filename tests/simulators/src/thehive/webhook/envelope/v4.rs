//! How does 4 tell an event? Details in the names of its v1, the object in those of the endpoint's version (contract 6.1).

use crate::thehive::{
    audit::{Action, Event, Node},
    kind::Kind,
    store::{parse_id, wire_id},
    v0::{case_status, custom_fields, name, tlp},
};
use serde_json::{Map, Value, json};

/// The `version` of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// The default.
    Zero,
    /// v1 of 4, which is not that of 5.
    One,
}

/// What 5 alone has.
const OF_5: [&str; 9] = [
    "stage",
    "newDate",
    "inProgressDate",
    "closedDate",
    "importedDate",
    "handlingDuration",
    "userPermissions",
    "customFieldChanges",
    "access",
];

/// The whole payload.
pub fn envelope(event: &Event, version: Version) -> Value {
    let is_import = event.kind == Kind::Alert && event.details.get("caseId").is_some_and(Value::is_string);
    let (object_type, object) = match (version, &event.object) {
        (Version::Zero, _) => (name(event.kind), event.shown.clone()),
        // The case stands for the alert that was imported into it.
        (Version::One, Some(_)) if is_import => (event.kind.info().name.to_owned(), node(&event.context)),
        (Version::One, Some(object)) => (event.kind.info().name.to_owned(), node(object)),
        (Version::One, None) => (event.kind.info().name.to_owned(), json!({})),
    };
    json!({
        "operation": match (event.action, version) {
            (Action::Create, _) => "create",
            (Action::Update, _) | (Action::Merge, Version::Zero) => "update",
            (Action::Merge, Version::One) => "merge",
            (Action::Delete, _) => "delete",
        },
        "details": details(event),
        "objectType": object_type,
        "objectId": wire_id(event.object_id),
        "base": event.main,
        "startDate": event.at_ms,
        // The audit's context: of what belongs to a case it is the thing itself, of a log its task.
        "rootId": wire_id(parse_id(event.context.id()).unwrap_or_default()),
        "requestId": event.request_id,
        "object": object,
        "organisationId": wire_id(event.organisation.0),
        "organisation": event.organisation.1,
    })
}

/// The whole object at creation, the changed fields at an update, custom fields in the old map.
fn details(event: &Event) -> Map<String, Value> {
    let mut details = match (event.action, &event.object) {
        (Action::Create, Some(object)) => {
            let mut whole = entity(object);
            whole.extend(
                event
                    .details
                    .get("fromAlert")
                    .map(|alert| ("fromAlert".to_owned(), alert.clone())),
            );
            whole
        }
        (Action::Update, Some(object)) => changed(event, object),
        (Action::Merge, _) => event.details.clone(),
        (Action::Create | Action::Update, None) | (Action::Delete, _) => Map::new(),
    };
    if let Some(Value::Array(fields)) = details.get("customFields") {
        let fields = custom_fields(fields);
        details.insert("customFields".to_owned(), fields.into());
    }
    details
}

/// The changed fields: those of the pair that a status is, the read flag of an alert.
fn changed(event: &Event, object: &Node) -> Map<String, Value> {
    let own = entity(object);
    let is_resolved = own.get("status").is_some_and(|status| status == "Resolved");
    let mut changed = Map::new();
    for (name, value) in &event.details {
        let names: &[&str] = match (event.kind, name.as_str()) {
            (Kind::Case, "status" | "stage") if is_resolved => &["status", "resolutionStatus"],
            (Kind::Case, "status" | "stage") => &["status"],
            (Kind::Alert, "status" | "stage") => &["read"],
            (_, name) if OF_5.contains(&name) => &[],
            (_, name) => &[name],
        };
        // What is told of a new case is nothing that a case has; and what was taken away is not there any more.
        let member = |name: &&str| {
            Some((
                (*name).to_owned(),
                own.get(*name).or((*name == "share").then_some(value))?.clone(),
            ))
        };
        changed.extend(names.iter().filter_map(member));
    }
    changed
}

/// An entity as v1 of 4 has it.
fn entity(node: &Node) -> Map<String, Value> {
    let is_of_4 = |name: &str| !OF_5.contains(&name) && !name.ends_with("Label") && !name.starts_with("timeTo");
    let own = node.body.iter().filter(|(name, _)| is_of_4(name));
    let mut entity: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    entity.insert("extraData".to_owned(), json!({}));
    if entity.contains_key("tlp") {
        entity.insert("tlp".to_owned(), tlp(&node.body).into());
    }
    match node.kind {
        Kind::Case => {
            let (status, resolution) = case_status(&node.body);
            entity.insert("status".to_owned(), status.into());
            entity.extend(resolution.map(|word| ("resolutionStatus".to_owned(), word.clone())));
        }
        Kind::Alert => {
            entity.remove("status");
            let stage = node.body.get("stage").and_then(Value::as_str);
            let read = matches!(stage, Some("Closed" | "Imported"));
            entity.insert("read".to_owned(), read.into());
        }
        _ => {}
    }
    entity
}

/// An entity with its parents.
fn node(of: &Node) -> Value {
    let mut shown = entity(of);
    shown.extend(of.above.as_deref().map(|above| (name(above.kind), node(above))));
    shown.into()
}
