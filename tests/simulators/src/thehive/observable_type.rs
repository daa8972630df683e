//! Which observable types are registered? The sixteen built-in ones (contract 2.4) and those an administrator adds.

use super::{
    app::TheHive,
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::Resource,
    session::Session,
};
use axum::extract::State;
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

/// Types of the platform.
pub struct ObservableType;

impl Resource for ObservableType {
    const KIND: Kind = Kind::ObservableType;
    const PATH: &'static str = "/api/v1/observable/type";
    const CHANGE: &'static str = "manageObservableTemplate";
    const REMOVE: &'static str = "manageObservableTemplate";
    const UPDATE: &'static [Field] = &[optional("isCaseSensitive", Rule::Bool)];
}

/// The stored form of a type.
pub fn definition(input: Value) -> Result<Map<String, Value>, ApiError> {
    let mut fields = check::create(input, CREATE)?;
    fields.entry("isAttachment").or_insert(false.into());
    fields.entry("isCaseSensitive").or_insert(true.into());
    Ok(fields)
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
    record(&app, &hive, "POST", "/api/v1/observable/type", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}
