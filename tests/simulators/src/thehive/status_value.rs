//! Which statuses do cases and alerts have, and which stage does each mean? Rows of data: a platform may define more
//! (contract 2.1).

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

/// The built-in statuses: kind, value, stage.
pub const BUILT_IN: [(Kind, &str, &str); 14] = [
    (Kind::CaseStatus, "New", "New"),
    (Kind::CaseStatus, "InProgress", "InProgress"),
    (Kind::CaseStatus, "Indeterminate", "Closed"),
    (Kind::CaseStatus, "FalsePositive", "Closed"),
    (Kind::CaseStatus, "TruePositive", "Closed"),
    (Kind::CaseStatus, "Other", "Closed"),
    (Kind::CaseStatus, "Duplicated", "Closed"),
    (Kind::AlertStatus, "New", "New"),
    (Kind::AlertStatus, "InProgress", "InProgress"),
    (Kind::AlertStatus, "Pending", "InProgress"),
    (Kind::AlertStatus, "Imported", "Imported"),
    (Kind::AlertStatus, "Ignored", "Closed"),
    (Kind::AlertStatus, "FalsePositive", "Closed"),
    (Kind::AlertStatus, "Duplicate", "Closed"),
];

const STAGE: Rule = Rule::Word(&["New", "InProgress", "Closed"]);

const CREATE: &[Field] = &[
    required("value", Rule::Text(1, 64)),
    required("stage", STAGE),
    optional("description", Rule::Text(0, LONG)),
    optional("colour", Rule::Text(1, 32)),
    optional("order", Rule::Integer),
    optional("hidden", Rule::Bool),
];

const UPDATE: &[Field] = &[
    optional("description", Rule::Text(0, LONG)),
    optional("colour", Rule::Text(1, 32)),
    optional("order", Rule::Integer),
    optional("hidden", Rule::Bool),
];

/// The stage of a status; none for one this server does not know.
pub fn stage(hive: &Hive, kind: Kind, value: &str) -> Option<String> {
    let row = hive.store.by_natural_key(kind, 0, &[value])?;
    row.body.get("stage").and_then(Value::as_str).map(str::to_owned)
}

/// The stored form of a status.
pub fn definition(body: Value) -> Result<Map<String, Value>, ApiError> {
    let mut fields = check::create(body, CREATE)?;
    fields.entry("hidden").or_insert(false.into());
    fields.entry("order").or_insert(0.into());
    fields.insert("extraData".into(), json!({}));
    Ok(fields)
}

/// The statuses of cases.
pub struct CaseStatus;

impl Resource for CaseStatus {
    const KIND: Kind = Kind::CaseStatus;
    const PATH: &'static str = "/api/v1/caseStatus";
    const CHANGE: &'static str = "managePlatform";
    const REMOVE: &'static str = "managePlatform";
    const UPDATE: &'static [Field] = UPDATE;

    fn guard(hive: &Hive, _session: &Session, id: u64) -> Result<(), ApiError> {
        refuse_used(hive, id, Kind::Case)
    }
}

/// The statuses of alerts.
pub struct AlertStatus;

impl Resource for AlertStatus {
    const KIND: Kind = Kind::AlertStatus;
    const PATH: &'static str = "/api/v1/alertStatus";
    const CHANGE: &'static str = "managePlatform";
    const REMOVE: &'static str = "managePlatform";
    const UPDATE: &'static [Field] = UPDATE;

    fn guard(hive: &Hive, _session: &Session, id: u64) -> Result<(), ApiError> {
        refuse_used(hive, id, Kind::Alert)
    }
}

/// What is built in stays as it is, and so does what something has.
fn refuse_used(hive: &Hive, id: u64, holder: Kind) -> Result<(), ApiError> {
    let row = hive.store.get(id);
    let value = row.and_then(|row| row.body.get("value")).unwrap_or(&Value::Null);
    let built_in = row.is_some_and(|row| {
        BUILT_IN
            .iter()
            .any(|(kind, name, _)| *kind == row.kind && *value == **name)
    });
    let mut holders = hive.store.ids(holder).filter_map(|id| hive.store.get(id));
    if built_in || holders.any(|one| one.body.get("status") == Some(value)) {
        return Err(ApiError::bad_request(format!(
            "the status {value} is built in or in use"
        )));
    }
    Ok(())
}

/// `POST /api/v1/caseStatus`.
pub async fn post_case(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    post(&app, &session, Kind::CaseStatus, "/api/v1/caseStatus", body)
}

/// `POST /api/v1/alertStatus`.
pub async fn post_alert(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    post(&app, &session, Kind::AlertStatus, "/api/v1/alertStatus", body)
}

fn post(
    app: &TheHive,
    session: &Session,
    kind: Kind,
    path: &str,
    body: Value,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("managePlatform", "create status")?;
    let fields = definition(body.clone())?;
    let mut hive = app.lock();
    let value = fields.get("value").and_then(Value::as_str).unwrap_or_default();
    if hive.store.by_natural_key(kind, 0, &[value]).is_some() {
        let message = format!("{} {value} already exists", kind.info().name);
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let author = session.author(app.control.now_ms());
    let id = hive.insert(kind, 0, None, &author, fields)?;
    record(app, &hive, "POST", path, body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}
