//! What happens when a case is created? Everything is checked first, so that a refused call leaves nothing behind.

use super::{fields::CREATE, update::set_status};
use crate::thehive::{
    alert::check_assignee,
    app::{Hive, TheHive},
    body::Json,
    check, custom_field,
    error::ApiError,
    kind::Kind,
    labels, page,
    record::record,
    session::Session,
    store::Author,
    tags, task,
};
use axum::extract::State;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// `POST /api/v1/case`.
pub async fn handler(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageCase/create", "create case")?;
    if session.is_admin {
        return Err(ApiError::authorization("Organisation admin cannot hold cases"));
    }
    let mut hive = app.lock();
    let author = session.author(app.control.now_ms());
    let id = create(&mut hive, session.organisation, &author, body.clone())?;
    record(&app, &hive, "POST", "/api/v1/case", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// Creates a case with its tasks. Errors: fields; an unknown template, assignee, custom field or status (404).
pub fn create(hive: &mut Hive, organisation: u64, author: &Author<'_>, body: Value) -> Result<u64, ApiError> {
    let mut input = check::create(body, CREATE)?;
    // No rules of sharing are simulated: one organisation owns a case, and only it sees the case.
    for rule in ["taskRule", "observableRule", "sharingParameters"] {
        input.remove(rule);
    }
    let template = template(hive, organisation, input.remove("caseTemplate").as_ref())?;
    let tasks = list(input.remove("tasks"))
        .or_else(|| list(template.get("tasks").cloned()))
        .unwrap_or_default();
    let tasks: Result<Vec<_>, ApiError> = tasks
        .into_iter()
        .map(|one| task::prepare(hive, task::input(one)))
        .collect();
    let tasks = tasks?;
    let pages: Result<Vec<_>, ApiError> = list(input.remove("pages"))
        .unwrap_or_default()
        .into_iter()
        .map(page::prepare)
        .collect();
    let pages = pages?;
    let mut fields = output(hive, input, &template, author)?;
    fields.insert("number".into(), hive.next_case.into());
    let id = hive.insert(Kind::Case, organisation, None, author, fields)?;
    hive.next_case += 1;
    for fields in tasks {
        hive.insert(Kind::Task, organisation, Some(id), author, fields)?;
    }
    for fields in pages {
        hive.insert(Kind::Page, organisation, Some(id), author, fields)?;
    }
    Ok(id)
}

/// The template's body; empty without one.
fn template(hive: &Hive, organisation: u64, name: Option<&Value>) -> Result<Map<String, Value>, ApiError> {
    let Some(name) = name.and_then(Value::as_str) else {
        return Ok(Map::new());
    };
    let found = hive.store.resolve(Kind::CaseTemplate, organisation, name);
    let found = found.ok_or_else(|| ApiError::not_found(&format!("CaseTemplate {name}")))?;
    Ok(found.body.clone())
}

/// A list that is there and not empty.
fn list(value: Option<Value>) -> Option<Vec<Value>> {
    match value {
        Some(Value::Array(list)) if !list.is_empty() => Some(list),
        _ => None,
    }
}

/// The stored form of a checked input: what the template gives, defaults, labels, stage, dates.
fn output(
    hive: &Hive,
    mut input: Map<String, Value>,
    template: &Map<String, Value>,
    author: &Author<'_>,
) -> Result<Map<String, Value>, ApiError> {
    let now_ms = author.now_ms;
    if let (Some(prefix), Some(title)) = (text(template, "titlePrefix"), text(&input, "title")) {
        let title = format!("{prefix} {title}");
        input.insert("title".into(), title.into());
    }
    for name in ["severity", "tlp", "pap", "flag", "summary"] {
        if let Some(value) = template.get(name) {
            input.entry(name).or_insert_with(|| value.clone());
        }
    }
    let start = input.get("startDate").and_then(Value::as_i64).unwrap_or(now_ms);
    for (name, default) in [
        ("severity", json!(2)),
        ("startDate", json!(start)),
        ("flag", json!(false)),
        ("tlp", json!(2)),
        ("pap", json!(2)),
        ("access", json!({"_kind": "OrganisationAccessKind"})),
        ("userPermissions", json!([])),
        ("extraData", json!({})),
    ] {
        input.entry(name).or_insert(default);
    }
    // Without an assignee the caller is it, as on 4 (contract 2.2) and in what webhooks of 5 show; a loaded case has no caller.
    if hive.store.by_natural_key(Kind::User, 0, &[author.login]).is_some() {
        input.entry("assignee").or_insert_with(|| author.login.into());
    }
    check_assignee(hive, input.get("assignee"))?;
    let of_template = template.get("customFields").cloned().unwrap_or_else(|| json!([]));
    let given = custom_field::apply(hive, &json!([]), input.get("customFields").unwrap_or(&json!([])))?;
    input.insert("customFields".into(), custom_field::joined(&of_template, &given));
    input.insert("tags".into(), tags::joined(input.get("tags"), template.get("tags")));
    input.insert("newDate".into(), now_ms.into());
    input.insert("timeToDetect".into(), json!((now_ms - start).max(0)));
    let status = text(&input, "status").unwrap_or("New").to_owned();
    set_status(hive, &mut input, &status, now_ms)?;
    labels::set_labels(&mut input);
    Ok(input)
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}
