//! What can be done with tasks and logs of v0 (contract 2.5)?

use super::{
    call::{Call, Outcome},
    take::{self, Names},
};
use crate::thehive::{attachment, error::ApiError, kind::Kind, upload::Form};
use http::{Method, StatusCode};
use serde_json::Value;

const TASK: Names = &[
    ("title", "title"),
    ("group", "group"),
    ("description", "description"),
    ("status", "status"),
    ("flag", "flag"),
    ("startDate", "startDate"),
    ("endDate", "endDate"),
    ("order", "order"),
    ("dueDate", "dueDate"),
    ("owner", "assignee"),
];
const LOG: Names = &[("message", "message"), ("startDate", "startDate")];
/// The part of the one file of a log.
const PART: &str = "attachment";

/// `POST /api/case/{id}/task`: 201 and the task.
pub async fn create(call: &Call, case: &str) -> Outcome {
    let input = take::members(call.flavour, &call.form.json, TASK, &[])?;
    let made = call
        .tell(Method::POST, &call.path("case", case, "/task"), input.into())
        .await?;
    Ok(call.shown_of(StatusCode::CREATED, &made))
}

/// `PATCH /api/case/task/{id}`: 200 and the task.
pub async fn update(call: &Call, id: &str) -> Outcome {
    let input = take::members(call.flavour, &call.form.json, TASK, &[])?;
    call.tell(Method::PATCH, &call.path("task", id, ""), input.into())
        .await?;
    call.get(Kind::Task, id)
}

/// `POST /api/case/task/{id}/log`, JSON or multipart with one file in `attachment`: 201 and the log.
pub async fn create_log(call: &Call, task: &str) -> Outcome {
    let input = take::members(call.flavour, &call.form.json, LOG, &["owner", "status", "file"])?;
    let mut files: Vec<_> = call.form.files_of(PART).cloned().collect();
    if files.len() > 1 || files.len() < call.form.files.len() {
        return Err(ApiError::bad_request("a log takes one file, in the part attachment").into());
    }
    for file in &mut files {
        file.part = attachment::PART.to_owned();
    }
    let form = Form {
        json: input.into(),
        files,
    };
    let made = call.ask(Method::POST, &call.path("task", task, "/log"), form).await?;
    Ok(call.shown_of(StatusCode::CREATED, &made))
}

/// `PATCH /api/case/task/log/{id}`: 200 and the log.
pub async fn update_log(call: &Call, id: &str) -> Outcome {
    let input = take::members(call.flavour, &call.form.json, &[("message", "message")], &["startDate"])?;
    call.tell(Method::PATCH, &call.path("log", id, ""), input.into())
        .await?;
    call.get(Kind::Log, id)
}

/// `DELETE /api/case/task/log/{id}`: 204.
pub async fn delete_log(call: &Call, id: &str) -> Outcome {
    call.tell(Method::DELETE, &call.path("log", id, ""), Value::Null).await
}
