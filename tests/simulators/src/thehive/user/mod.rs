//! What can be done with a user? The minimum that a connector's self-test and a test's set-up need (contract 1.3, 2.10).

mod secrets;

pub use secrets::{change_password, delete_key, get_key, renew_key, set_password};

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field, LONG, Rule, optional, required},
    error::ApiError,
    kind::Kind,
    record::{record, record_removal},
    session::{Account, Session, check_password, profile_permissions},
    store::wire_id,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use secrets::replace_account;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const CREATE: &[Field] = &[
    required("login", Rule::Text(1, 128)),
    required("name", Rule::Text(1, 128)),
    required("profile", Rule::Text(1, 64)),
    optional("email", Rule::Text(1, 128)),
    optional("password", Rule::Text(1, 128)),
    optional("organisation", Rule::Text(1, 128)),
    optional("type", Rule::Word(&["Normal", "Service", "External"])),
];

const UPDATE: &[Field] = &[
    optional("name", Rule::Text(1, 128)),
    optional("email", Rule::Text(1, 128)),
    optional("locked", Rule::Bool),
    optional("type", Rule::Word(&["Normal", "Service", "External"])),
    // Of the membership in the session's organisation.
    optional("profile", Rule::Text(1, 64)),
    // The organisation that the profile is for; without it the session's.
    optional("organisation", Rule::Text(1, 128)),
    optional("defaultOrganisation", Rule::Text(1, 128)),
    optional("avatar", Rule::Text(0, LONG)),
];

/// The fields of a user that follow from the account.
pub fn derived(hive: &Hive, account: &Account) -> Map<String, Value> {
    let organisations: Vec<Value> = account
        .memberships
        .iter()
        .map(|(id, profile)| {
            let name = hive.organisation_name(*id);
            json!({"organisationId": wire_id(*id), "organisation": name, "profile": profile, "links": []})
        })
        .collect();
    let (default, profile) = account.memberships.first().cloned().unwrap_or_default();
    let permissions = account
        .permissions
        .clone()
        .unwrap_or_else(|| profile_permissions(hive, &profile));
    let default = hive.organisation_name(default);
    Map::from_iter([
        ("login".to_owned(), account.login.as_str().into()),
        ("hasKey".to_owned(), account.key.is_some().into()),
        ("hasPassword".to_owned(), account.password.is_some().into()),
        ("hasMFA".to_owned(), false.into()),
        ("profile".to_owned(), profile.into()),
        ("permissions".to_owned(), permissions.into()),
        ("organisation".to_owned(), default.into()),
        ("defaultOrganisation".to_owned(), default.into()),
        ("organisations".to_owned(), organisations.into()),
    ])
}

/// The body of a session's own user: the same, seen from the organisation of the session.
fn current_body(hive: &Hive, session: &Session) -> Value {
    let mut body = hive.body(session.user);
    body["organisation"] = hive.organisation_name(session.organisation).into();
    body["profile"] = session.profile.as_str().into();
    body["permissions"] = session.permissions.clone().into();
    body
}

/// `POST /api/v1/login {user, password, organisation?}`.
pub async fn login(State(app): State<Arc<TheHive>>, Json(body): Json) -> Result<Response, ApiError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let mut hive = app.lock();
    let user = check_password(
        &hive,
        text("user").unwrap_or_default(),
        text("password").unwrap_or_default(),
    );
    let session = Session::of(&hive, user.ok_or_else(ApiError::authentication)?, text("organisation"))?;
    let token = hive.accounts.open_session(session.user);
    let cookie = format!("THEHIVE-SESSION={token}; Path=/; HttpOnly; SameSite=Lax");
    Ok((
        [(header::SET_COOKIE, cookie)],
        axum::Json(current_body(&hive, &session)),
    )
        .into_response())
}

/// `GET /api/v1/user/current`.
pub async fn current(State(app): State<Arc<TheHive>>, session: Session) -> axum::Json<Value> {
    axum::Json(current_body(&app.lock(), &session))
}

/// `GET /api/v1/user/{idOrLogin}`.
pub async fn get(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    Ok(axum::Json(hive.body(found)).into_response())
}

