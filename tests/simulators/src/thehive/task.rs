//! What can be done with a task? Created in a case, read, changed, deleted; its state sets dates and assignee (contract 2.5).

use super::{
    alert::{check_assignee, take_ids},
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, Rule, clearable, optional, required},
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

const STATUS: Rule = Rule::Word(&["Waiting", "InProgress", "Completed", "Cancel"]);

const CREATE: &[Field] = &[
    required("title", Rule::Text(1, 128)),
    optional("group", Rule::Text(1, 64)),
    optional("description", Rule::Text(0, LONG)),
    optional("status", STATUS),
    optional("flag", Rule::Bool),
    optional("startDate", Rule::Millis),
    optional("endDate", Rule::Millis),
    optional("order", Rule::Integer),
    optional("dueDate", Rule::Millis),
    optional("assignee", Rule::Text(1, 128)),
    optional("mandatory", Rule::Bool),
];

const UPDATE: &[Field] = &[
    optional("title", Rule::Text(1, 128)),
    optional("group", Rule::Text(1, 64)),
    clearable("description", Rule::Text(0, LONG)),
    optional("status", STATUS),
    optional("flag", Rule::Bool),
    clearable("startDate", Rule::Millis),
    clearable("endDate", Rule::Millis),
    optional("order", Rule::Integer),
    clearable("dueDate", Rule::Millis),
    clearable("assignee", Rule::Text(1, 128)),
    optional("mandatory", Rule::Bool),
];

/// A task of a template as the input of a task: without what only an existing task has.
pub fn input(mut task: Value) -> Value {
    if let Some(task) = task.as_object_mut() {
        task.retain(|name, _| !name.starts_with('_') && name != "extraData");
    }
    task
}

/// The stored form of a new task. Errors: fields; an unknown assignee.
pub fn prepare(hive: &Hive, body: Value) -> Result<Map<String, Value>, ApiError> {
    let input = check::create(body, CREATE)?;
    check_assignee(hive, input.get("assignee"))?;
    let mut fields = Map::from_iter([
        ("title".to_owned(), Value::Null),
        ("group".to_owned(), "default".into()),
        ("status".to_owned(), "Waiting".into()),
        ("flag".to_owned(), false.into()),
        ("order".to_owned(), 0.into()),
        ("mandatory".to_owned(), false.into()),
        ("extraData".to_owned(), json!({})),
    ]);
    fields.extend(input);
    Ok(fields)
}

/// `POST /api/v1/case/{idOrNumber}/task`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(case): Path<String>,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageTask", "create task")?;
    let mut hive = app.lock();
    let case = hive.find(Kind::Case, &session, &case)?;
    let fields = prepare(&hive, body.clone())?;
    let author = session.author(app.control.now_ms());
    let id = hive.insert(Kind::Task, session.organisation, Some(case), &author, fields)?;
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/case/{}/task", wire_id(case)),
        body,
        &[id],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `GET /api/v1/task/{id}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let task = hive.find(Kind::Task, &session, &id)?;
    Ok(axum::Json(hive.body(task)))
}

/// `PATCH /api/v1/task/{id}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let changes = check::update(body.clone(), UPDATE)?;
    let path = format!("/api/v1/task/{id}");
    apply(&app, &session, &[id], &changes, &path, body)
}

/// `PATCH /api/v1/task/_bulk {ids, ..}`: all or nothing.
pub async fn patch_bulk(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let (ids, rest) = take_ids(body.clone())?;
    let changes = check::update(rest, UPDATE)?;
    apply(&app, &session, &ids, &changes, "/api/v1/task/_bulk", body)
}

fn apply(
    app: &TheHive,
    session: &Session,
    ids: &[String],
    changes: &Map<String, Value>,
    path: &str,
    logged: Value,
) -> Result<StatusCode, ApiError> {
    session.require("manageTask", "update task")?;
    let mut hive = app.lock();
    let found: Result<Vec<u64>, ApiError> = ids.iter().map(|id| hive.find(Kind::Task, session, id)).collect();
    let found = found?;
    check_assignee(&hive, changes.get("assignee"))?;
    let author = session.author(app.control.now_ms());
    for id in &found {
        hive.store.update(*id, &author, |task| {
            for (name, value) in changes {
                match value {
                    Value::Null => drop(task.shift_remove(name)),
                    value => drop(task.insert(name.clone(), value.clone())),
                }
            }
            if let Some(status) = changes.get("status").and_then(Value::as_str) {
                follow_status(task, status, author.login, author.now_ms);
            }
        });
    }
    record(app, &hive, "PATCH", path, logged, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// What a new status brings with it: the start of work has a date and somebody who does it, the end has a date.
fn follow_status(task: &mut Map<String, Value>, status: &str, login: &str, now_ms: i64) {
    match status {
        "InProgress" => {
            task.entry("startDate").or_insert_with(|| now_ms.into());
            task.entry("assignee").or_insert_with(|| login.into());
        }
        "Completed" => {
            let start = task.get("startDate").and_then(Value::as_i64);
            task.insert("endDate".into(), now_ms.into());
            task.extend(start.map(|start| ("timeToHandle".to_owned(), json!((now_ms - start).max(0)))));
        }
        _ => {}
    }
}

/// Starts a waiting task: what the first log does to it.
pub fn start(hive: &mut Hive, task: u64, session: &Session, now_ms: i64) {
    let waits = hive
        .store
        .get(task)
        .is_some_and(|task| task.body.get("status") == Some(&"Waiting".into()));
    if waits {
        hive.store.update(task, &session.author(now_ms), |task| {
            task.insert("status".into(), "InProgress".into());
            follow_status(task, "InProgress", &session.login, now_ms);
        });
    }
}

/// `DELETE /api/v1/task/{id}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageTask", "delete task")?;
    let mut hive = app.lock();
    let found = hive.find(Kind::Task, &session, &id)?;
    hive.store.remove(found);
    app.control
        .effect("DELETE", &format!("/api/v1/task/{id}"), Value::Null, None, Some(id));
    Ok(StatusCode::NO_CONTENT)
}
