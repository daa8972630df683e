//! What does the MISP connector answer on a server without MISP servers? It has nothing to synchronise and nowhere to export to,
//! but reads an event that somebody uploads (contract 9.3, point 18).

use super::{app::TheHive, case, error::ApiError, observable, record::record, session::Session, upload::Form};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Types of MISP attributes and of observables.
const TYPES: [(&str, &str); 14] = [
    ("ip-src", "ip"),
    ("ip-dst", "ip"),
    ("domain", "domain"),
    ("hostname", "hostname"),
    ("url", "url"),
    ("uri", "uri_path"),
    ("email-src", "mail"),
    ("email-dst", "mail"),
    ("email-subject", "mail-subject"),
    ("md5", "hash"),
    ("sha1", "hash"),
    ("sha256", "hash"),
    ("filename", "filename"),
    ("user-agent", "user-agent"),
];

/// `GET /api/v1/connector/misp/status`.
pub async fn status(_session: Session) -> axum::Json<Value> {
    axum::Json(json!({"status": {}, "syncInProgress": false}))
}

/// `GET /api/v1/connector/misp/_syncAlerts`: 204.
pub async fn sync(_session: Session) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `POST /api/v1/connector/misp/export/{caseId}/{mispName}`: there is no such server.
pub async fn export(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((case, misp)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let hive = app.lock();
    hive.find(super::kind::Kind::Case, &session, &case)?;
    Err(ApiError::not_found(&format!("MISP server {misp}")))
}

/// `POST /api/v1/connector/misp/case/import`, multipart with `_json` and `file`: 201 and the case.
pub async fn import(
    State(app): State<Arc<TheHive>>,
    session: Session,
    form: Form,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageCase/create", "create case")?;
    let file = form.files_of("file").next();
    let bytes = file.and_then(|file| file.content.bytes().ok()).unwrap_or_default();
    let text: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let event = text
        .get("Event")
        .filter(|event| event.get("info").is_some_and(Value::is_string));
    let event =
        event.ok_or_else(|| ApiError::bad_request("Could not convert json to MISP event: Event.info is missing"))?;
    let tags: Vec<&Value> = list(event, "Tag").filter_map(|tag| tag.get("name")).collect();
    let input = json!({"title": event["info"], "description": "Imported from a MISP event", "tags": tags});
    let mut hive = app.lock();
    let author = session.author(app.control.now_ms());
    let case = case::create(&mut hive, session.organisation, &author, input)?;
    for attribute in list(event, "Attribute") {
        let known = TYPES.iter().find(|(misp, _)| attribute["type"] == *misp);
        let one = known.map(|(_, data_type)| {
            json!({"dataType": data_type, "data": attribute["value"], "message": attribute.get("comment"),
                   "ioc": attribute.get("to_ids")})
        });
        for prepared in one.map_or_else(
            || Ok(Vec::new()),
            |one| observable::prepare(&hive, one, &Form::default(), author.now_ms),
        )? {
            observable::add(&mut hive, session.organisation, case, &author, prepared)?;
        }
    }
    record(
        &app,
        &hive,
        "POST",
        "/api/v1/connector/misp/case/import",
        form.logged(),
        &[case],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(case))))
}

fn list<'a>(event: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    event.get(name).and_then(Value::as_array).into_iter().flatten()
}