/// `POST /api/v1/user`: an existing login is answered as it is, with 201 (contract 2.10).
pub async fn post(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<(StatusCode, axum::Json<Value>), ApiError> {
    session.require("manageUser", "create user")?;
    let mut input = check::create(body.clone(), CREATE)?;
    let mut hive = app.lock();
    let mut take = |name: &str| input.remove(name).and_then(|value| value.as_str().map(str::to_owned));
    let login = take("login").unwrap_or_default().to_lowercase();
    let profile = checked_profile(&hive, take("profile").unwrap_or_default())?;
    let organisation = match take("organisation") {
        Some(name) => hive.store.resolve(Kind::Organisation, 0, &name).map(|found| found.id),
        None => Some(session.organisation),
    };
    let organisation = organisation.filter(|id| session.is_admin || *id == session.organisation);
    let organisation = organisation.ok_or_else(|| ApiError::not_found("Organisation"))?;
    let password = take("password");
    if let Some(existing) = hive.store.by_natural_key(Kind::User, 0, &[&login]) {
        return Ok((StatusCode::CREATED, axum::Json(Value::Object(existing.body.clone()))));
    }
    let account = Account {
        login,
        password,
        memberships: vec![(organisation, profile)],
        ..Account::default()
    };
    let mut fields = derived(&hive, &account);
    fields.extend([
        ("locked".to_owned(), false.into()),
        ("type".to_owned(), "Normal".into()),
    ]);
    fields.insert("extraData".into(), json!({}));
    fields.extend(input);
    let id = hive.insert(Kind::User, 0, None, &session.author(app.control.now_ms()), fields)?;
    hive.accounts.put(id, account);
    record(&app, &hive, "POST", "/api/v1/user", without_password(body), &[id]);
    Ok((StatusCode::CREATED, axum::Json(hive.body(id))))
}

/// `PATCH /api/v1/user/{idOrLogin}`.
pub async fn patch(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    session.require("manageUser", "update user")?;
    let mut changes = check::update(body.clone(), UPDATE)?;
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    let mut take = |name: &str| changes.remove(name).and_then(|value| value.as_str().map(str::to_owned));
    let (profile, within, default) = (take("profile"), take("organisation"), take("defaultOrganisation"));
    let organisation = |name: Option<&String>| match name {
        Some(name) => hive.find_platform(Kind::Organisation, name),
        None => Ok(session.organisation),
    };
    let (within, default_id) = (organisation(within.as_ref())?, organisation(default.as_ref())?);
    let mut account = hive.accounts.get(found).cloned().unwrap_or_default();
    let position = |account: &Account, wanted: u64| {
        let at = account.memberships.iter().position(|(id, _)| *id == wanted);
        at.ok_or_else(|| ApiError::not_found("Membership"))
    };
    if let Some(profile) = &profile {
        let profile = checked_profile(&hive, profile.clone())?;
        let at = position(&account, within)?;
        if let Some(own) = account.memberships.get_mut(at) {
            own.1 = profile;
        }
    }
    if default.is_some() {
        let at = position(&account, default_id)?;
        let own = account.memberships.remove(at);
        account.memberships.insert(0, own);
    }
    if profile.is_some() || default.is_some() {
        replace_account(&mut hive, &session, found, account, app.control.now_ms());
    }
    hive.store
        .update(found, &session.author(app.control.now_ms()), |fields| {
            fields.extend(changes);
        });
    record(
        &app,
        &hive,
        "PATCH",
        &format!("/api/v1/user/{}", wire_id(found)),
        body,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/user/{idOrLogin}`: the user stays, locked.
pub async fn lock(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageUser", "delete user")?;
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    hive.store.update(found, &session.author(app.control.now_ms()), |user| {
        user.insert("locked".into(), true.into());
    });
    record(
        &app,
        &hive,
        "DELETE",
        &format!("/api/v1/user/{}", wire_id(found)),
        Value::Null,
        &[found],
    );
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/user/{idOrLogin}/force`.
pub async fn delete(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    session.require("manageUser", "delete user")?;
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    hive.accounts.remove(found);
    hive.store.remove(found, &session.author(app.control.now_ms()));
    let path = format!("/api/v1/user/{}/force", wire_id(found));
    record_removal(&app, "DELETE", &path, Value::Null, &[found]);
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/user/{idOrLogin}/organisations {organisations: [{organisation, profile, default}]}`.
pub async fn put_organisations(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<axum::Json<Value>, ApiError> {
    session.require("manageUser", "update user")?;
    let mut hive = app.lock();
    let found = visible(&hive, &session, &id)?;
    let mut memberships = Vec::new();
    for entry in body
        .get("organisations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let organisation = hive.store.resolve(Kind::Organisation, 0, text("organisation"));
        let organisation = organisation.ok_or_else(|| ApiError::not_found("Organisation"))?.id;
        let at = if entry.get("default") == Some(&true.into()) {
            0
        } else {
            memberships.len()
        };
        memberships.insert(at, (organisation, checked_profile(&hive, text("profile").to_owned())?));
    }
    if memberships.is_empty() {
        return Err(ApiError::bad_request("organisations: at least one is needed"));
    }
    let account = hive.accounts.get(found).cloned().unwrap_or_default();
    replace_account(
        &mut hive,
        &session,
        found,
        Account { memberships, ..account },
        app.control.now_ms(),
    );
    let path = format!("/api/v1/user/{}/organisations", wire_id(found));
    record(&app, &hive, "PUT", &path, body.clone(), &[found]);
    Ok(axum::Json(body))
}

/// A user the session may see: all from the admin organisation, else members of its own.
pub fn sees(hive: &Hive, session: &Session, user: u64) -> bool {
    let member = |account: &Account| account.memberships.iter().any(|(id, _)| *id == session.organisation);
    session.is_admin || user == session.user || hive.accounts.get(user).is_some_and(member)
}

fn visible(hive: &Hive, session: &Session, id: &str) -> Result<u64, ApiError> {
    let found = hive.store.resolve(Kind::User, 0, id).map(|found| found.id);
    found
        .filter(|user| sees(hive, session, *user))
        .ok_or_else(|| ApiError::not_found("User"))
}

fn checked_profile(hive: &Hive, profile: String) -> Result<String, ApiError> {
    match hive.store.by_natural_key(Kind::Profile, 0, &[&profile]) {
        Some(_) => Ok(profile),
        None => Err(ApiError::not_found(&format!("Profile {profile}"))),
    }
}

/// The effects log never holds a secret.
fn without_password(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("password");
    }
    body
}
