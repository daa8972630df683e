//! What happens when a case is deleted? All below it goes too, and its alerts belong to no case any more.

use crate::thehive::{alert, app::TheHive, error::ApiError, kind::Kind, session::Session, store::wire_id};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// `DELETE /api/v1/case/{idOrNumber}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageCase/delete", "delete case")?;
    let mut hive = app.lock();
    let case = hive.find(Kind::Case, &session, &id)?;
    let author = session.author(app.control.now_ms());
    for one in alert::of_case(&hive, case) {
        alert::detach(&mut hive, one, &author);
    }
    hive.store.remove(case);
    let id = wire_id(case);
    app.control
        .effect("DELETE", &format!("/api/v1/case/{id}"), Value::Null, None, Some(id));
    Ok(StatusCode::NO_CONTENT)
}
