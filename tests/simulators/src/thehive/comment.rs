//! What can be done with a comment? Written under a case or an alert, changed and deleted by its author only (contract 2.6).

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
    store::{Author, wire_id},
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const FIELDS: &[Field] = &[
    required("message", Rule::Text(0, LONG)),
    optional("external", Rule::Bool),
];

/// `POST /api/v1/alert/{idOrTriple}/comment`.
pub async fn post_to_alert(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(alert): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    post(&app, &session, Kind::Alert, &alert, body)
}

/// `POST /api/v1/case/{idOrNumber}/comment`.
pub async fn post_to_case(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(case): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    post(&app, &session, Kind::Case, &case, body)
}

fn post(
    app: &TheHive,
    session: &Session,
    owner: Kind,
    id: &str,
    body: Value,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageComment", "create comment")?;
    let mut hive = app.lock();
    let parent = hive.find(owner, session, id)?;
    let author = session.author(app.control.now_ms());
    let id = add(&mut hive, session.organisation, parent, &author, body.clone())?;
    let path = format!(
        "/api/v1/{}/{}/comment",
        owner.info().name.to_lowercase(),
        wire_id(parent)
    );
    record(app, &hive, "POST", &path, body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// Adds a comment below a case or an alert.
pub fn add(hive: &mut Hive, organisation: u64, parent: u64, author: &Author<'_>, body: Value) -> Result<u64, ApiError> {
    let input = check::create(body, FIELDS)?;
    let mut fields = Map::from_iter([
        ("message".to_owned(), Value::Null),
        ("isEdited".to_owned(), false.into()),
        ("external".to_owned(), false.into()),
        ("extraData".to_owned(), json!({})),
    ]);
    fields.extend(input);
    hive.insert(Kind::Comment, organisation, Some(parent), author, fields)
}

/// `PATCH /api/v1/comment/{id}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let input = check::create(body.clone(), FIELDS)?;
    let mut hive = app.lock();
    let found = own_comment(&hive, &session, &id)?;
    hive.store
        .update(found, &session.author(app.control.now_ms()), |fields| {
            fields.extend(input);
            fields.insert("isEdited".into(), true.into());
        });
    record(&app, &hive, "PATCH", &format!("/api/v1/comment/{id}"), body, &[found]);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/comment/{id}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let mut hive = app.lock();
    let found = own_comment(&hive, &session, &id)?;
    hive.store.remove(found);
    app.control
        .effect("DELETE", &format!("/api/v1/comment/{id}"), Value::Null, None, Some(id));
    Ok(StatusCode::NO_CONTENT)
}

fn own_comment(hive: &Hive, session: &Session, id: &str) -> Result<u64, ApiError> {
    session.require("manageComment", "update comment")?;
    let comment = hive.store.resolve(Kind::Comment, session.organisation, id);
    let comment = comment.ok_or_else(|| ApiError::not_found("Comment"))?;
    if comment.body.get("createdBy").and_then(Value::as_str) != Some(session.login.as_str()) {
        return Err(ApiError::authorization("Operation not permitted"));
    }
    Ok(comment.id)
}
