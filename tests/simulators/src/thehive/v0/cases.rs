//! What can be done with a case of v0 (contract 2.2)?

use super::{
    Flavour,
    alerts::{keep, set_fields},
    call::{Answer, Call, Outcome},
    ids, show,
    take::{self, Names},
};
use crate::thehive::kind::Kind;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

const BOTH: Names = &[
    ("title", "title"),
    ("description", "description"),
    ("severity", "severity"),
    ("startDate", "startDate"),
    ("endDate", "endDate"),
    ("tags", "tags"),
    ("flag", "flag"),
    ("tlp", "tlp"),
    ("pap", "pap"),
    ("summary", "summary"),
    ("customFields", "customFields"),
];
const TASK: Names = &[
    ("title", "title"),
    ("group", "group"),
    ("description", "description"),
    ("status", "status"),
    ("flag", "flag"),
    ("startDate", "startDate"),
    ("owner", "assignee"),
];
/// Members with a meaning of their own.
const APART: &[&str] = &[
    "status",
    "resolutionStatus",
    "impactStatus",
    "owner",
    "user",
    "template",
    "tasks",
    "mergeInto",
    "mergeFrom",
];

/// `POST /api/case`: 201 and the case. 4 reads `user` for who handles it, 3 `owner`.
pub async fn create(call: &Call) -> Outcome {
    let body = &call.form.json;
    let mut input = take::members(call.flavour, body, BOTH, APART)?;
    let fields = take::field_list(call.flavour, input.remove("customFields"));
    input.insert("customFields".to_owned(), fields);
    let handler = if call.flavour == Flavour::V4 { "user" } else { "owner" };
    copy(body, handler, &mut input, "assignee");
    copy(body, "template", &mut input, "caseTemplate");
    if call.flavour == Flavour::V3
        && let Some(Value::String(name)) = input.get("caseTemplate")
    {
        let known = {
            let hive = call.app.lock();
            hive.store
                .resolve(Kind::CaseTemplate, call.session.organisation, name)
                .is_some()
        };
        if !known {
            input.remove("caseTemplate");
        }
    }
    let tasks = body["tasks"].as_array().cloned().unwrap_or_default();
    let tasks = tasks
        .iter()
        .map(|task| take::members(call.flavour, task, TASK, &["description"]).map(Value::Object));
    let tasks: Vec<Value> = tasks.collect::<Result<_, Answer>>()?;
    if !tasks.is_empty() {
        input.insert("tasks".to_owned(), tasks.into());
    }
    let made = call.tell(Method::POST, "/api/v1/case", input.into()).await?;
    Ok(call.shown_of(StatusCode::CREATED, &made))
}

fn copy(body: &Value, from: &str, input: &mut Map<String, Value>, to: &str) {
    if let Some(value) = body.get(from).filter(|value| !value.is_null()) {
        input.insert(to.to_owned(), value.clone());
    }
}

/// `PATCH /api/case/{id}`: 200 and the case. Closing ends its tasks.
pub async fn update(call: &Call, id: &str) -> Outcome {
    let body = &call.form.json;
    let mut input = take::members(call.flavour, body, BOTH, APART)?;
    set_fields(call.flavour, body, &mut input);
    copy(body, "owner", &mut input, "assignee");
    copy(body, "impactStatus", &mut input, "impactStatus");
    let resolution = body["resolutionStatus"].as_str();
    let (found, was_closed) = {
        let hive = call.app.lock();
        let found = call.find(&hive, Kind::Case, id)?;
        let stage = hive.store.get(found).and_then(|case| case.body.get("stage").cloned());
        (found, stage.is_some_and(|stage| stage == "Closed"))
    };
    let is_closed = match body["status"].as_str() {
        Some("Open") => false,
        Some("Resolved" | "Duplicated") => true,
        _ => was_closed,
    };
    match (was_closed, is_closed, resolution) {
        (true, false, _) => drop(input.insert("status".to_owned(), "InProgress".into())),
        (false, true, word) => drop(input.insert("status".to_owned(), word.unwrap_or("Indeterminate").into())),
        (true, true, Some(word)) => drop(input.insert("status".to_owned(), word.into())),
        (false, false, _) | (true, true, None) => {}
    }
    call.tell(Method::PATCH, &call.path("case", id, ""), input.into())
        .await?;
    let mut hive = call.app.lock();
    if let Some(word) = resolution {
        hive.store
            .amend(found, |case| keep(&mut case.body, show::RESOLUTION, Some(word.into())));
    }
    if is_closed && !was_closed {
        let tasks: Vec<u64> = hive.store.children(found, Kind::Task).collect();
        for task in tasks {
            hive.store.amend(task, |task| {
                let ended = match task.body.get("status").and_then(Value::as_str) {
                    Some("InProgress") => "Completed",
                    Some("Waiting") => "Cancel",
                    _ => return,
                };
                task.body.insert("status".to_owned(), ended.into());
            });
        }
    }
    drop(hive);
    call.get(Kind::Case, id)
}

/// `DELETE /api/case/{id}` and `.../force`: 204. On 3 only the second is real.
pub async fn delete(call: &Call, id: &str, real: bool) -> Outcome {
    if real {
        return call.tell(Method::DELETE, &call.path("case", id, ""), Value::Null).await;
    }
    let mut hive = call.app.lock();
    let found = call.find(&hive, Kind::Case, id)?;
    let author = call.session.author(call.app.control.now_ms());
    hive.store
        .update(found, &author, |case| keep(case, show::DELETED, Some(true.into())));
    Ok(Answer(StatusCode::NO_CONTENT, Value::Null))
}

/// `POST /api/case/{a}/_merge/{b}`: the new case; 200 on 3, 201 on 4.
pub async fn merge(call: &Call, a: &str, b: &str) -> Outcome {
    let (a, b) = (ids::v1(call.flavour, a), ids::v1(call.flavour, b));
    let status = if call.flavour == Flavour::V3 {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let merged = call
        .tell(Method::POST, &format!("/api/v1/case/_merge/{a},{b}"), json!({}))
        .await?;
    Ok(call.shown_of(status, &merged))
}
