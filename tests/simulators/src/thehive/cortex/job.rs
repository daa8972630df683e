//! What is an analyzer's job? Made for an observable, found by its id or by query, ended by itself.

use super::run::{self, Outcome};
use crate::thehive::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
    store::wire_id,
};
use axum::extract::{OriginalUri, Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Jobs in one bulk call.
const MAX_JOBS: usize = 1_000;

const CREATE: &[Field] = &[
    required("analyzerId", Rule::Text(1, 512)),
    required("cortexId", Rule::Text(1, 512)),
    required("artifactId", Rule::Text(1, 128)),
    optional("parameters", Rule::Object),
];

/// `POST .../job`: 201.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    let made = create(&app, &session, uri.path(), vec![body.clone()], body)?;
    Ok((
        StatusCode::CREATED,
        axum::Json(made.into_iter().next().unwrap_or_default()),
    ))
}

/// `POST .../job/_bulk {jobs: [..]}`: 201 and the list.
pub async fn post_many(
    State(app): State<Arc<TheHive>>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    let jobs = body.get("jobs").and_then(Value::as_array).cloned().unwrap_or_default();
    if jobs.len() > MAX_JOBS {
        return Err(ApiError::bad_request(format!("more than {MAX_JOBS} jobs in one call")));
    }
    let made = create(&app, &session, uri.path(), jobs, body)?;
    Ok((StatusCode::CREATED, axum::Json(made.into())))
}

fn create(
    app: &TheHive,
    session: &Session,
    path: &str,
    inputs: Vec<Value>,
    logged: Value,
) -> Result<Vec<Value>, ApiError> {
    session.require("manageAnalyse", "create job")?;
    let inputs: Result<Vec<_>, ApiError> = inputs.into_iter().map(|one| check::create(one, CREATE)).collect();
    let inputs = inputs?;
    let mut hive = app.lock();
    let now_ms = app.control.now_ms();
    let prepared: Result<Vec<_>, ApiError> = inputs.iter().map(|one| prepare(&hive, session, one, now_ms)).collect();
    let author = session.author(now_ms);
    let mut made = Vec::new();
    for (observable, fields, outcome) in prepared? {
        let id = hive.insert(Kind::Job, session.organisation, Some(observable), &author, fields)?;
        hive.store
            .amend(id, |job| drop(job.body.insert("id".into(), wire_id(id).into())));
        run::begin(&mut hive, id, outcome, now_ms);
        made.push(id);
    }
    record(app, &hive, "POST", path, logged, &made);
    Ok(made.iter().map(|id| hive.body(*id)).collect())
}

/// The observable, the job and how it will end; no outcome for an analyzer that nobody has.
type Prepared = (u64, Map<String, Value>, Option<Outcome>);

fn prepare(hive: &Hive, session: &Session, input: &Map<String, Value>, now_ms: i64) -> Result<Prepared, ApiError> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    let observable = hive.find(Kind::Observable, session, text("artifactId"))?;
    let worker = hive
        .settings
        .workers
        .analyzers
        .iter()
        .find(|one| one.id == text("analyzerId"));
    let artifact = hive.body(observable);
    let data_type = artifact["dataType"].as_str().unwrap_or_default();
    if let Some(worker) = worker.filter(|worker| !worker.takes(data_type)) {
        let message = format!("{} does not take observables of type {data_type}", worker.id);
        return Err(ApiError::bad_request(message));
    }
    let name = worker.map_or_else(|| text("analyzerId").to_owned(), |worker| worker.name().to_owned());
    let fields = json!({
        "analyzerId": text("analyzerId"), "analyzerName": name, "analyzerDefinition": name, "cortexId": text("cortexId"),
        "cortexJobId": uuid::Uuid::now_v7().simple().to_string(), "startDate": now_ms, "operations": "[]",
        "status": if worker.is_some() { "InProgress" } else { "Waiting" }, "case_artifact": artifact,
    });
    let Value::Object(fields) = fields else {
        return Err(ApiError::bad_request("job"));
    };
    Ok((observable, fields, worker.map(Outcome::of)))
}

/// `GET .../job/{id}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let found = hive.find(Kind::Job, &session, &id)?;
    Ok(axum::Json(hive.body(found)))
}
