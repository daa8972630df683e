//! Which alert is behind an id or a `type;source;sourceRef` triple? Consistent at once, unlike queries (contract 8).

use crate::thehive::{app::TheHive, error::ApiError, kind::Kind, session::Session};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// `GET /api/v1/alert/{idOrTriple}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let hive = app.lock();
    let alert = hive
        .store
        .resolve(Kind::Alert, session.organisation, &id)
        .ok_or_else(|| ApiError::not_found("Alert"))?;
    Ok(axum::Json(&alert.body).into_response())
}
