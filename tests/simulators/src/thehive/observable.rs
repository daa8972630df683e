//! What can be done with an observable? Here: those of alerts, with text data. Answers of creation are lists, or 207.

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, PAP, Rule, TLP, optional, required},
    error::ApiError,
    kind::Kind,
    labels, marker,
    session::Session,
    store::wire_id,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::{collections::HashSet, sync::Arc};

/// Longest value, in characters, per value on v1 (contract 8).
const MAX_DATA: usize = 4096;

const CREATE: &[Field] = &[
    required("dataType", Rule::Text(1, 64)),
    optional("data", Rule::Data),
    optional("message", Rule::Text(0, LONG)),
    optional("startDate", Rule::Millis),
    optional("attachment", Rule::List),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("tags", Rule::Tags),
    optional("ioc", Rule::Bool),
    optional("sighted", Rule::Bool),
    optional("sightedAt", Rule::Millis),
    optional("ignoreSimilarity", Rule::Bool),
    optional("isZip", Rule::Bool),
    optional("zipPassword", Rule::Text(1, 512)),
];

const UPDATE: &[Field] = &[
    optional("dataType", Rule::Text(1, 64)),
    optional("message", Rule::Text(0, LONG)),
    optional("tlp", TLP),
    optional("pap", PAP),
    optional("tags", Rule::Tags),
    optional("addTags", Rule::Tags),
    optional("removeTags", Rule::Tags),
    optional("ioc", Rule::Bool),
    optional("sighted", Rule::Bool),
    optional("sightedAt", Rule::Millis),
    optional("ignoreSimilarity", Rule::Bool),
    optional("external", Rule::Bool),
];

/// Checks one input and answers the stored form of each of its values. Errors: fields; an unknown type, which fails the
/// whole call (D15); a type for files, because uploads are not simulated yet.
pub fn prepare(hive: &Hive, input: Value, now_ms: i64) -> Result<Vec<Map<String, Value>>, ApiError> {
    let mut input = check::create(input, CREATE)?;
    let data_type = input.get("dataType").and_then(Value::as_str).unwrap_or_default();
    let registered = hive.store.by_natural_key(Kind::ObservableType, 0, &[data_type]);
    let registered = registered.ok_or_else(|| ApiError::not_found(&format!("ObservableType {data_type}")))?;
    if registered.body.get("isAttachment") == Some(&Value::Bool(true)) || input.contains_key("attachment") {
        return Err(ApiError::bad_request("file observables are not simulated yet"));
    }
    let mut values = match input.remove("data") {
        Some(Value::Array(values)) => values,
        Some(value) => vec![value],
        None => Vec::new(),
    };
    if values.is_empty() {
        return Err(ApiError::bad_request(
            "Observable must contain data or attachment (but not both)",
        ));
    }
    let wrong = |value: &Value| {
        value
            .as_str()
            .is_none_or(|text| text.is_empty() || text.chars().count() > MAX_DATA)
    };
    if let Some(value) = values.iter().find(|value| wrong(value)) {
        return Err(ApiError::attributes(vec![json!({
            "name": "data", "type": "InvalidFormatAttributeError", "format": "string of 1 to 4096 characters",
            "acceptedInput": [], "field": value,
        })]));
    }
    let tags = unique_tags(input.get("tags"));
    input.insert("tags".into(), tags);
    for (name, default) in [
        ("tlp", json!(2)),
        ("pap", json!(2)),
        ("ioc", json!(false)),
        ("sighted", json!(false)),
        ("ignoreSimilarity", json!(false)),
        ("external", json!(false)),
        ("startDate", json!(now_ms)),
        ("reports", json!({})),
        ("extraData", json!({})),
    ] {
        input.entry(name).or_insert(default);
    }
    labels::set_labels(&mut input);
    let last = values.pop();
    let with_data = |mut fields: Map<String, Value>, value| {
        fields.insert("data".into(), value);
        fields
    };
    let mut prepared: Vec<_> = values
        .into_iter()
        .map(|value| with_data(input.clone(), value))
        .collect();
    // The usual single value needs no copy.
    prepared.extend(last.map(|value| with_data(input, value)));
    Ok(prepared)
}

/// The first observable with the type and data of an earlier one. Compared exactly, as 4.x does (contract 7).
pub fn first_duplicate(observables: &[Map<String, Value>]) -> Option<&Map<String, Value>> {
    let mut seen = HashSet::new();
    observables
        .iter()
        .find(|fields| !seen.insert((fields.get("dataType"), fields.get("data"))))
}

/// The answer, or the failure element, for an observable that exists.
pub fn exists(fields: &Map<String, Value>) -> ApiError {
    let object = json!({"data": fields.get("data")});
    ApiError::create(StatusCode::BAD_REQUEST, "Observable already exists").with("object", object)
}

/// Tags without repetitions, in order: tags are a set on the server.
pub fn unique_tags(tags: Option<&Value>) -> Value {
    let mut seen = HashSet::new();
    let tags = tags
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|tag| seen.insert(tag.as_str()));
    tags.cloned().collect()
}

