//! Which analyzers and responders are there? What tests say: part of the state, or set while the server runs.

use crate::thehive::{app::TheHive, error::ApiError, session::Session};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Workers of one server.
const MAX_WORKERS: usize = 1_000;

/// An analyzer or a responder, and how its runs end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    pub id: String,
    name: Option<String>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    description: String,
    /// Of an analyzer the types of observables (`ip`), of a responder the kinds of entity (`thehive:case`); empty = all.
    #[serde(default, rename = "dataTypeList")]
    data_types: Vec<String>,
    #[serde(default, rename = "cortexIds")]
    cortex_ids: Vec<String>,
    /// `Success` or `Failure`.
    #[serde(default = "success")]
    pub status: String,
    /// The report of every run.
    #[serde(default)]
    pub report: Value,
    /// How long a run takes by the simulator's clock.
    #[serde(default)]
    pub duration_ms: i64,
}

fn success() -> String {
    "Success".to_owned()
}

impl Worker {
    /// The name people see.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// The first Cortex that has it.
    pub fn cortex(&self) -> &str {
        self.cortex_ids.first().map_or("cortex", String::as_str)
    }

    /// Whether it takes this type of data.
    pub fn takes(&self, data_type: &str) -> bool {
        self.data_types.is_empty() || self.data_types.iter().any(|own| own == data_type)
    }

    fn shown(&self) -> Value {
        json!({
            "id": self.id, "name": self.name(), "version": self.version, "description": self.description,
            "dataTypeList": self.data_types, "cortexIds": [self.cortex()],
        })
    }
}

/// All of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workers {
    pub analyzers: Vec<Worker>,
    pub responders: Vec<Worker>,
}

impl Workers {
    /// Errors: too many, a status that no run ends with.
    pub fn check(&self) -> Result<(), String> {
        let mut all = self.analyzers.iter().chain(&self.responders);
        if self.analyzers.len() + self.responders.len() > MAX_WORKERS {
            return Err(format!("more than {MAX_WORKERS} analyzers and responders"));
        }
        match all.find(|one| !["Success", "Failure"].contains(&one.status.as_str())) {
            Some(one) => Err(format!("{}: status {:?}: use Success or Failure", one.id, one.status)),
            None => Ok(()),
        }
    }
}

/// `PUT /_sim/thehive/workers {"analyzers": [..], "responders": [..]}`: exactly these from now on.
pub async fn put(State(app): State<Arc<TheHive>>, body: Bytes) -> Response {
    let workers = serde_json::from_slice::<Workers>(&body).map_err(|error| error.to_string());
    match workers.and_then(|workers| workers.check().map(|()| workers)) {
        Ok(workers) => {
            app.lock().settings.workers = workers;
            StatusCode::NO_CONTENT.into_response()
        }
        Err(message) => (StatusCode::BAD_REQUEST, Json(json!({"error": message}))).into_response(),
    }
}

/// `GET .../analyzer`.
pub async fn analyzers(State(app): State<Arc<TheHive>>, _session: Session) -> Json<Value> {
    let hive = app.lock();
    Json(hive.settings.workers.analyzers.iter().map(Worker::shown).collect())
}

/// `GET .../analyzer/type/{dataType}`.
pub async fn analyzers_of_type(
    State(app): State<Arc<TheHive>>,
    _session: Session,
    Path(data_type): Path<String>,
) -> Json<Value> {
    let hive = app.lock();
    let fitting = hive
        .settings
        .workers
        .analyzers
        .iter()
        .filter(|one| one.takes(&data_type));
    Json(fitting.map(Worker::shown).collect())
}

/// `GET .../analyzer/{id}`.
pub async fn analyzer(
    State(app): State<Arc<TheHive>>,
    _session: Session,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let hive = app.lock();
    let found = hive.settings.workers.analyzers.iter().find(|one| one.id == id);
    Ok(Json(found.ok_or_else(|| ApiError::not_found("Worker"))?.shown()))
}

/// `GET .../responder/{entityType}/{entityId}`: those that take this kind of entity.
pub async fn responders(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((entity, id)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let hive = app.lock();
    hive.find(super::action::kind_of(&entity)?, &session, &id)?;
    let wanted = format!("thehive:{}", super::action::old_name(super::action::kind_of(&entity)?));
    let fitting = hive.settings.workers.responders.iter().filter(|one| one.takes(&wanted));
    Ok(Json(fitting.map(Worker::shown).collect()))
}

/// `GET .../responders/{entityType}`.
pub async fn responders_of_type(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(entity): Path<String>,
) -> Result<Json<Value>, ApiError> {
    session.require("manageAction", "list responders")?;
    let hive = app.lock();
    let wanted = format!("thehive:{}", super::action::old_name(super::action::kind_of(&entity)?));
    let fitting = hive.settings.workers.responders.iter().filter(|one| one.takes(&wanted));
    Ok(Json(fitting.map(Worker::shown).collect()))
}
