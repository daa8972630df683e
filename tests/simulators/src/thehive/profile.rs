//! What can be done with a profile? The four built-in ones are read only; an administrator adds others (contract 1.5).

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, Rule, optional, required},
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

const CREATE: &[Field] = &[
    required("name", Rule::Text(1, 64)),
    optional("permissions", Rule::Tags),
    optional("type", Rule::Text(1, 64)),
];

const UPDATE: &[Field] = &[optional("name", Rule::Text(1, 64)), optional("permissions", Rule::Tags)];

/// The stored form of a profile.
pub fn fields(name: &str, permissions: Value, editable: bool) -> Map<String, Value> {
    let for_admin = name == "admin";
    Map::from_iter([
        ("name".to_owned(), name.into()),
        ("permissions".to_owned(), permissions),
        ("editable".to_owned(), editable.into()),
        ("type".to_owned(), if for_admin { "Admin" } else { "Org" }.into()),
        ("forAdmin".to_owned(), for_admin.into()),
        ("forOrg".to_owned(), (!for_admin).into()),
        ("forExternal".to_owned(), false.into()),
        ("consumesLicense".to_owned(), (name != "read-only").into()),
    ])
}

/// `POST /api/v1/profile`.
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageProfile", "create profile")?;
    let input = check::create(body.clone(), CREATE)?;
    let name = input.get("name").and_then(Value::as_str).unwrap_or_default();
    let mut hive = app.lock();
    if hive.store.by_natural_key(Kind::Profile, 0, &[name]).is_some() {
        let message = format!("Profile {name} already exists");
        return Err(ApiError::create(hive.settings.duplicate_status, message));
    }
    let fields = fields(
        name,
        input.get("permissions").cloned().unwrap_or_else(|| json!([])),
        true,
    );
    let author = session.author(app.control.now_ms());
    let id = hive.insert(Kind::Profile, 0, None, &author, fields)?;
    record(&app, &hive, "POST", "/api/v1/profile", body, &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `GET /api/v1/profile/{idOrName}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let found = hive.find(Kind::Profile, &session, &id)?;
    Ok(axum::Json(hive.body(found)))
}

/// `PATCH /api/v1/profile/{idOrName}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let changes = check::update(body.clone(), UPDATE)?;
    let mut hive = app.lock();
    let found = editable(&hive, &session, &id)?;
    hive.store
        .update(found, &session.author(app.control.now_ms()), |fields| {
            fields.extend(changes);
        });
    record(
        &app,
        &hive,
        "PATCH",
        &format!("/api/v1/profile/{}", wire_id(found)),
        body,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/profile/{idOrName}`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let mut hive = app.lock();
    let found = editable(&hive, &session, &id)?;
    hive.store.remove(found);
    let id = wire_id(found);
    app.control
        .effect("DELETE", &format!("/api/v1/profile/{id}"), Value::Null, None, Some(id));
    Ok(StatusCode::NO_CONTENT)
}

fn editable(hive: &Hive, session: &Session, id: &str) -> Result<u64, ApiError> {
    session.require("manageProfile", "change profile")?;
    let found = hive.find(Kind::Profile, session, id)?;
    let editable = hive.store.get(found).and_then(|profile| profile.body.get("editable"));
    if editable == Some(&Value::Bool(true)) {
        return Ok(found);
    }
    Err(ApiError::bad_request("a built-in profile cannot be changed"))
}