/// The tags of `body` after `addTags` and `removeTags` of a change.
pub fn changed_tags(body: &Map<String, Value>, changes: &Map<String, Value>) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let removed = list(changes.get("removeTags"));
    let mut tags = list(body.get("tags"));
    tags.extend(list(changes.get("addTags")));
    tags.retain(|tag| !removed.contains(tag));
    unique_tags(Some(&Value::Array(tags)))
}

/// `POST /api/v1/alert/{idOrTriple}/observable`: 201 and a list, or 207 with what succeeded and what failed.
pub async fn post_to_alert(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(alert): Path<String>,
    Json(body): Json,
) -> Result<Response, ApiError> {
    session.require("manageObservable", "create observable")?;
    let now_ms = app.control.now_ms();
    let mut hive = app.lock();
    let alert = hive.store.resolve(Kind::Alert, session.organisation, &alert);
    let alert = alert.ok_or_else(|| ApiError::not_found("Alert"))?.id;
    let author = session.author(now_ms);
    let (mut success, mut failure) = (Vec::new(), Vec::new());
    for fields in prepare(&hive, body.clone(), now_ms)? {
        if has_observable(&hive, alert, &fields) {
            failure.push(json!({
                "type": "CreateError", "message": "Observable already exists", "object": {"data": fields.get("data")},
            }));
            continue;
        }
        let id = hive.insert(Kind::Observable, session.organisation, Some(alert), &author, fields)?;
        success.push(hive.body(id));
    }
    if !success.is_empty() {
        count_again(&mut hive, alert, &session, now_ms);
        let id = success
            .first()
            .and_then(|first| first["_id"].as_str())
            .map(str::to_owned);
        let path = format!("/api/v1/alert/{}/observable", wire_id(alert));
        app.control.effect("POST", &path, body.clone(), marker::find(&body), id);
    }
    if failure.is_empty() {
        return Ok((StatusCode::CREATED, axum::Json(success)).into_response());
    }
    let answer = json!({"success": success, "failure": failure});
    Ok((StatusCode::MULTI_STATUS, axum::Json(answer)).into_response())
}

fn has_observable(hive: &Hive, alert: u64, fields: &Map<String, Value>) -> bool {
    let data = fields.get("data").and_then(Value::as_str).unwrap_or_default();
    let same = hive.store.ids_with(Kind::Observable, "data", data).unwrap_or_default();
    let mut same = same.into_iter().filter_map(|id| hive.store.get(id));
    same.any(|other| other.parent == Some(alert) && other.body.get("dataType") == fields.get("dataType"))
}

fn count_again(hive: &mut Hive, alert: u64, session: &Session, now_ms: i64) {
    let count = hive.store.children(alert, Kind::Observable).count();
    hive.store.update(alert, &session.author(now_ms), |body| {
        body.insert("observableCount".into(), count.into());
    });
}

/// `GET /api/v1/observable/{id}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let hive = app.lock();
    let found = hive.store.resolve(Kind::Observable, session.organisation, &id);
    Ok(axum::Json(&found.ok_or_else(|| ApiError::not_found("Observable"))?.body).into_response())
}

/// `PATCH /api/v1/observable/{id}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageObservable", "update observable")?;
    let changes = check::update(body.clone(), UPDATE)?;
    let mut hive = app.lock();
    let found = hive.store.resolve(Kind::Observable, session.organisation, &id);
    let found = found.ok_or_else(|| ApiError::not_found("Observable"))?.id;
    if let Some(name) = changes.get("dataType").and_then(Value::as_str) {
        let registered = hive.store.by_natural_key(Kind::ObservableType, 0, &[name]);
        let registered = registered.ok_or_else(|| ApiError::not_found(&format!("ObservableType {name}")))?;
        if registered.body.get("isAttachment") == Some(&Value::Bool(true)) {
            return Err(ApiError::bad_request("a text observable cannot become a file"));
        }
    }
    hive.store
        .update(found, &session.author(app.control.now_ms()), |fields| {
            for (name, value) in changes
                .iter()
                .filter(|(name, _)| !["addTags", "removeTags"].contains(&name.as_str()))
            {
                fields.insert(name.clone(), value.clone());
            }
            let tags = changed_tags(fields, &changes);
            fields.insert("tags".into(), tags);
            labels::set_labels(fields);
        });
    app.control.effect(
        "PATCH",
        &format!("/api/v1/observable/{id}"),
        body.clone(),
        marker::find(&body),
        Some(id),
    );
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/observable/{id}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageObservable", "delete observable")?;
    let mut hive = app.lock();
    let found = hive.store.resolve(Kind::Observable, session.organisation, &id);
    let (found, parent) = found
        .map(|one| (one.id, one.parent))
        .ok_or_else(|| ApiError::not_found("Observable"))?;
    hive.store.remove(found);
    if let Some(parent) = parent {
        count_again(&mut hive, parent, &session, app.control.now_ms());
    }
    app.control.effect(
        "DELETE",
        &format!("/api/v1/observable/{id}"),
        Value::Null,
        None,
        Some(id),
    );
    Ok(StatusCode::NO_CONTENT)
}
