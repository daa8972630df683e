//! What can be done with a task? Created in a case, read, changed, deleted; its state sets dates and assignee (contract 2.5).

use super::{
    alert::check_assignee,
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, Rule, clearable, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::{Plan, Resource},
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

/// Tasks of cases.
pub struct Task;

impl Resource for Task {
    const KIND: Kind = Kind::Task;
    const PATH: &'static str = "/api/v1/task";
    const CHANGE: &'static str = "manageTask";
    const REMOVE: &'static str = "manageTask";
    const UPDATE: &'static [Field] = UPDATE;

    fn changed(hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        check_assignee(hive, plan.changes.get("assignee"))?;
        let (changes, login, now_ms) = (plan.changes, plan.author.login, plan.author.now_ms);
        let mut task = plan.simple();
        if let Some(status) = changes.get("status").and_then(Value::as_str) {
            follow_status(&mut task, status, login, now_ms);
        }
        Ok(task)
    }
}

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
