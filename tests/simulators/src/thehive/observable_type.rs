//! Which observable types are registered? The sixteen built-in ones (contract 2.4) and those an administrator adds.

use super::{
    app::TheHive,
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    session::Session,
    store::wire_id,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The built-in types; `file` is the one for attachments.
pub const BUILT_IN: [&str; 16] = [
    "autonomous-system",
    "domain",
    "file",
    "filename",
    "fqdn",
    "hash",
    "hostname",
    "ip",
    "mail",
    "mail-subject",
    "other",
    "regexp",
    "registry",
    "uri_path",
    "url",
    "user-agent",
];

const CREATE: &[Field] = &[
    required("name", Rule::Text(1, 64)),
    optional("isAttachment", Rule::Bool),
    optional("isCaseSensitive", Rule::Bool),
];

/// The stored form of a type.
pub fn definition(input: Value) -> Result<Map<String, Value>, ApiError> {
    let mut fields = check::create(input, CREATE)?;
    fields.entry("isAttachment").or_insert(false.into());
    fields.entry("isCaseSensitive").or_insert(true.into());
    Ok(fields)
}

/// `GET /api/v1/observable/type/{idOrName}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    _session: Session,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let hive = app.lock();
    let found = hive.store.resolve(Kind::ObservableType, 0, &id);
    Ok(axum::Json(&found.ok_or_else(|| ApiError::not_found("ObservableType"))?.body).into_response())
}

/// `POST /api/v1/observable/type`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageObservableTemplate", "create observable type")?;
    let fields = definition(body.clone())?;
    let mut hive = app.lock();
    let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
    if hive.store.by_natural_key(Kind::ObservableType, 0, &[name]).is_some() {
        let message = format!("ObservableType {name} already exists");
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let id = hive.insert(
        Kind::ObservableType,
        0,
        None,
        &session.author(app.control.now_ms()),
        fields,
    )?;
    app.control
        .effect("POST", "/api/v1/observable/type", body, None, Some(wire_id(id)));
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `DELETE /api/v1/observable/type/{idOrName}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageObservableTemplate", "delete observable type")?;
    let mut hive = app.lock();
    let found = hive
        .store
        .resolve(Kind::ObservableType, 0, &id)
        .ok_or_else(|| ApiError::not_found("ObservableType"))?
        .id;
    hive.store.remove(found);
    app.control.effect(
        "DELETE",
        &format!("/api/v1/observable/type/{id}"),
        Value::Null,
        None,
        Some(id),
    );
    Ok(StatusCode::NO_CONTENT)
}
