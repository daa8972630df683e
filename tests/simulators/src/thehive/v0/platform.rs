//! What else does v0 answer? Who asks, lists, definitions of custom fields, case templates, files.

use super::{
    Flavour,
    call::{Answer, Call, Outcome},
    take::{self, Names},
};
use crate::thehive::{error::ApiError, kind::Kind};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

/// The list of 3 that holds the observable types.
const TYPES: &str = "list_artifactDataType";
const TEMPLATE: Names = &[
    ("name", "name"),
    ("titlePrefix", "titlePrefix"),
    ("description", "description"),
    ("severity", "severity"),
    ("tags", "tags"),
    ("flag", "flag"),
    ("tlp", "tlp"),
    ("pap", "pap"),
    ("customFields", "customFields"),
];

/// `GET /api/user/current`.
pub fn current_user(call: &Call) -> Answer {
    let mut answer = call.shown(StatusCode::OK, call.session.user);
    if call.flavour == Flavour::V4 {
        let hive = call.app.lock();
        answer.1["organisation"] = hive.organisation_name(call.session.organisation).into();
    }
    answer
}

/// `GET /api/list/{name}`: `{item id: item}`.
pub fn list(call: &Call, name: &str) -> Outcome {
    let kind = match name {
        TYPES => Kind::ObservableType,
        "custom_fields" => Kind::CustomField,
        _ => return Ok(Answer(StatusCode::OK, json!({}))),
    };
    let hive = call.app.lock();
    let items = hive.store.ids(kind).filter_map(|id| {
        let body = &hive.store.get(id)?.body;
        let name = body.get("name")?;
        let item = if kind == Kind::CustomField {
            json!({"name": name, "reference": name, "description": body.get("description"), "type": body.get("type")})
        } else {
            name.clone()
        };
        Some((format!("item-{id}"), item))
    });
    let items: Map<String, Value> = items.collect();
    Ok(Answer(StatusCode::OK, items.into()))
}

/// `POST /api/list/custom_fields {"value": {name, reference, description, type, ..}}`: 200 and the item's id. Done by the platform, as
/// the vendor's old client lets any administrator do it.
pub async fn add_to_list(call: &Call, name: &str) -> Outcome {
    let value = &call.form.json["value"];
    if name != "custom_fields" {
        return Err(ApiError::bad_request("this list is not simulated").into());
    }
    let kind = match value["type"].as_str() {
        Some("number") => "integer",
        Some(kind) => kind,
        None => "string",
    };
    let field = json!({
        "name": value["reference"].as_str().or(value["name"].as_str()), "type": kind, "group": "default",
        "description": value["description"].as_str().unwrap_or_default(),
    });
    let Answer(_, made) = call.tell(Method::POST, "/api/v1/customField", field).await?;
    Ok(Answer(StatusCode::OK, made["_id"].clone()))
}

/// `POST /api/list/custom_fields/_exists {"key", "value"}`.
pub fn field_exists(call: &Call) -> Outcome {
    let name = call.form.json["value"].as_str().unwrap_or_default();
    let found = call
        .app
        .lock()
        .store
        .by_natural_key(Kind::CustomField, 0, &[name])
        .is_some();
    Ok(Answer(StatusCode::OK, json!({"found": found})))
}

/// `POST /api/case/template`: 201 and the template.
pub async fn create_template(call: &Call) -> Outcome {
    let body = &call.form.json;
    let mut input = take::members(call.flavour, body, TEMPLATE, &["tasks", "status", "metrics"])?;
    let fields = take::field_list(call.flavour, input.remove("customFields"));
    input.insert("customFields".to_owned(), fields);
    let tasks = body["tasks"].as_array().cloned().unwrap_or_default();
    let titles = tasks
        .iter()
        .map(|task| json!({"title": task["title"], "group": "default"}));
    input.insert("tasks".to_owned(), titles.collect::<Vec<_>>().into());
    let made = call.tell(Method::POST, "/api/v1/caseTemplate", input.into()).await?;
    Ok(call.shown_of(StatusCode::CREATED, &made))
}

/// `GET /api/datastore/{sha256}?name=`: the bytes.
pub fn download(call: &Call, sha256: &str) -> Response {
    let hive = call.app.lock();
    let seen = hive
        .store
        .ids(Kind::Attachment)
        .filter_map(|id| hive.store.get(id))
        .any(|file| {
            file.organisation == call.session.organisation
                && file.body.get("id").and_then(Value::as_str) == Some(sha256)
        });
    match hive.vault.get(sha256).filter(|_| seen) {
        Some(content) => ([(header::CONTENT_TYPE, "application/octet-stream")], content.body()).into_response(),
        None => ApiError::not_found("Attachment").into_response(),
    }
}
