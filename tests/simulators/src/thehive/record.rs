//! What does the effects log say about a change? The request as it was understood, and what it made of the entities.

use super::{
    app::{Hive, TheHive},
    kind::Kind,
    marker,
    store::wire_id,
};
use serde_json::{Map, Value};

/// Members of an entity that the log repeats: what tests look for.
const SHOWN: &[&str] = &[
    "number",
    "title",
    "message",
    "dataType",
    "data",
    "assignee",
    "status",
    "tags",
    "caseId",
    "name",
    "organisationName",
    "analyzerId",
    "responderId",
    "objectType",
    "objectId",
    "predicate",
    "login",
];

/// Records an accepted change. Called under the lock, so that the log has the order of the changes. `ids` are the entities
/// created or changed; the first is the effect's own id.
pub fn record(app: &TheHive, hive: &Hive, method: &str, path: &str, body: Value, ids: &[u64]) {
    let marker = marker::find(&body);
    let objects = ids.iter().filter_map(|id| describe(hive, *id)).collect();
    let id = ids.first().map(|id| wire_id(*id));
    app.control.effect_on(method, path, body, marker, id, objects);
}

/// Records an accepted removal. `ids` are the entities that are gone; the first is the effect's own id.
pub fn record_removal(app: &TheHive, method: &str, path: &str, body: Value, ids: &[u64]) {
    let id = ids.first().map(|id| wire_id(*id));
    app.control.effect(method, path, body, None, id);
}

/// `kind`, `id`, the ids of what it hangs below (`caseId`, `alertId`, `taskId`, ...), the members of [`SHOWN`] it has, and its
/// files as `files: [{name, sha256, size}]`.
fn describe(hive: &Hive, id: u64) -> Option<Value> {
    let entity = hive.store.get(id)?;
    let mut shown = Map::new();
    shown.insert("kind".into(), entity.kind.info().name.into());
    shown.insert("id".into(), wire_id(id).into());
    for name in SHOWN {
        if let Some(value) = entity.body.get(*name) {
            shown.insert((*name).into(), value.clone());
        }
    }
    let files: Vec<Value> = match entity.kind {
        Kind::Attachment => file(&entity.body).into_iter().collect(),
        Kind::Log => list(&entity.body, "attachments"),
        Kind::Observable => {
            let attachment = entity.body.get("attachment").and_then(Value::as_object);
            attachment.and_then(file).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if !files.is_empty() {
        shown.insert("files".into(), files.into());
    }
    let mut above = entity.parent;
    while let Some(parent) = above.and_then(|id| hive.store.get(id)) {
        let member = match parent.kind {
            Kind::Case => "caseId",
            Kind::Alert => "alertId",
            Kind::Task => "taskId",
            Kind::Log => "logId",
            Kind::Observable => "observableId",
            _ => break,
        };
        shown.insert(member.into(), wire_id(parent.id).into());
        above = parent.parent;
    }
    Some(shown.into())
}

fn list(body: &Map<String, Value>, name: &str) -> Vec<Value> {
    let list = body.get(name).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|one| file(one.as_object()?)).collect()
}

fn file(attachment: &Map<String, Value>) -> Option<Value> {
    let (name, sha256, size) = (attachment.get("name")?, attachment.get("id")?, attachment.get("size")?);
    Some(serde_json::json!({"name": name, "sha256": sha256, "size": size}))
}
