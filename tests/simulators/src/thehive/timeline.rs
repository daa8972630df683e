//! What happened in a case, in order? Its own dates, its tasks, logs, alerts and the events people add (contract 2.10).

use super::{
    alert,
    app::TheHive,
    body::Json,
    check::{self, Field, LONG, Rule, clearable, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::Resource,
    session::Session,
    store::{Entity, wire_id},
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("date", Rule::Millis),
    required("title", Rule::Text(1, 128)),
    optional("endDate", Rule::Millis),
    optional("description", Rule::Text(0, LONG)),
];

const UPDATE: &[Field] = &[
    optional("date", Rule::Millis),
    optional("title", Rule::Text(1, 128)),
    clearable("endDate", Rule::Millis),
    clearable("description", Rule::Text(0, LONG)),
];

/// Events that people add.
pub struct CustomEvent;

impl Resource for CustomEvent {
    const KIND: Kind = Kind::CustomEvent;
    const PATH: &'static str = "/api/v1/customEvent";
    const CHANGE: &'static str = "manageCustomEvent";
    const REMOVE: &'static str = "manageCustomEvent";
    const UPDATE: &'static [Field] = UPDATE;
}

/// `GET /api/v1/case/{idOrNumber}/timeline`: `{"events": [{date, kind, entity, entityId, details, endDate?}]}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let id = hive.find(Kind::Case, &session, &id)?;
    let store = &hive.store;
    let mut events = Vec::new();
    if let Some(case) = store.get(id) {
        events.extend(event(case, "CaseCreated", "startDate"));
        events.extend(event(case, "CaseClosed", "closedDate"));
    }
    for one in alert::of_case(&hive, id).into_iter().filter_map(|id| store.get(id)) {
        events.extend(event(one, "AlertImported", "importedDate"));
    }
    for task in store.children(id, Kind::Task).filter_map(|id| store.get(id)) {
        events.extend(event(task, "TaskStarted", "startDate"));
        events.extend(event(task, "TaskEnded", "endDate"));
        let logs = store.children(task.id, Kind::Log).filter_map(|id| store.get(id));
        events.extend(logs.filter_map(|log| event(log, "TaskLog", "includeInTimeline")));
    }
    for (kind, name, date) in [
        (Kind::Procedure, "Procedure", "occurDate"),
        (Kind::CustomEvent, "CustomEvent", "date"),
    ] {
        let all = store.children(id, kind).filter_map(|id| store.get(id));
        events.extend(all.filter_map(|one| event(one, name, date)));
    }
    events.sort_by_key(|event| event["date"].as_i64());
    Ok(axum::Json(json!({"events": events})))
}

/// The event of an entity at one of its dates, if it has that.
fn event(entity: &Entity, kind: &str, date: &str) -> Option<Value> {
    let date = entity.body.get(date)?;
    let mut event = json!({
        "date": date, "kind": kind, "entity": entity.kind.info().name, "entityId": wire_id(entity.id),
        "details": entity.body,
    });
    if let (Kind::CustomEvent, Some(end)) = (entity.kind, entity.body.get("endDate")) {
        event["endDate"] = end.clone();
    }
    Some(event)
}

/// `POST /api/v1/case/{idOrNumber}/customEvent`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(case): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageCustomEvent", "create event")?;
    let fields = check::create(body.clone(), CREATE)?;
    let mut hive = app.lock();
    let case = hive.find(Kind::Case, &session, &case)?;
    let author = session.author(app.control.now_ms());
    let id = hive.insert(Kind::CustomEvent, session.organisation, Some(case), &author, fields)?;
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/case/{}/customEvent", wire_id(case)),
        body,
        &[id],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}
