//! What can be done with an organisation? Create and read; `admin` is built in and special (contract 1.2).

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::Resource,
    session::Session,
};
use axum::extract::State;
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

const UPDATE: &[Field] = &[
    optional("name", Rule::Text(1, 64)),
    optional("description", Rule::Text(0, LONG)),
    optional("taskRule", Rule::Text(1, 64)),
    optional("observableRule", Rule::Text(1, 64)),
    optional("locked", Rule::Bool),
];

/// Organisations of the platform; nobody deletes one.
pub struct Organisation;

impl Resource for Organisation {
    const KIND: Kind = Kind::Organisation;
    const PATH: &'static str = "/api/v1/organisation";
    const CHANGE: &'static str = "manageOrganisation";
    const REMOVE: &'static str = "manageOrganisation";
    const UPDATE: &'static [Field] = UPDATE;

    fn guard(hive: &Hive, _session: &Session, id: u64) -> Result<(), ApiError> {
        if hive.organisation_name(id) != "admin" {
            return Ok(());
        }
        Err(ApiError::bad_request("organisation admin cannot be changed"))
    }
}

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
    record(&app, &hive, "POST", "/api/v1/organisation", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}
