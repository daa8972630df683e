//! Which organisation has to act on a task? A flag per organisation, keyed by the name that the caller gave (contract 9.3, 15).

use super::{app::TheHive, error::ApiError, kind::Kind, record::record, session::Session, store::wire_id};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /api/v1/task/{id}/actionRequired`: `{organisation: bool}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let task = hive.find(Kind::Task, &session, &id)?;
    Ok(axum::Json(json!(
        hive.action_required.get(&task).cloned().unwrap_or_default()
    )))
}

/// `PUT /api/v1/task/{id}/actionRequired/{organisation}`.
pub async fn require(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, organisation)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    set(&app, &session, &id, organisation, true)
}

/// `PUT /api/v1/task/{id}/actionDone/{organisation}`.
pub async fn done(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, organisation)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    set(&app, &session, &id, organisation, false)
}

fn set(app: &TheHive, session: &Session, id: &str, name: String, required: bool) -> Result<StatusCode, ApiError> {
    session.require("manageTask", "update task")?;
    let mut hive = app.lock();
    let task = hive.find(Kind::Task, session, id)?;
    if hive.store.resolve(Kind::Organisation, 0, &name).is_none() {
        return Err(ApiError::not_found("Organisation"));
    }
    let word = if required { "actionRequired" } else { "actionDone" };
    let path = format!("/api/v1/task/{}/{word}/{name}", wire_id(task));
    hive.action_required.entry(task).or_default().insert(name, required);
    record(app, &hive, "PUT", &path, Value::Null, &[task]);
    Ok(StatusCode::NO_CONTENT)
}
