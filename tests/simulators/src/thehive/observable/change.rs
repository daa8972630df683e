//! What happens when an observable is read, changed or deleted?

use super::create::count_again;
use crate::thehive::{
    alert::take_ids,
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, PAP, Rule, TLP, optional},
    error::ApiError,
    kind::Kind,
    labels,
    record::record,
    session::Session,
    tags,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

const UPDATE: &[Field] = &[
    optional("dataType", Rule::Text(1, 64)),
    optional("message", Rule::Text(0, LONG)),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("tags", Rule::Tags),
    optional("addTags", Rule::Tags),
    optional("removeTags", Rule::Tags),
    optional("ioc", Rule::Bool),
    optional("sighted", Rule::Bool),
    optional("sightedAt", Rule::Millis),
    optional("ignoreSimilarity", Rule::Bool),
    optional("external", Rule::Bool),
];

/// `GET /api/v1/observable/{id}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let found = hive.find(Kind::Observable, &session, &id)?;
    Ok(axum::Json(hive.body(found)))
}

/// `PATCH /api/v1/observable/{id}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let changes = check::update(body.clone(), UPDATE)?;
    let path = format!("/api/v1/observable/{id}");
    apply(&app, &session, &[id], &changes, &path, body)
}

/// `PATCH /api/v1/observable/_bulk {ids, ..}`: all or nothing.
pub async fn patch_bulk(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let (ids, rest) = take_ids(body.clone())?;
    let changes = check::update(rest, UPDATE)?;
    apply(&app, &session, &ids, &changes, "/api/v1/observable/_bulk", body)
}

fn apply(
    app: &TheHive,
    session: &Session,
    ids: &[String],
    changes: &Map<String, Value>,
    path: &str,
    logged: Value,
) -> Result<StatusCode, ApiError> {
    session.require("manageObservable", "update observable")?;
    let mut hive = app.lock();
    let found: Result<Vec<u64>, ApiError> = ids.iter().map(|id| hive.find(Kind::Observable, session, id)).collect();
    let found = found?;
    for id in &found {
        check_type(&hive, *id, changes)?;
    }
    for id in &found {
        hive.store.update(*id, &session.author(app.control.now_ms()), |fields| {
            let plain = |(name, _): &(&String, &Value)| !["addTags", "removeTags"].contains(&name.as_str());
            fields.extend(
                changes
                    .iter()
                    .filter(plain)
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
            let tags = tags::changed(fields, changes);
            fields.insert("tags".into(), tags);
            labels::set_labels(fields);
        });
    }
    record(app, &hive, "PATCH", path, logged, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// A new type must be registered and of the same sort: text stays text, a file stays a file (contract 2.4).
fn check_type(hive: &Hive, id: u64, changes: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(name) = changes.get("dataType").and_then(Value::as_str) else {
        return Ok(());
    };
    let registered = hive.store.by_natural_key(Kind::ObservableType, 0, &[name]);
    let registered = registered.ok_or_else(|| ApiError::not_found(&format!("ObservableType {name}")))?;
    let takes_file = registered.body.get("isAttachment") == Some(&Value::Bool(true));
    let is_file = hive
        .store
        .get(id)
        .is_some_and(|entity| entity.body.contains_key("attachment"));
    if takes_file == is_file {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "an observable with text cannot become a file, nor the reverse",
    ))
}

/// `DELETE /api/v1/observable/{id}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageObservable", "delete observable")?;
    let mut hive = app.lock();
    let found = hive.find(Kind::Observable, &session, &id)?;
    let parent = hive.store.get(found).and_then(|entity| entity.parent);
    hive.store.remove(found);
    if let Some(parent) = parent {
        count_again(&mut hive, parent, &session.author(app.control.now_ms()));
    }
    app.control.effect(
        "DELETE",
        &format!("/api/v1/observable/{id}"),
        Value::Null,
        None,
        Some(id),
    );
    Ok(StatusCode::NO_CONTENT)
}
