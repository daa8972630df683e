//! What does the JSON of `PUT /_sim/state` mean? Everything is optional; null is the state of a fresh server.
//!
//! ```json
//! {"users": [{"login", "key"?, "password"?, "name"?, "organisations": ["soc" | {"organisation", "profile"}], "profile"?,
//!             "permissions"?, "locked"?}],
//!  "organisations": ["soc" | {"name", "description"}],
//!  "alerts": [{..as for creation.., "organisation"?}],
//!  "custom_fields": [{"name", "type", "group", "description", ..}],
//!  "observable_types": ["ip" | {"name", "isAttachment"}],
//!  "duplicate_status": 400 | 409, "index_lag_ms": 0, "version": "5.5.13-1"}
//! ```
//!
//! * Always there: organisation `admin`, user `admin@thehive.local` / `secret`, the four profiles.
//! * Organisations named by a user are made. A user's profile is `admin` in `admin`, else `profile` (default `org-admin`);
//!   `permissions` replaces those of the profiles.
//! * Alerts are in the first organisation that is not `admin` unless they name one.
//! * `observable_types`: exactly these are registered; without it the sixteen built-in ones.
//! * `index_lag_ms`: objects younger than this are missing from `list...` queries (get by id and traversals see them).
//! * `alert_types` is accepted and has no meaning: TheHive has no registry of alert types.

