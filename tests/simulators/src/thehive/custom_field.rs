//! What are custom fields, as definitions and as values? Input is a list (replaces all) or a map (sets the named ones).

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::Resource,
    session::Session,
    store::wire_id,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const TYPES: Rule = Rule::Word(&["string", "integer", "float", "boolean", "date", "url"]);

const CREATE: &[Field] = &[
    required("name", Rule::Text(1, 64)),
    optional("displayName", Rule::Text(1, 64)),
    required("group", Rule::Text(1, 64)),
    required("description", Rule::Text(0, LONG)),
    required("type", TYPES),
    optional("mandatory", Rule::Bool),
    optional("options", Rule::List),
];

const UPDATE: &[Field] = &[
    optional("displayName", Rule::Text(1, 64)),
    optional("group", Rule::Text(1, 64)),
    optional("description", Rule::Text(0, LONG)),
    optional("type", TYPES),
    optional("mandatory", Rule::Bool),
    optional("options", Rule::List),
];

/// Definitions.
pub struct CustomField;

impl Resource for CustomField {
    const KIND: Kind = Kind::CustomField;
    const PATH: &'static str = "/api/v1/customField";
    const CHANGE: &'static str = "manageCustomField";
    const REMOVE: &'static str = "manageCustomField";
    const UPDATE: &'static [Field] = UPDATE;
}

/// The stored form of a definition.
pub fn definition(input: Value) -> Result<Map<String, Value>, ApiError> {
    let input = check::create(input, CREATE)?;
    let name = input.get("name").cloned().unwrap_or_default();
    let mut fields = Map::from_iter([
        ("name".to_owned(), name.clone()),
        ("displayName".to_owned(), name),
        ("group".to_owned(), Value::Null),
        ("description".to_owned(), Value::Null),
        ("type".to_owned(), Value::Null),
        ("mandatory".to_owned(), false.into()),
        ("options".to_owned(), json!([])),
        ("extraData".to_owned(), json!({})),
    ]);
    fields.extend(input);
    Ok(fields)
}

/// The values of an entity after setting `input`: a list replaces all, a map sets the named ones and keeps the others
/// (5.7 semantics, contract 2.7). Errors: an undefined field (404), a value that does not fit its type (400).
pub fn apply(hive: &Hive, current: &Value, input: &Value) -> Result<Value, ApiError> {
    let mut values = Vec::new();
    match input {
        Value::Array(list) => {
            for (position, entry) in list.iter().enumerate() {
                let name = entry.get("name").and_then(Value::as_str).unwrap_or_default();
                let order = entry
                    .get("order")
                    .and_then(Value::as_i64)
                    .unwrap_or(i64::try_from(position).unwrap_or(0));
                values.push(value(hive, name, entry.get("value").unwrap_or(&Value::Null), order)?);
            }
        }
        Value::Object(map) => {
            values = current.as_array().cloned().unwrap_or_default();
            for (name, given) in map {
                let old = values.iter().position(|value| value["name"] == name.as_str());
                let order = old
                    .and_then(|at| values.get(at)?.get("order")?.as_i64())
                    .unwrap_or_else(|| next_order(&values));
                let new = value(hive, name, given, order)?;
                match old.and_then(|at| values.get_mut(at)) {
                    Some(slot) => *slot = new,
                    None => values.push(new),
                }
            }
        }
        _ => return Err(ApiError::bad_request("customFields: expected a list or an object")),
    }
    Ok(Value::Array(values))
}

/// The values of two entities together; where both have a field, the second wins.
pub fn joined(one: &Value, other: &Value) -> Value {
    let list = |values: &Value| values.as_array().cloned().unwrap_or_default();
    let mut values = list(one);
    for mut value in list(other) {
        let old = values.iter_mut().find(|old| old["name"] == value["name"]);
        match old {
            Some(slot) => *slot = value,
            None => {
                value["order"] = next_order(&values).into();
                values.push(value);
            }
        }
    }
    values.into()
}

fn next_order(values: &[Value]) -> i64 {
    values
        .iter()
        .filter_map(|value| value["order"].as_i64())
        .max()
        .map_or(0, |last| last + 1)
}

fn value(hive: &Hive, name: &str, value: &Value, order: i64) -> Result<Value, ApiError> {
    let definition = hive.store.by_natural_key(Kind::CustomField, 0, &[name]);
    let definition = definition.ok_or_else(|| ApiError::not_found(&format!("CustomField {name}")))?;
    let kind = definition.body.get("type").and_then(Value::as_str).unwrap_or_default();
    let fits = match kind {
        "string" | "url" => value.is_string(),
        // 32 bits (contract 2.7).
        "integer" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "float" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_i64(),
    };
    if !fits && !value.is_null() {
        return Err(ApiError::bad_request(format!(
            "Custom field {name}: {value} is not a valid {kind}"
        )));
    }
    Ok(json!({"_id": wire_id(definition.id), "name": name, "type": kind, "value": value, "order": order}))
}

/// `GET /api/v1/customField`.
pub async fn list(State(app): State<Arc<TheHive>>, _session: Session) -> Response {
    let hive = app.lock();
    let all: Vec<_> = hive
        .store
        .ids(Kind::CustomField)
        .filter_map(|id| hive.store.get(id))
        .map(|one| &one.body)
        .collect();
    axum::Json(all).into_response()
}

/// `POST /api/v1/customField`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageCustomField", "create custom field")?;
    let fields = definition(body.clone())?;
    let mut hive = app.lock();
    let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
    if hive.store.by_natural_key(Kind::CustomField, 0, &[name]).is_some() {
        let message = format!("CustomField {name} already exists");
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let id = hive.insert(
        Kind::CustomField,
        0,
        None,
        &session.author(app.control.now_ms()),
        fields,
    )?;
    record(&app, &hive, "POST", "/api/v1/customField", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}
