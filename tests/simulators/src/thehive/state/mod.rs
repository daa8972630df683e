//! What does the JSON of `PUT /_sim/state` mean? Everything is optional; null is the state of a fresh server.
//!
//! ```json
//! {"users": [{"login", "key"?, "password"?, "name"?, "organisations": ["soc" | {"organisation", "profile"}], "profile"?,
//!             "permissions"?, "locked"?}],
//!  "organisations": ["soc" | {"name", "description"}],
//!  "alerts": [{..as for creation.., "organisation"?}],
//!  "custom_fields": [{"name", "type", "group", "description", ..}],
//!  "observable_types": ["ip" | {"name", "isAttachment"}],
//!  "cases": [{..as for creation.., "organisation"?, "observables"?: [..], "comments"?: [..]}],
//!  "case_templates": [{..as for creation.., "organisation"?}],
//!  "case_statuses": [{"value", "stage", ..}], "alert_statuses": [..],
//!  "cortex": {"analyzers": [{"id", "name"?, "dataTypeList"?, "status"?, "report"?, "duration_ms"?, ..}], "responders": [..]},
//!  "duplicate_status": 400 | 409, "index_lag_ms": 0, "ascii_filenames_only": false, "version": "5.5.13-1",
//!  "flavour": "v3" | "v4" | "v5"}
//! ```
//!
//! * Always there: organisation `admin`, user `admin@thehive.local` / `secret`, the four profiles.
//! * Organisations named by a user are made. A user's profile is `admin` in `admin`, else `profile` (default `org-admin`);
//!   `permissions` replaces those of the profiles.
//! * Alerts, cases and templates are in the first organisation that is not `admin` unless they name one. Observables of a
//!   loaded case are text, its comments are bodies of `POST .../comment`, its tasks those of a creation.
//! * `observable_types`: exactly these are registered; without it the sixteen built-in ones.
//! * `index_lag_ms`: objects younger than this are missing from `list...` queries (get by id and traversals see them).
//! * `ascii_filenames_only`: a multipart file whose name comes as `filename*=` or with bytes above ASCII is not recognised,
//!   as some servers do (D16): 400. Off by default: raw UTF-8 and `filename*=` are both read.
//! * `case_statuses`, `alert_statuses`: beside the built-in ones.
//! * `cortex`: see `cortex/worker.rs`; without it nothing is connected.
//! * `alert_types` is accepted and has no meaning: TheHive has no registry of alert types.

mod dump;
mod loader;
mod profiles;

pub use dump::dump;

use super::{
    app::Hive,
    cortex::Workers,
    custom_field,
    kind::Kind,
    session::Accounts,
    status_value,
    store::{Author, Store},
    v0::Flavour,
};
use http::StatusCode;
use loader::Loader;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// What the server does differently by state.
pub struct Settings {
    /// Status of the duplicate error: 400 up to 5.5, 409 from 5.6.
    pub duplicate_status: StatusCode,
    /// How long list queries do not see a new object, in milliseconds.
    pub index_lag_ms: i64,
    /// File names beyond ASCII make an upload fail (D16).
    pub ascii_filenames_only: bool,
    /// The analyzers and responders of a connected Cortex.
    pub workers: Workers,
    /// The version the status calls show.
    pub version: String,
    /// As which version the server answers.
    pub flavour: Flavour,
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
    cases: Vec<Map<String, Value>>,
    case_templates: Vec<Map<String, Value>>,
    #[serde(rename = "alert_types")]
    _alert_types: Value,
    custom_fields: Vec<Value>,
    observable_types: Option<Vec<Value>>,
    duplicate_status: u16,
    index_lag_ms: i64,
    ascii_filenames_only: bool,
    version: Option<String>,
    flavour: Flavour,
    cortex: Workers,
    case_statuses: Vec<Value>,
    alert_statuses: Vec<Value>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            organisations: Vec::new(),
            alerts: Vec::new(),
            cases: Vec::new(),
            case_templates: Vec::new(),
            _alert_types: Value::Null,
            custom_fields: Vec::new(),
            observable_types: None,
            duplicate_status: 400,
            index_lag_ms: 0,
            ascii_filenames_only: false,
            version: None,
            flavour: Flavour::default(),
            cortex: Workers::default(),
            case_statuses: Vec::new(),
            alert_statuses: Vec::new(),
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
    state
        .cortex
        .check()
        .map_err(|error| format!("thehive state: cortex: {error}"))?;
    let settings = Settings {
        duplicate_status,
        index_lag_ms: state.index_lag_ms,
        ascii_filenames_only: state.ascii_filenames_only,
        workers: state.cortex,
        version: state.version.unwrap_or_else(|| state.flavour.version().to_owned()),
        flavour: state.flavour,
    };
    let hive = Hive {
        store: Store::default(),
        accounts: Accounts::default(),
        settings,
        vault: Arc::default(),
        links: HashMap::new(),
        organisation_links: BTreeMap::new(),
        page_templates: HashMap::new(),
        action_required: HashMap::new(),
        due: Vec::new(),
        next_case: 1,
    };
    let loaded = state.alerts.len() + state.cases.len() + state.case_templates.len();
    let age = LOADED_AGE_MS + i64::try_from(loaded).unwrap_or(0) + state.index_lag_ms.max(0);
    let mut loader = Loader {
        hive,
        author: Author {
            login: SYSTEM,
            now_ms: now_ms - age,
        },
    };
    loader.platform(state.observable_types)?;
    for (kind, list) in [
        (Kind::CaseStatus, state.case_statuses),
        (Kind::AlertStatus, state.alert_statuses),
    ] {
        for one in list {
            loader.add(kind, status_value::definition(one.clone()), &one)?;
        }
    }
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
    for one in state.case_templates {
        loader.case_template(one)?;
    }
    for one in state.cases {
        loader.case(one)?;
    }
    Ok(loader.hive)
}
