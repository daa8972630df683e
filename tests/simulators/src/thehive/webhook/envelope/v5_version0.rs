//! How does 5.x tell an event to an endpoint of version 0? Old names for the entities, but details as in version 1
//! (contract 6.1).

use super::field_values;
use crate::thehive::{
    audit::{Action, Event, Node},
    kind::Kind,
    store::wire_id,
    v0::name,
};
use serde_json::{Map, Value, json};

/// The whole payload; `startDate` is when it is sent, so two copies differ.
pub fn envelope(event: &Event, now_ms: i64) -> Value {
    let mut details = event.details.clone();
    if let Some(fields) = details.get("customFields") {
        let fields = custom_fields(Some(fields));
        details.insert("customFields".into(), fields);
    }
    let mut payload = json!({
        "_id": event.id, "id": event.id, "_type": "audit",
        "createdAt": event.at_ms, "createdBy": event.author, "startDate": now_ms,
        "base": event.main,
        "operation": match event.action {
            Action::Create => "Creation",
            // This version knows no other verb for it.
            Action::Update | Action::Merge => "Update",
            Action::Delete => "Delete",
        },
        "requestId": event.request_id,
        "rootId": wire_id(event.root),
        "objectId": wire_id(event.object_id),
        "objectType": name(event.kind),
        "details": details,
        "context": node(&event.context),
        "organisation": {"organisationId": wire_id(event.organisation.0), "organisation": event.organisation.1},
    });
    if let Some(object) = &event.object {
        payload["object"] = node(object);
    }
    payload
}

/// An entity in its old form, with its parents.
fn node(entity: &Node) -> Value {
    let (id, body) = (entity.id(), &entity.body);
    let get = |name: &str| body.get(name).cloned().unwrap_or_default();
    let mut shown = match entity.kind {
        Kind::Case => case(body),
        Kind::Alert => alert(body),
        Kind::Organisation => json!({"name": get("name")}),
        Kind::Log => json!({
            "message": get("message"), "owner": get("owner"), "startDate": get("date"), "status": "Ok",
        }),
        Kind::Task => json!({"owner": get("assignee")}),
        _ => json!({}),
    };
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("_id".into(), id.into());
        shown.insert("_type".into(), name(entity.kind).into());
        if entity.kind != Kind::Organisation {
            shown.insert("id".into(), id.into());
            audit_fields(entity, shown);
        }
        if ![Kind::Case, Kind::Alert, Kind::Organisation, Kind::Log].contains(&entity.kind) {
            let plain = |name: &str| !name.starts_with('_') && !name.ends_with("Label");
            let own = body.iter().filter(|(name, _)| plain(name));
            let own = own.filter(|(name, _)| !["assignee", "extraData"].contains(&name.as_str()));
            shown.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        }
        if entity.kind == Kind::Observable {
            shown.insert("stats".into(), json!({}));
        }
        if let Some(above) = &entity.above {
            shown.insert(name(above.kind), node(above));
        }
    }
    shown
}

/// Cases and alerts name what is absent; the others do not.
fn audit_fields(entity: &Node, shown: &mut Map<String, Value>) {
    let names = entity.kind.audit_fields();
    for (name, ours) in ["createdAt", "createdBy", "updatedAt", "updatedBy"]
        .into_iter()
        .zip(names)
    {
        let value = entity.body.get(ours).cloned();
        if value.is_some() || [Kind::Case, Kind::Alert].contains(&entity.kind) {
            shown.insert(name.into(), value.unwrap_or_default());
        }
    }
}

fn case(body: &Map<String, Value>) -> Value {
    let get = |name: &str| body.get(name).cloned().unwrap_or_default();
    let closed = get("stage") == "Closed";
    json!({
        "caseId": get("number"), "title": get("title"), "description": get("description"), "severity": get("severity"),
        "startDate": get("startDate"), "endDate": get("endDate"), "flag": get("flag"), "tlp": get("tlp"), "pap": get("pap"),
        "tags": get("tags"), "summary": get("summary"), "owner": get("assignee"), "stage": get("stage"),
        "impactStatus": get("impactStatus"),
        // Captures: the real status is only here, and a resolution is never there.
        "extendedStatus": get("status"), "resolutionStatus": null, "status": if closed { "Resolved" } else { "Open" },
        "customFields": custom_fields(body.get("customFields")), "customFieldValues": field_values(body),
        "permissions": get("userPermissions"), "stats": {},
    })
}

fn alert(body: &Map<String, Value>) -> Value {
    let get = |name: &str| body.get(name).cloned().unwrap_or_default();
    json!({
        "type": get("type"), "source": get("source"), "sourceRef": get("sourceRef"), "externalLink": get("externalLink"),
        "title": get("title"), "description": get("description"), "severity": get("severity"), "date": get("date"),
        "tags": get("tags"), "tlp": get("tlp"), "pap": get("pap"), "follow": get("follow"), "status": get("status"),
        "stage": get("stage"), "case": get("caseId"), "caseTemplate": get("caseTemplate"), "artifacts": [],
        "similarCases": [], "customFields": custom_fields(body.get("customFields")), "customFieldValues": field_values(body),
    })
}

/// `{name: {type: value, order}}`.
fn custom_fields(fields: Option<&Value>) -> Value {
    let fields = fields.and_then(Value::as_array).into_iter().flatten();
    let one = |field: &Value| {
        let name = field.get("name")?.as_str()?.to_owned();
        let kind = field.get("type")?.as_str()?.to_owned();
        let mut value = Map::from_iter([(kind, field.get("value")?.clone())]);
        value.insert("order".into(), field.get("order").cloned().unwrap_or_default());
        Some((name, Value::Object(value)))
    };
    Value::Object(fields.filter_map(one).collect())
}
