//! How does a case travel in a file? Exported with a password, imported with the same; the format is the simulator's own
//! (contract 9.3, point 21), and only what a client can look at is in it: the case, its tasks, observables and procedures.

use super::{
    app::{Hive, TheHive},
    case,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    observable, procedure,
    record::record,
    session::Session,
    upload::Form,
};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::header;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const FORMAT: &str = "synapse-sim case 1";

const IMPORT: &[Field] = &[
    required("password", Rule::Text(1, 512)),
    optional("sharingParameters", Rule::List),
    optional("taskRule", Rule::Text(1, 128)),
    optional("observableRule", Rule::Text(1, 128)),
];

/// What a case is created with again.
const CASE: &[&str] = &[
    "title",
    "description",
    "severity",
    "startDate",
    "tags",
    "flag",
    "tlp",
    "pap",
    "summary",
    "customFields",
];
const OBSERVABLE: &[&str] = &[
    "dataType",
    "data",
    "message",
    "startDate",
    "tlp",
    "pap",
    "tags",
    "ioc",
    "sighted",
    "ignoreSimilarity",
];
const TASK: &[&str] = &["title", "group", "description", "flag", "order", "dueDate", "mandatory"];
const PROCEDURE: &[&str] = &["patternId", "occurDate", "tactic", "description"];

#[derive(Deserialize)]
pub struct Password {
    password: String,
}

/// `GET /api/v1/case/{idOrNumber}/export?password=`.
pub async fn export(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Query(Password { password }): Query<Password>,
) -> Result<Response, ApiError> {
    let hive = app.lock();
    let case = hive.find(Kind::Case, &session, &id)?;
    let all = |kind: Kind, names: &[&str]| -> Value {
        let bodies = hive.store.children(case, kind).map(|id| hive.body(id));
        // Files stay behind: their observables would have no content.
        let texts = bodies.filter(|body| kind != Kind::Observable || body.get("data").is_some());
        texts.map(|body| part(&body, names)).collect()
    };
    let archive = json!({
        "format": FORMAT, "check": fingerprint(&password), "case": part(&hive.body(case), CASE),
        "tasks": all(Kind::Task, TASK), "observables": all(Kind::Observable, OBSERVABLE),
        "procedures": all(Kind::Procedure, PROCEDURE),
    });
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, archive.to_string()).into_response())
}

fn part(body: &Value, names: &[&str]) -> Value {
    let members = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
    Value::Object(members.collect())
}

/// The archive is not encrypted; the password is only checked.
fn fingerprint(password: &str) -> String {
    hex::encode(Sha256::digest(password.as_bytes()))
}

/// `POST /api/v1/case/import`, multipart with `_json` and `file`: 200 and what was made.
pub async fn import(
    State(app): State<Arc<TheHive>>,
    session: Session,
    form: Form,
) -> Result<axum::Json<Value>, ApiError> {
    session.require("manageCase/create", "create case")?;
    let input = check::create(form.json.clone(), IMPORT)?;
    let archive = read(&form, input.get("password").and_then(Value::as_str).unwrap_or_default())?;
    let mut hive = app.lock();
    let author = session.author(app.control.now_ms());
    let mut fields = archive["case"].clone();
    if let (Some(fields), Some(tasks)) = (fields.as_object_mut(), archive.get("tasks")) {
        fields.insert("tasks".into(), tasks.clone());
        fields.insert("customFields".into(), values(&hive, fields.get("customFields")));
    }
    let case = case::create(&mut hive, session.organisation, &author, fields)?;
    let (mut observables, mut procedures, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for one in list(&archive, "observables") {
        match observable::prepare(&hive, one.clone(), &Form::default(), author.now_ms) {
            Ok(prepared) => {
                for one in prepared {
                    observables.push(observable::add(&mut hive, session.organisation, case, &author, one)?);
                }
            }
            Err(_) => errors.push(json!({"type": "CreateError", "object": one})),
        }
    }
    for one in list(&archive, "procedures") {
        let fields = procedure::prepare(one.clone())?;
        procedures.push(procedure::add(&mut hive, session.organisation, case, &author, fields)?);
    }
    let mut logged = form.logged();
    if let Some(logged) = logged.as_object_mut() {
        logged.remove("password");
    }
    record(&app, &hive, "POST", "/api/v1/case/import", logged, &[case]);
    let bodies = |ids: Vec<u64>| ids.into_iter().map(|id| hive.body(id)).collect::<Vec<_>>();
    Ok(axum::Json(json!({
        "case": hive.body(case), "observables": bodies(observables), "procedures": bodies(procedures), "errors": errors,
    })))
}

fn list<'a>(archive: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    archive.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Custom fields that this server does not define stay behind.
fn values(hive: &Hive, fields: Option<&Value>) -> Value {
    let fields = fields.and_then(Value::as_array).into_iter().flatten();
    let known = fields.filter(|field| {
        let name = field["name"].as_str().unwrap_or_default();
        hive.store.by_natural_key(Kind::CustomField, 0, &[name]).is_some()
    });
    known
        .map(|field| json!({"name": field["name"], "value": field["value"]}))
        .collect()
}

/// The archive in the part `file`. Errors: no file, not ours, another password.
fn read(form: &Form, password: &str) -> Result<Map<String, Value>, ApiError> {
    let file = form.files_of("file").next();
    let file =
        file.ok_or_else(|| ApiError::attributes(vec![json!({"name": "file", "type": "MissingAttributeError"})]))?;
    let bytes = file
        .content
        .bytes()
        .map_err(|error| ApiError::bad_request(error.to_string()))?;
    let archive: Map<String, Value> = serde_json::from_slice(&bytes).unwrap_or_default();
    if archive.get("format") != Some(&FORMAT.into()) {
        return Err(ApiError::bad_request("the file is no archive of a case"));
    }
    if archive.get("check") != Some(&fingerprint(password).into()) {
        return Err(ApiError::bad_request("the password of the archive is wrong"));
    }
    Ok(archive)
}
