//! What can be done with a page? Pages of cases, and page templates, which have the same fields (contract 2.10).

use super::{
    app::TheHive,
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::Resource,
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

/// Pages of cases.
pub struct Page;

impl Resource for Page {
    const KIND: Kind = Kind::Page;
    // A case's page is addressed below its case; the log of effects names it by its id alone.
    const PATH: &'static str = "/api/v1/page";
    const CHANGE: &'static str = "managePage";
    const REMOVE: &'static str = "managePage";
    const UPDATE: &'static [Field] = UPDATE;
}

/// Page templates of an organisation.
pub struct PageTemplate;

impl Resource for PageTemplate {
    const KIND: Kind = Kind::PageTemplate;
    const PATH: &'static str = "/api/v1/pageTemplate";
    const CHANGE: &'static str = "managePageTemplate";
    const REMOVE: &'static str = "managePageTemplate";
    const UPDATE: &'static [Field] = UPDATE;
}

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
