//! What can be done with a page? Pages of cases, and page templates, which have the same fields (contract 2.10).

use super::{
    app::TheHive,
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
    store::wire_id,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("title", Rule::Text(1, 512)),
    required("content", Rule::Text(0, LONG)),
    required("category", Rule::Text(1, 128)),
    optional("order", Rule::Integer),
];

const UPDATE: &[Field] = &[
    optional("title", Rule::Text(1, 512)),
    optional("content", Rule::Text(0, LONG)),
    optional("category", Rule::Text(1, 128)),
    optional("order", Rule::Integer),
];

/// The stored form of a page.
pub fn prepare(body: Value) -> Result<Map<String, Value>, ApiError> {
    let mut fields = check::create(body, CREATE)?;
    fields.entry("order").or_insert_with(|| 0.into());
    fields.insert("extraData".into(), json!({}));
    Ok(fields)
}

/// `POST /api/v1/case/{idOrNumber}/page`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(case): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("managePage", "create page")?;
    let fields = prepare(body.clone())?;
    let mut hive = app.lock();
    let case = hive.find(Kind::Case, &session, &case)?;
    let author = session.author(app.control.now_ms());
    let id = hive.insert(Kind::Page, session.organisation, Some(case), &author, fields)?;
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/case/{}/page", wire_id(case)),
        body,
        &[id],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `PATCH /api/v1/case/{idOrNumber}/page/{pageId}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((_case, id)): Path<(String, String)>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    change(&app, &session, Kind::Page, &id, body)
}

/// `DELETE /api/v1/case/{idOrNumber}/page/{pageId}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((_case, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    remove(&app, &session, Kind::Page, &id)
}

/// `POST /api/v1/pageTemplate`.
pub async fn post_template(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("managePageTemplate", "create page template")?;
    let fields = prepare(body.clone())?;
    let mut hive = app.lock();
    let author = session.author(app.control.now_ms());
    let id = hive.insert(Kind::PageTemplate, session.organisation, None, &author, fields)?;
    record(&app, &hive, "POST", "/api/v1/pageTemplate", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `PATCH /api/v1/pageTemplate/{id}`.
pub async fn patch_template(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    change(&app, &session, Kind::PageTemplate, &id, body)
}

/// `DELETE /api/v1/pageTemplate/{id}`.
pub async fn delete_template(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    remove(&app, &session, Kind::PageTemplate, &id)
}

fn permission(kind: Kind) -> &'static str {
    if kind == Kind::Page {
        "managePage"
    } else {
        "managePageTemplate"
    }
}

fn change(app: &TheHive, session: &Session, kind: Kind, id: &str, body: Value) -> Result<StatusCode, ApiError> {
    session.require(permission(kind), "update page")?;
    let changes = check::update(body.clone(), UPDATE)?;
    let mut hive = app.lock();
    let found = hive.find(kind, session, id)?;
    hive.store
        .update(found, &session.author(app.control.now_ms()), |fields| {
            fields.extend(changes);
        });
    record(
        app,
        &hive,
        "PATCH",
        &format!("/api/v1/{}/{id}", kind.info().name),
        body,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}

fn remove(app: &TheHive, session: &Session, kind: Kind, id: &str) -> Result<StatusCode, ApiError> {
    session.require(permission(kind), "delete page")?;
    let mut hive = app.lock();
    let found = hive.find(kind, session, id)?;
    hive.store.remove(found);
    let path = format!("/api/v1/{}/{id}", kind.info().name);
    app.control
        .effect("DELETE", &path, Value::Null, None, Some(wire_id(found)));
    Ok(StatusCode::NO_CONTENT)
}
