//! How does 5.x tell an event to an endpoint of version 1? v1 entities, parents nested, `action` (contract 6.1).

use super::field_values;
use crate::thehive::{
    audit::{Action, Event, Node},
    kind::Kind,
    store::wire_id,
};
use serde_json::{Map, Value, json};

/// The whole payload.
pub fn envelope(event: &Event, main_action: bool) -> Value {
    let mut payload = json!({
        "_id": if event.within_alert { "" } else { event.id.as_str() },
        "_type": "Audit",
        "_createdAt": event.at_ms,
        "_createdBy": event.author,
        "action": match event.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Merge => "merge",
        },
        "requestId": event.request_id,
        "rootId": wire_id(event.root),
        "objectId": wire_id(event.object_id),
        "objectType": event.kind.info().name,
        "details": event.details,
        "context": node(&event.context),
        "organisation": {"organisationId": wire_id(event.organisation.0), "organisation": event.organisation.1},
    });
    if let Some(object) = &event.object {
        payload["object"] = node(object).into();
    }
    if main_action {
        payload["mainAction"] = event.main.into();
    }
    payload
}

/// An entity with its parents.
fn node(node_: &Node) -> Map<String, Value> {
    let above = node_.above.as_deref();
    if node_.kind == Kind::Comment {
        return comment(node_, above);
    }
    let mut body = node_.body.clone();
    body.extend(field_values(&node_.body).map(|values| ("customFieldValues".to_owned(), values)));
    if let Some(above) = above {
        body.insert(key(above.kind), node(above).into());
    }
    body
}

/// A comment shows its text and what it hangs below, nothing else.
fn comment(comment: &Node, above: Option<&Node>) -> Map<String, Value> {
    let mut body = Map::new();
    for kind in [Kind::Alert, Kind::Case] {
        let parent = above.filter(|above| above.kind == kind);
        body.insert(key(kind), parent.map(|parent| node(parent).into()).unwrap_or_default());
    }
    body.insert(
        "message".into(),
        comment.body.get("message").cloned().unwrap_or_default(),
    );
    body
}

fn key(kind: Kind) -> String {
    kind.info().name.to_lowercase()
}
