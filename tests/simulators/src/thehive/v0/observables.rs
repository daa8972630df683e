//! What can be done with an observable of v0 (contract 2.4)? The answer to a new one has another shape on 3 than on 4.

use super::{
    Flavour,
    call::{Answer, Call, Outcome, id_of},
    show,
    take::{self, Names},
};
use crate::thehive::{
    error::ApiError,
    kind::Kind,
    upload::{File, Form},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::{collections::HashSet, sync::Arc};

const CREATE: Names = &[
    ("dataType", "dataType"),
    ("data", "data"),
    ("message", "message"),
    ("startDate", "startDate"),
    ("tlp", "tlp"),
    ("tags", "tags"),
    ("ioc", "ioc"),
    ("sighted", "sighted"),
];
const OF_4: Names = &[("ignoreSimilarity", "ignoreSimilarity")];
const UPDATE: Names = &[
    ("message", "message"),
    ("tlp", "tlp"),
    ("tags", "tags"),
    ("ioc", "ioc"),
    ("sighted", "sighted"),
    ("dataType", "dataType"),
];

fn input(call: &Call, body: &Value) -> Result<Map<String, Value>, Answer> {
    let mut input = take::members(
        call.flavour,
        body,
        CREATE,
        &["attachment", "isZip", "zipPassword", "status"],
    )?;
    if call.flavour == Flavour::V4 {
        input.extend(take::members(call.flavour, body, OF_4, &[])?);
        return Ok(input);
    }
    // 3 wants a message or a tag, and trims values.
    let has_message = input
        .get("message")
        .and_then(Value::as_str)
        .is_some_and(|text| !text.is_empty());
    let has_tag = input
        .get("tags")
        .and_then(Value::as_array)
        .is_some_and(|tags| !tags.is_empty());
    if !has_message && !has_tag {
        let error = json!({"name": "message", "type": "MissingAttributeError"});
        return Err(ApiError::attributes(vec![error])
            .with("tableName", "case_artifact".into())
            .into());
    }
    if let Some(Value::String(data)) = input.get_mut("data") {
        *data = data.trim().to_owned();
    }
    Ok(input)
}

/// The artifacts of a new alert; files come as `name;type;base64` and are put into the form.
pub fn inline(call: &Call, artifacts: Vec<Value>, form: &mut Form) -> Result<Vec<Value>, Answer> {
    let mut prepared = Vec::new();
    let mut seen = HashSet::new();
    for artifact in artifacts {
        let mut one = input(call, &artifact)?;
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, data) = (text("dataType"), text("data"));
        if call.flavour == Flavour::V3 {
            let hive = call.app.lock();
            let unknown = hive.store.by_natural_key(Kind::ObservableType, 0, &[&kind]).is_none();
            if unknown || !seen.insert((kind.clone(), data.clone())) {
                continue;
            }
        }
        if kind == "file" {
            let part = format!("artifact-{}", prepared.len());
            form.files.push(file(call, &part, &data)?);
            one.remove("data");
            one.insert("attachment".to_owned(), part.into());
        }
        prepared.push(Value::Object(one));
    }
    Ok(prepared)
}

fn file(call: &Call, part: &str, data: &str) -> Result<File, Answer> {
    let wrong = || Answer::from(ApiError::bad_request("a file is `name;content type;base64`"));
    let mut pieces = data.splitn(3, ';');
    let (Some(name), Some(media_type), Some(content)) = (pieces.next(), pieces.next(), pieces.next()) else {
        return Err(wrong());
    };
    let bytes = STANDARD.decode(content).map_err(|_| wrong())?;
    let vault = Arc::clone(&call.app.lock().vault);
    let mut writer = vault.writer();
    writer.write(&bytes).map_err(|_| wrong())?;
    Ok(File {
        part: part.to_owned(),
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        content: writer.finish().map_err(|_| wrong())?,
    })
}

/// `POST /api/{case|alert}/{id}/artifact`.
pub async fn create(call: &Call, owner: &str, id: &str) -> Outcome {
    let json = input(call, &call.form.json)?;
    let single = json.get("data").is_some_and(Value::is_string);
    let form = Form {
        json: json.into(),
        files: call.form.files.clone(),
    };
    let Answer(status, body) = call
        .ask(Method::POST, &call.path(owner, id, "/observable"), form)
        .await?;
    let hive = call.app.lock();
    let shown = |rows: &Value| -> Vec<Value> {
        let rows = rows.as_array().into_iter().flatten();
        rows.map(|row| show::entity(&hive, call.flavour, id_of(row))).collect()
    };
    if status == StatusCode::CREATED {
        let mut rows = shown(&body);
        return Ok(match (call.flavour, single, rows.pop()) {
            (Flavour::V3, true, Some(only)) if rows.is_empty() => Answer(status, only),
            (_, _, last) => {
                rows.extend(last);
                Answer(status, rows.into())
            }
        });
    }
    let success = shown(&body["success"]);
    let failure = body["failure"].as_array().cloned().unwrap_or_default();
    if call.flavour == Flavour::V4 {
        return Ok(Answer(
            StatusCode::MULTI_STATUS,
            json!({"success": success, "failure": failure}),
        ));
    }
    let failure: Vec<Value> = failure
        .into_iter()
        .map(|one| json!({"type": "ConflictError", "message": "Artifact already exists", "object": one["object"]}))
        .collect();
    match (success.is_empty(), single, failure.first()) {
        (true, true, Some(only)) => Err(Answer(StatusCode::BAD_REQUEST, only.clone())),
        (true, ..) => Err(Answer(StatusCode::BAD_REQUEST, failure.into())),
        (false, ..) => Ok(Answer(
            StatusCode::MULTI_STATUS,
            json!({"success": success, "failure": failure}),
        )),
    }
}

/// `PATCH /api/case/artifact/{id}`: 200 and the observable.
pub async fn update(call: &Call, id: &str) -> Outcome {
    let input = take::members(call.flavour, &call.form.json, UPDATE, &[])?;
    call.tell(Method::PATCH, &call.path("observable", id, ""), input.into())
        .await?;
    call.get(Kind::Observable, id)
}

/// `DELETE /api/case/artifact/{id}`: 204.
pub async fn delete(call: &Call, id: &str) -> Outcome {
    call.tell(Method::DELETE, &call.path("observable", id, ""), Value::Null)
        .await
}
