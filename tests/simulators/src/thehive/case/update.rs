//! What happens when a case is read or changed? 204 and no body; absolute values, except `addTags` and `removeTags`.

use super::fields::UPDATE;
use crate::thehive::{
    alert::{check_assignee, take_ids},
    app::{Hive, TheHive},
    body::Json,
    check, custom_field,
    error::ApiError,
    kind::Kind,
    labels,
    record::record,
    session::Session,
    store::wire_id,
    tags,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `GET /api/v1/case/{idOrNumber}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let case = hive.find(Kind::Case, &session, &id)?;
    Ok(axum::Json(hive.body(case)))
}

/// `PATCH /api/v1/case/{idOrNumber}`.
pub async fn one(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let changes = check::update(body.clone(), UPDATE)?;
    let mut hive = app.lock();
    let found = apply(&app, &mut hive, &session, &[id], &changes)?;
    let id = found.first().map(|id| wire_id(*id)).unwrap_or_default();
    record(&app, &hive, "PATCH", &format!("/api/v1/case/{id}"), body, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH /api/v1/case/_bulk {ids, ..}`: all or nothing.
pub async fn bulk(State(app): State<Arc<TheHive>>, session: Session, Json(body): Json) -> Result<StatusCode, ApiError> {
    let (ids, rest) = take_ids(body.clone())?;
    let changes = check::update(rest, UPDATE)?;
    let mut hive = app.lock();
    let found = apply(&app, &mut hive, &session, &ids, &changes)?;
    record(&app, &hive, "PATCH", "/api/v1/case/_bulk", body, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// Checks the change against every case, then makes it.
fn apply(
    app: &TheHive,
    hive: &mut Hive,
    session: &Session,
    ids: &[String],
    changes: &Map<String, Value>,
) -> Result<Vec<u64>, ApiError> {
    session.require("manageCase/update", "update case")?;
    let now_ms = app.control.now_ms();
    let mut planned = Vec::new();
    for id in ids {
        let case = hive.find(Kind::Case, session, id)?;
        planned.push((case, changed(hive, case, changes, now_ms)?));
    }
    let found = planned.iter().map(|(id, _)| *id).collect();
    for (id, body) in planned {
        hive.store.update(id, &session.author(now_ms), |old| *old = body);
    }
    Ok(found)
}

/// The case after the change.
fn changed(hive: &Hive, case: u64, changes: &Map<String, Value>, now_ms: i64) -> Result<Map<String, Value>, ApiError> {
    let mut body = hive.store.get(case).map(|case| case.body.clone()).unwrap_or_default();
    check_assignee(hive, changes.get("assignee"))?;
    for (name, value) in changes {
        match (name.as_str(), value) {
            ("addTags" | "removeTags" | "taskRule" | "observableRule", _) => {}
            ("customFields", value) => {
                let current = body.get("customFields").cloned().unwrap_or_else(|| json!([]));
                body.insert("customFields".into(), custom_field::apply(hive, &current, value)?);
            }
            ("status", Value::String(status)) => {
                if labels::case_stage(status) == Some("Closed") {
                    refuse_open_mandatory_tasks(hive, case)?;
                }
                set_status(&mut body, status, now_ms)?;
            }
            (_, Value::Null) => drop(body.shift_remove(name)),
            (_, value) => drop(body.insert(name.clone(), value.clone())),
        }
    }
    let tags = tags::changed(&body, changes);
    body.insert("tags".into(), tags);
    labels::set_labels(&mut body);
    Ok(body)
}

/// 5.x refuses to close a case while a mandatory task is open or has no log (contract 2.1).
fn refuse_open_mandatory_tasks(hive: &Hive, case: u64) -> Result<(), ApiError> {
    let mut tasks = hive
        .store
        .children(case, Kind::Task)
        .filter_map(|id| hive.store.get(id));
    let is_open = tasks.any(|task| {
        let ended = ["Completed", "Cancel"].contains(&task.body.get("status").and_then(Value::as_str).unwrap_or(""));
        let mandatory = task.body.get("mandatory") == Some(&Value::Bool(true));
        mandatory && (!ended || hive.store.count_children(task.id, Kind::Log) == 0)
    });
    if is_open {
        return Err(ApiError::bad_request(
            "Case cannot be closed: a mandatory task is open or has no log",
        ));
    }
    Ok(())
}

/// Sets status, stage and the dates and durations that follow. Error: a status this server does not have (404).
pub fn set_status(body: &mut Map<String, Value>, status: &str, now_ms: i64) -> Result<(), ApiError> {
    let stage = labels::case_stage(status).ok_or_else(|| ApiError::not_found(&format!("CaseStatus {status}")))?;
    let before = body.insert("stage".into(), stage.into());
    body.insert("status".into(), status.into());
    if before.as_ref().and_then(Value::as_str) == Some(stage) {
        return Ok(());
    }
    let new = body.get("newDate").and_then(Value::as_i64).unwrap_or(now_ms);
    let since_new = json!((now_ms - new).max(0));
    match stage {
        "InProgress" if !body.contains_key("inProgressDate") => body.extend([
            ("inProgressDate".to_owned(), json!(now_ms)),
            ("timeToTriage".to_owned(), since_new.clone()),
            ("timeToAcknowledge".to_owned(), since_new),
        ]),
        "Closed" => body.extend([
            ("endDate".to_owned(), json!(now_ms)),
            ("closedDate".to_owned(), json!(now_ms)),
            ("handlingDuration".to_owned(), since_new.clone()),
            ("timeToResolve".to_owned(), since_new),
        ]),
        _ => {}
    }
    if stage != "Closed" && before.is_some() {
        for name in ["endDate", "closedDate", "handlingDuration", "timeToResolve"] {
            body.shift_remove(name);
        }
    }
    Ok(())
}
