//! How do a user's key and password change? They are never shown again, and never in the effects log.

use super::{derived, visible};
use crate::thehive::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Rule, required},
    error::ApiError,
    record::record,
    session::{Account, Session, check_password},
    store::wire_id,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

/// `POST /api/v1/user/{idOrLogin}/key/renew`: the new key as text.
pub async fn renew_key(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<String, ApiError> {
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    if found != session.user {
        session.require("manageUser", "renew key")?;
    }
    let key = uuid::Uuid::now_v7().simple().to_string();
    let account = hive.accounts.get(found).cloned().unwrap_or_default();
    replace_account(
        &mut hive,
        &session,
        found,
        Account {
            key: Some(key.clone()),
            ..account
        },
        app.control.now_ms(),
    );
    let path = format!("/api/v1/user/{}/key/renew", wire_id(found));
    record(&app, &hive, "POST", &path, Value::Null, &[found]);
    Ok(key)
}

/// `GET /api/v1/user/{idOrLogin}/key`: the key as text.
pub async fn get_key(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<String, ApiError> {
    session.require("manageUser", "read key")?;
    let hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    hive.accounts
        .get(found)
        .and_then(|account| account.key.clone())
        .ok_or_else(|| ApiError::not_found("API key"))
}

/// `DELETE /api/v1/user/{idOrLogin}/key`.
pub async fn delete_key(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    if found != session.user {
        session.require("manageUser", "remove key")?;
    }
    let account = hive.accounts.get(found).cloned().unwrap_or_default();
    let account = Account { key: None, ..account };
    replace_account(&mut hive, &session, found, account, app.control.now_ms());
    let path = format!("/api/v1/user/{}/key", wire_id(found));
    record(&app, &hive, "DELETE", &path, Value::Null, &[found]);
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/user/{idOrLogin}/password/set {password}`, by an administrator.
pub async fn set_password(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageUser", "set password")?;
    let input = check::create(body, &[required("password", Rule::Text(1, 128))])?;
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    put_password(&app, &mut hive, &session, found, &input, "set");
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/user/{idOrLogin}/password/change {currentPassword, password}`, by the user. Error: 401 for a wrong password.
pub async fn change_password(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let fields = [
        required("currentPassword", Rule::Text(1, 128)),
        required("password", Rule::Text(1, 128)),
    ];
    let input = check::create(body, &fields)?;
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    if found != session.user {
        return Err(ApiError::authorization("Operation not permitted"));
    }
    let current = input.get("currentPassword").and_then(Value::as_str).unwrap_or_default();
    if check_password(&hive, &session.login, current) != Some(found) {
        return Err(ApiError::authentication());
    }
    put_password(&app, &mut hive, &session, found, &input, "change");
    Ok(StatusCode::NO_CONTENT)
}

fn put_password(app: &TheHive, hive: &mut Hive, session: &Session, user: u64, input: &Map<String, Value>, verb: &str) {
    let account = hive.accounts.get(user).cloned().unwrap_or_default();
    let password = input.get("password").and_then(Value::as_str).map(str::to_owned);
    replace_account(
        hive,
        session,
        user,
        Account { password, ..account },
        app.control.now_ms(),
    );
    let path = format!("/api/v1/user/{}/password/{verb}", wire_id(user));
    record(app, hive, "POST", &path, Value::Null, &[user]);
}

/// Replaces an account and the fields of the user that follow from it.
pub fn replace_account(hive: &mut Hive, session: &Session, user: u64, account: Account, now_ms: i64) {
    let fields = derived(hive, &account);
    hive.accounts.put(user, account);
    hive.store
        .update(user, &session.author(now_ms), |body| body.extend(fields));
}
