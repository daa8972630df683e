//! What happens when alerts are deleted? 204; the second time 404, which a client may take as success.

use super::update::take_ids;
use crate::thehive::{app::TheHive, body::Json, error::ApiError, kind::Kind, session::Session, store::wire_id};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// `DELETE /api/v1/alert/{idOrTriple}`.
pub async fn one(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageAlert/delete", "delete alert")?;
    let mut hive = app.lock();
    let alert = hive.store.resolve(Kind::Alert, session.organisation, &id);
    let id = alert.ok_or_else(|| ApiError::not_found("Alert"))?.id;
    hive.store.remove(id);
    let id = wire_id(id);
    app.control
        .effect("DELETE", &format!("/api/v1/alert/{id}"), Value::Null, None, Some(id));
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/alert/delete/_bulk {ids}`: all or nothing.
pub async fn bulk(State(app): State<Arc<TheHive>>, session: Session, Json(body): Json) -> Result<StatusCode, ApiError> {
    session.require("manageAlert/delete", "delete alert")?;
    let (ids, _) = take_ids(body.clone())?;
    let mut hive = app.lock();
    let found: Option<Vec<u64>> = ids
        .iter()
        .map(|id| {
            hive.store
                .resolve(Kind::Alert, session.organisation, id)
                .map(|alert| alert.id)
        })
        .collect();
    for id in found.ok_or_else(|| ApiError::not_found("Alert"))? {
        hive.store.remove(id);
    }
    app.control
        .effect("POST", "/api/v1/alert/delete/_bulk", body, None, None);
    Ok(StatusCode::NO_CONTENT)
}
