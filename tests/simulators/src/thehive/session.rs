//! Who asks, and for which organisation? API keys, Basic, session cookies, `X-Organisation`, permissions (contract 1).

use super::{
    app::{Hive, TheHive},
    error::ApiError,
    kind::Kind,
    store::Author,
};
use axum::extract::FromRequestParts;
use base64::Engine;
use http::{HeaderMap, header, request::Parts};
use std::{collections::HashMap, sync::Arc};

/// Sessions from logins; the oldest way in, only people use it.
const MAX_SESSIONS: usize = 10_000;

/// A user's credentials and memberships; what the API shows of a user is an entity.
#[derive(Clone, Default)]
pub struct Account {
    pub login: String,
    pub key: Option<String>,
    pub password: Option<String>,
    /// Organisation and profile; the first is the default.
    pub memberships: Vec<(u64, String)>,
    /// Replaces the permissions of the profiles, so that tests can take single ones away.
    pub permissions: Option<Vec<String>>,
}

/// All accounts, by user id, key and session.
#[derive(Default)]
pub struct Accounts {
    by_id: HashMap<u64, Account>,
    by_key: HashMap<String, u64>,
    sessions: HashMap<String, u64>,
}

impl Accounts {
    /// Adds or replaces an account and its key.
    pub fn put(&mut self, user: u64, account: Account) {
        self.remove(user);
        if let Some(key) = &account.key {
            self.by_key.insert(key.clone(), user);
        }
        self.by_id.insert(user, account);
    }

    /// Removes an account; its key and sessions stop working.
    pub fn remove(&mut self, user: u64) {
        self.by_id.remove(&user);
        self.by_key.retain(|_, owner| *owner != user);
        self.sessions.retain(|_, owner| *owner != user);
    }

    /// The account of a user.
    pub fn get(&self, user: u64) -> Option<&Account> {
        self.by_id.get(&user)
    }

    /// Whether some account already uses this key.
    pub fn has_key(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// Opens a session and answers its cookie value.
    pub fn open_session(&mut self, user: u64) -> String {
        if self.sessions.len() >= MAX_SESSIONS {
            self.sessions.clear();
        }
        let token = uuid::Uuid::now_v7().simple().to_string();
        self.sessions.insert(token.clone(), user);
        token
    }
}

/// Login and password, as from Basic or a login form; the domain is appended if it is missing.
pub fn check_password(hive: &Hive, login: &str, password: &str) -> Option<u64> {
    let login = if login.contains('@') {
        login.to_owned()
    } else {
        format!("{login}@thehive.local")
    };
    let user = hive.store.by_natural_key(Kind::User, 0, &[&login.to_lowercase()])?.id;
    let account = hive.accounts.get(user)?;
    (account.password.as_deref() == Some(password)).then_some(user)
}

/// An authenticated request.
#[derive(Clone)]
pub struct Session {
    pub user: u64,
    pub login: String,
    pub organisation: u64,
    pub profile: String,
    pub permissions: Vec<String>,
    /// Acting in the `admin` organisation, which sees all users and holds no cases or alerts.
    pub is_admin: bool,
}

impl Session {
    /// Authenticates by the headers. Errors: 401; 403 when the user is not a member of the organisation asked for.
    pub fn open(hive: &Hive, headers: &HeaderMap) -> Result<Self, ApiError> {
        let user = authenticate(hive, headers).ok_or_else(ApiError::authentication)?;
        let wanted = headers.get("x-organisation").and_then(|value| value.to_str().ok());
        Self::of(hive, user, wanted)
    }

    /// The session of a user in an organisation (name or `~id`; none = the default).
    pub fn of(hive: &Hive, user: u64, wanted: Option<&str>) -> Result<Self, ApiError> {
        let account = hive.accounts.get(user).ok_or_else(ApiError::authentication)?;
        let locked = hive
            .store
            .get(user)
            .is_none_or(|entity| entity.body.get("locked") == Some(&true.into()));
        if locked {
            return Err(ApiError::authentication());
        }
        let membership = match wanted {
            None => account.memberships.first(),
            Some(name) => hive
                .store
                .resolve(Kind::Organisation, 0, name)
                .and_then(|wanted| account.memberships.iter().find(|(id, _)| *id == wanted.id)),
        };
        // Contract 1.2: 4.x answers 401, 5.x one of both; clients must treat them alike, so the rarer one is given.
        let (organisation, profile) =
            membership.ok_or_else(|| ApiError::authorization("User is not a member of this organisation"))?;
        let permissions = account
            .permissions
            .clone()
            .unwrap_or_else(|| profile_permissions(hive, profile));
        Ok(Self {
            user,
            login: account.login.clone(),
            organisation: *organisation,
            profile: profile.clone(),
            permissions,
            is_admin: hive.organisation_name(*organisation) == "admin",
        })
    }

    /// 403 unless the session has the permission. The wording is the servers' own.
    pub fn require(&self, permission: &str, to: &str) -> Result<(), ApiError> {
        if self.permissions.iter().any(|own| own == permission) {
            return Ok(());
        }
        let message = format!("Your are not authorized to {to}, you haven't the permission {permission}");
        Err(ApiError::authorization(message))
    }

    /// The session as the author of a change.
    pub fn author(&self, now_ms: i64) -> Author<'_> {
        Author {
            login: &self.login,
            now_ms,
        }
    }
}

impl FromRequestParts<Arc<TheHive>> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<TheHive>) -> Result<Self, ApiError> {
        Self::open(&app.lock(), &parts.headers)
    }
}

fn authenticate(hive: &Hive, headers: &HeaderMap) -> Option<u64> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let (scheme, credentials) = authorization.to_str().ok()?.split_once(' ')?;
        return match scheme.to_ascii_lowercase().as_str() {
            "bearer" => hive.accounts.by_key.get(credentials.trim()).copied(),
            "basic" => {
                let decoded = base64::engine::general_purpose::STANDARD
                    .decode(credentials.trim())
                    .ok()?;
                let text = String::from_utf8(decoded).ok()?;
                let (login, password) = text.split_once(':')?;
                check_password(hive, login, password)
            }
            _ => None,
        };
    }
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let token = cookies
        .split(';')
        .find_map(|cookie| cookie.trim().strip_prefix("THEHIVE-SESSION="))?;
    hive.accounts.sessions.get(token).copied()
}

/// The permissions of a profile.
pub fn profile_permissions(hive: &Hive, profile: &str) -> Vec<String> {
    let profile = hive.store.by_natural_key(Kind::Profile, 0, &[profile]);
    let permissions = profile
        .and_then(|profile| profile.body.get("permissions"))
        .and_then(|list| list.as_array());
    permissions
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}
