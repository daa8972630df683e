//! What can be done with an organisation? Create and read; `admin` is built in and special (contract 1.2).

use super::{
    app::TheHive,
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
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
use serde_json::{Map, Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("name", Rule::Text(1, 64)),
    required("description", Rule::Text(0, LONG)),
    optional("taskRule", Rule::Text(1, 64)),
    optional("observableRule", Rule::Text(1, 64)),
    optional("locked", Rule::Bool),
];

/// The stored form of an organisation.
pub fn definition(input: Value) -> Result<Map<String, Value>, ApiError> {
    let mut fields = check::create(input, CREATE)?;
    for (name, default) in [
        ("taskRule", json!("manual")),
        ("observableRule", json!("manual")),
        ("locked", json!(false)),
        ("links", json!([])),
        ("extraData", json!({})),
    ] {
        fields.entry(name).or_insert(default);
    }
    Ok(fields)
}

/// `POST /api/v1/organisation`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageOrganisation", "create organisation")?;
    let fields = definition(body.clone())?;
    let mut hive = app.lock();
    let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
    if hive.store.by_natural_key(Kind::Organisation, 0, &[name]).is_some() {
        let message = format!("Organisation {name} already exists");
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let id = hive.insert(
        Kind::Organisation,
        0,
        None,
        &session.author(app.control.now_ms()),
        fields,
    )?;
    app.control
        .effect("POST", "/api/v1/organisation", body, None, Some(wire_id(id)));
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `GET /api/v1/organisation/{idOrName}`: one's own, or any from the admin organisation.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let hive = app.lock();
    let found = hive.store.resolve(Kind::Organisation, 0, &id);
    let found = found.filter(|found| session.is_admin || found.id == session.organisation);
    Ok(axum::Json(&found.ok_or_else(|| ApiError::not_found("Organisation"))?.body).into_response())
}
