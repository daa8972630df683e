//! What is a responder's action? Started on a case, alert, task, log or observable, listed by what it was started on.

use super::run::{self, Outcome};
use crate::thehive::{
    app::TheHive,
    body::Json,
    check::{self, Field, Rule, TLP, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    session::Session,
};
use axum::extract::{OriginalUri, Path, State};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Actions in one call.
const MAX_ACTIONS: usize = 1_000;

const CREATE: &[Field] = &[
    required("responderId", Rule::Text(1, 512)),
    required("objectType", Rule::Text(1, 64)),
    required("objectId", Rule::Text(1, 128)),
    optional("cortexId", Rule::Text(1, 512)),
    optional("parameters", Rule::Object),
    optional("tlp", TLP),
];

/// The kind behind an entity's name, old or new.
pub fn kind_of(name: &str) -> Result<Kind, ApiError> {
    match name.to_ascii_lowercase().as_str() {
        "case" => Ok(Kind::Case),
        "alert" => Ok(Kind::Alert),
        "task" | "case_task" => Ok(Kind::Task),
        "log" | "case_task_log" => Ok(Kind::Log),
        "observable" | "case_artifact" => Ok(Kind::Observable),
        _ => Err(ApiError::bad_request(format!(
            "{name} is no entity that responders take"
        ))),
    }
}

/// The name of a kind as Cortex writes it.
pub fn old_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Alert => "alert",
        Kind::Task => "case_task",
        Kind::Log => "case_task_log",
        Kind::Observable => "case_artifact",
        _ => "case",
    }
}

/// `POST .../action`: 200.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Json(body): Json,
) -> Result<axum::Json<Value>, ApiError> {
    let made = create(&app, &session, uri.path(), vec![body.clone()], body)?;
    Ok(axum::Json(made.into_iter().next().unwrap_or_default()))
}

/// `POST .../actions [..]`: 200 and the list.
pub async fn post_many(
    State(app): State<Arc<TheHive>>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Json(body): Json,
) -> Result<axum::Json<Value>, ApiError> {
    let inputs = body.as_array().cloned().unwrap_or_default();
    if inputs.len() > MAX_ACTIONS {
        return Err(ApiError::bad_request(format!(
            "more than {MAX_ACTIONS} actions in one call"
        )));
    }
    Ok(axum::Json(create(&app, &session, uri.path(), inputs, body)?.into()))
}

fn create(
    app: &TheHive,
    session: &Session,
    path: &str,
    inputs: Vec<Value>,
    logged: Value,
) -> Result<Vec<Value>, ApiError> {
    session.require("manageAction", "create action")?;
    let now_ms = app.control.now_ms();
    let author = session.author(now_ms);
    let mut hive = app.lock();
    let mut prepared = Vec::new();
    for input in inputs {
        let input = check::create(input, CREATE)?;
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = kind_of(text("objectType"))?;
        let object = hive.find(kind, session, text("objectId"))?;
        let responders = &hive.settings.workers.responders;
        let worker = responders.iter().find(|one| one.id == text("responderId"));
        let worker = worker.ok_or_else(|| ApiError::not_found("Worker"))?;
        if !worker.takes(&format!("thehive:{}", old_name(kind))) {
            let message = format!("{} does not take a {}", worker.id, old_name(kind));
            return Err(ApiError::bad_request(message));
        }
        let cortex = input.get("cortexId").and_then(Value::as_str).unwrap_or(worker.cortex());
        let fields = Map::from_iter([
            ("responderId".to_owned(), json!(worker.id)),
            ("responderName".to_owned(), json!(worker.name())),
            ("responderDefinition".to_owned(), json!(worker.name())),
            ("cortexId".to_owned(), json!(cortex)),
            (
                "cortexJobId".to_owned(),
                json!(uuid::Uuid::now_v7().simple().to_string()),
            ),
            ("objectType".to_owned(), json!(kind.info().name)),
            ("objectId".to_owned(), hive.body(object)["_id"].take()),
            ("status".to_owned(), json!("InProgress")),
            ("startDate".to_owned(), json!(now_ms)),
            ("operations".to_owned(), json!("[]")),
            ("report".to_owned(), json!("{}")),
        ]);
        prepared.push((object, fields, Outcome::of(worker)));
    }
    let mut made = Vec::new();
    for (object, fields, outcome) in prepared {
        let id = hive.insert(Kind::Action, session.organisation, Some(object), &author, fields)?;
        run::begin(&mut hive, id, Some(outcome), now_ms);
        made.push(id);
    }
    record(app, &hive, "POST", path, logged, &made);
    Ok(made.iter().map(|id| hive.body(*id)).collect())
}

/// `GET .../action/{entityType}/{entityId}`.
pub async fn of_entity(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((entity, id)): Path<(String, String)>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let object = hive.find(kind_of(&entity)?, &session, &id)?;
    let actions = hive.store.children(object, Kind::Action);
    Ok(axum::Json(actions.map(|id| hive.body(id)).collect()))
}
