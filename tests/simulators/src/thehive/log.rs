//! What can be done with a task log? Written with or without files, changed, deleted; there is no GET, only queries (contract 2.5).

use super::{
    app::{Hive, TheHive},
    attachment,
    check::{self, Field, LONG, Rule, clearable, optional, required},
    error::ApiError,
    kind::Kind,
    record::{record, record_removal},
    resource::Resource,
    session::Session,
    store::wire_id,
    task,
    upload::Form,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("message", Rule::Text(0, LONG)),
    optional("startDate", Rule::Millis),
    optional("includeInTimeline", Rule::Millis),
    // Named in the schema of the JSON form; files only come by multipart.
    optional("attachments", Rule::List),
];

const UPDATE: &[Field] = &[
    optional("message", Rule::Text(0, LONG)),
    clearable("includeInTimeline", Rule::Millis),
];

/// Logs of tasks.
pub struct Log;

impl Resource for Log {
    const KIND: Kind = Kind::Log;
    const PATH: &'static str = "/api/v1/log";
    const CHANGE: &'static str = "manageTask";
    const REMOVE: &'static str = "manageTask";
    const UPDATE: &'static [Field] = UPDATE;
}

/// `POST /api/v1/task/{id}/log`, JSON or multipart with the files in `attachments`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(task): Path<String>,
    form: Form,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageTask", "create log")?;
    let mut input = check::create(form.json.clone(), CREATE)?;
    input.remove("attachments");
    let mut hive = app.lock();
    let task = hive.find(Kind::Task, &session, &task)?;
    let now_ms = app.control.now_ms();
    let date = input.remove("startDate").unwrap_or_else(|| now_ms.into());
    let mut fields = Map::from_iter([
        ("message".to_owned(), Value::Null),
        ("date".to_owned(), date),
        ("owner".to_owned(), session.login.as_str().into()),
        ("attachments".to_owned(), json!([])),
        ("extraData".to_owned(), json!({})),
    ]);
    fields.extend(input);
    let author = session.author(now_ms);
    let id = hive.insert(Kind::Log, session.organisation, Some(task), &author, fields)?;
    if form.files_of(attachment::PART).next().is_some() {
        attachment::add_files(&mut hive, id, &author, &session, &form)?;
        show_attachments(&mut hive, id);
    }
    task::start(&mut hive, task, &session, now_ms);
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/task/{}/log", wire_id(task)),
        form.logged(),
        &[id],
    );
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// The body of a log repeats its attachments.
fn show_attachments(hive: &mut Hive, log: u64) {
    let all: Vec<Value> = hive
        .store
        .children(log, Kind::Attachment)
        .map(|id| hive.body(id))
        .collect();
    hive.store
        .amend(log, |log| drop(log.body.insert("attachments".into(), all.into())));
}

/// `POST /api/v1/log/{id}/attachments`: 204, unlike the same call on cases and alerts.
pub async fn add_attachments(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    form: Form,
) -> Result<StatusCode, ApiError> {
    session.require("manageTask", "update log")?;
    let mut hive = app.lock();
    let log = hive.find(Kind::Log, &session, &id)?;
    let author = session.author(app.control.now_ms());
    attachment::add_files(&mut hive, log, &author, &session, &form)?;
    show_attachments(&mut hive, log);
    record(
        &app,
        &hive,
        "POST",
        &format!("/api/v1/log/{id}/attachments"),
        form.logged(),
        &[log],
    );
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/log/{id}/attachments/{attachmentId}`: plural, unlike on cases and alerts.
pub async fn delete_attachment(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    session.require("manageTask", "update log")?;
    let mut hive = app.lock();
    let log = hive.find(Kind::Log, &session, &id)?;
    let found = attachment::find(&hive, log, &attachment)?;
    hive.store.remove(found, &session.author(app.control.now_ms()));
    show_attachments(&mut hive, log);
    let path = format!("/api/v1/log/{id}/attachments/{}", wire_id(found));
    record_removal(&app, "DELETE", &path, Value::Null, &[found]);
    Ok(StatusCode::NO_CONTENT)
}
