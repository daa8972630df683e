//! What can be done with a profile? The four built-in ones are read only; an administrator adds others (contract 1.5).

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::record,
    resource::Resource,
    session::Session,
};
use axum::extract::State;
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("name", Rule::Text(1, 64)),
    optional("permissions", Rule::Tags),
    optional("type", Rule::Text(1, 64)),
];

const UPDATE: &[Field] = &[optional("name", Rule::Text(1, 64)), optional("permissions", Rule::Tags)];

/// Profiles of the platform.
pub struct Profile;

impl Resource for Profile {
    const KIND: Kind = Kind::Profile;
    const PATH: &'static str = "/api/v1/profile";
    const CHANGE: &'static str = "manageProfile";
    const REMOVE: &'static str = "manageProfile";
    const UPDATE: &'static [Field] = UPDATE;

    fn guard(hive: &Hive, _session: &Session, id: u64) -> Result<(), ApiError> {
        let editable = hive.store.get(id).and_then(|profile| profile.body.get("editable"));
        if editable == Some(&Value::Bool(true)) {
            return Ok(());
        }
        Err(ApiError::bad_request("a built-in profile cannot be changed"))
    }
}

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