use super::{
    alert,
    app::Hive,
    custom_field,
    kind::Kind,
    observable_type, organisation,
    session::{Account, Accounts},
    store::{Author, Store},
    user,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the server does differently by state.
pub struct Settings {
    /// Status of the duplicate error: 400 up to 5.5, 409 from 5.6.
    pub duplicate_status: StatusCode,
    /// How long list queries do not see a new object, in milliseconds.
    pub index_lag_ms: i64,
    /// The version the status calls show.
    pub version: String,
}

/// Author of built-ins: the official suite deletes everything else.
const SYSTEM: &str = "system@thehive.local";
/// Loaded objects are this old, so that they are past any index lag and no creation time lies in the future.
const LOADED_AGE_MS: i64 = 3_600_000;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct State {
    users: Vec<User>,
    organisations: Vec<Value>,
    alerts: Vec<Map<String, Value>>,
    #[serde(rename = "alert_types")]
    _alert_types: Value,
    custom_fields: Vec<Value>,
    observable_types: Option<Vec<Value>>,
    duplicate_status: u16,
    index_lag_ms: i64,
    version: String,
}

impl Default for State {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            organisations: Vec::new(),
            alerts: Vec::new(),
            _alert_types: Value::Null,
            custom_fields: Vec::new(),
            observable_types: None,
            duplicate_status: 400,
            index_lag_ms: 0,
            version: "5.5.13-1".to_owned(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    login: String,
    key: Option<String>,
    password: Option<String>,
    name: Option<String>,
    #[serde(default)]
    organisations: Vec<Value>,
    profile: Option<String>,
    permissions: Option<Vec<String>>,
    #[serde(default)]
    locked: bool,
}

/// Builds a server's state. The error names the part that does not fit.
pub fn load(state: &Value, now_ms: i64) -> Result<Hive, String> {
    let state: State = match state {
        Value::Null => State::default(),
        state => State::deserialize(state).map_err(|error| format!("thehive state: {error}"))?,
    };
    let duplicate_status = match state.duplicate_status {
        400 => StatusCode::BAD_REQUEST,
        409 => StatusCode::CONFLICT,
        other => return Err(format!("thehive state: duplicate_status {other}: use 400 or 409")),
    };
    let settings = Settings {
        duplicate_status,
        index_lag_ms: state.index_lag_ms,
        version: state.version,
    };
    let hive = Hive {
        store: Store::default(),
        accounts: Accounts::default(),
        settings,
    };
    let age = LOADED_AGE_MS + i64::try_from(state.alerts.len()).unwrap_or(0) + state.index_lag_ms.max(0);
    let mut loader = Loader {
        hive,
        author: Author {
            login: SYSTEM,
            now_ms: now_ms - age,
        },
    };
    loader.platform(state.observable_types)?;
    for one in state.organisations {
        loader.organisation(one)?;
    }
    for one in state.custom_fields {
        loader.add(Kind::CustomField, custom_field::definition(one.clone()), &one)?;
    }
    for one in state.users {
        loader.user(one)?;
    }
    for one in state.alerts {
        loader.alert(one)?;
    }
    Ok(loader.hive)
}

struct Loader {
    hive: Hive,
    author: Author<'static>,
}

impl Loader {
    fn add(
        &mut self,
        kind: Kind,
        fields: Result<Map<String, Value>, super::error::ApiError>,
        from: &Value,
    ) -> Result<u64, String> {
        let name = kind.info().name;
        let fields = fields.map_err(|error| format!("thehive state: {name} {from}: {error:?}"))?;
        self.hive
            .insert(kind, 0, None, &self.author, fields)
            .map_err(|_| "thehive state: too many entities".to_owned())
    }

    fn platform(&mut self, types: Option<Vec<Value>>) -> Result<(), String> {
        for (name, permissions) in PROFILES {
            let fields =
                json!({"name": name, "permissions": permissions, "editable": false, "isAdmin": name == "admin"});
            self.add(
                Kind::Profile,
                Ok(fields.as_object().cloned().unwrap_or_default()),
                &fields,
            )?;
        }
        let built_in = || observable_type::BUILT_IN.iter().map(|name| json!(name)).collect();
        for one in types.unwrap_or_else(built_in) {
            let one = match one {
                Value::String(name) => json!({"isAttachment": name == "file", "name": name}),
                one => one,
            };
            self.add(Kind::ObservableType, observable_type::definition(one.clone()), &one)?;
        }
        self.organisation(json!("admin"))?;
        self.user(User {
            login: "admin@thehive.local".to_owned(),
            key: None,
            password: Some("secret".to_owned()),
            name: Some("Default admin user".to_owned()),
            organisations: vec![json!("admin")],
            profile: None,
            permissions: None,
            locked: false,
        })
    }

    /// The id of an organisation, made if it is not there.
    fn organisation(&mut self, one: Value) -> Result<u64, String> {
        let one = match one {
            Value::String(name) => json!({"description": name, "name": name}),
            one => one,
        };
        let name = one.get("name").and_then(Value::as_str).unwrap_or_default();
        match self.hive.store.by_natural_key(Kind::Organisation, 0, &[name]) {
            Some(found) => Ok(found.id),
            None => self.add(Kind::Organisation, organisation::definition(one.clone()), &one),
        }
    }

    fn user(&mut self, one: User) -> Result<(), String> {
        let mut memberships = Vec::new();
        for membership in &one.organisations {
            let (name, profile) = match membership {
                Value::String(name) => (name.as_str(), None),
                other => (
                    other["organisation"].as_str().unwrap_or_default(),
                    other["profile"].as_str(),
                ),
            };
            let default = if name == "admin" {
                "admin"
            } else {
                one.profile.as_deref().unwrap_or("org-admin")
            };
            let profile = profile.unwrap_or(default);
            if self.hive.store.by_natural_key(Kind::Profile, 0, &[profile]).is_none() {
                return Err(format!("thehive state: user {}: no profile {profile:?}", one.login));
            }
            memberships.push((self.organisation(json!(name))?, profile.to_owned()));
        }
        if memberships.is_empty() {
            return Err(format!(
                "thehive state: user {}: name at least one organisation",
                one.login
            ));
        }
        if one.key.as_ref().is_some_and(|key| self.hive.accounts.has_key(key)) {
            return Err(format!(
                "thehive state: user {}: another user has the same key",
                one.login
            ));
        }
        let login = one.login.to_lowercase();
        let (key, password, permissions) = (one.key, one.password, one.permissions);
        let account = Account {
            login: login.clone(),
            key,
            password,
            memberships,
            permissions,
        };
        let mut fields = user::derived(&self.hive, &account);
        fields.extend([
            ("name".to_owned(), one.name.unwrap_or_else(|| login.clone()).into()),
            ("locked".to_owned(), one.locked.into()),
            ("type".to_owned(), "Normal".into()),
            ("extraData".to_owned(), json!({})),
        ]);
        // A state may describe the built-in admin anew, for example to give it a key.
        let existing = self
            .hive
            .store
            .by_natural_key(Kind::User, 0, &[&login])
            .map(|found| found.id);
        let id = match existing {
            Some(id) => {
                self.hive.store.update(id, &self.author, |body| body.extend(fields));
                id
            }
            None => self.add(Kind::User, Ok(fields), &Value::String(login))?,
        };
        self.hive.accounts.put(id, account);
        Ok(())
    }

    fn alert(&mut self, mut one: Map<String, Value>) -> Result<(), String> {
        let store = &self.hive.store;
        let organisation = match one.remove("organisation") {
            Some(name) => store
                .resolve(Kind::Organisation, 0, name.as_str().unwrap_or_default())
                .map(|found| found.id),
            None => store
                .ids(Kind::Organisation)
                .find(|id| self.hive.organisation_name(*id) != "admin"),
        };
        let organisation = organisation.ok_or("thehive state: alerts need an organisation that is not `admin`")?;
        let text = Value::Object(one.clone());
        let made = alert::create(&mut self.hive, organisation, &self.author, Value::Object(one));
        made.map(|_| ())
            .map_err(|error| format!("thehive state: alert {text}: {error:?}"))
    }
}

/// The state for tests to look at: alerts with their organisation, observables and comments.
pub fn dump(hive: &Hive) -> Value {
    let bodies = |ids: &mut dyn Iterator<Item = u64>| ids.map(|id| hive.body(id)).collect::<Vec<_>>();
    let all = |kind| bodies(&mut hive.store.ids(kind));
    let (users, organisations) = (all(Kind::User), all(Kind::Organisation));
    let (custom_fields, observable_types) = (all(Kind::CustomField), all(Kind::ObservableType));
    let alerts: Vec<Value> = hive
        .store
        .ids(Kind::Alert)
        .filter_map(|id| hive.store.get(id))
        .map(|alert| {
            let mut body = Value::Object(alert.body.clone());
            body["organisation"] = hive.organisation_name(alert.organisation).into();
            body["observables"] = bodies(&mut hive.store.children(alert.id, Kind::Observable)).into();
            body["comments"] = bodies(&mut hive.store.children(alert.id, Kind::Comment)).into();
            body
        })
        .collect();
    json!({
        "users": users, "organisations": organisations, "custom_fields": custom_fields,
        "observable_types": observable_types, "alerts": alerts,
        "duplicate_status": hive.settings.duplicate_status.as_u16(), "index_lag_ms": hive.settings.index_lag_ms,
    })
}

/// The built-in profiles with their permissions of 5.x (contract 1.5).
const PROFILES: [(&str, &[&str]); 4] = [
    (
        "admin",
        &[
            "manageOrganisation",
            "manageProfile",
            "managePattern",
            "manageCustomField",
            "manageObservableTemplate",
            "manageTaxonomy",
            "managePlatform",
            "manageCaseReportTemplate",
            "manageUser",
            "manageConfig",
        ],
    ),
    (
        "org-admin",
        &[
            "manageAlert/create",
            "manageAlert/update",
            "manageAlert/delete",
            "manageAlert/import",
            "manageAlert/reopen",
            "manageCase/create",
            "manageCase/update",
            "manageCase/delete",
            "manageCase/merge",
            "manageCase/reopen",
            "manageCase/changeOwnership",
            "manageCaseAccess/restrict",
            "manageCaseAccess/external",
            "manageObservable",
            "manageTask",
            "manageComment",
            "manageProcedure",
            "managePage",
            "manageCustomEvent",
            "manageShare",
            "manageAction",
            "manageAnalyse",
            "manageCaseReport",
            "manageCaseTemplate",
            "managePageTemplate",
            "manageTag",
            "manageKnowledgeBase",
            "manageFunction/create",
            "manageFunction/invoke",
            "manageDashboard",
            "manageUser",
            "manageConfig",
            "accessTheHiveFS",
        ],
    ),
    (
        "analyst",
        &[
            "manageAlert/create",
            "manageAlert/update",
            "manageAlert/delete",
            "manageAlert/import",
            "manageAlert/reopen",
            "manageCase/create",
            "manageCase/update",
            "manageCase/delete",
            "manageCase/merge",
            "manageCase/reopen",
            "manageObservable",
            "manageTask",
            "manageComment",
            "manageProcedure",
            "managePage",
            "manageCustomEvent",
            "manageShare",
            "manageAction",
            "manageAnalyse",
            "manageCaseReport",
            "manageFunction/invoke",
            "accessTheHiveFS",
        ],
    ),
    ("read-only", &[]),
];
