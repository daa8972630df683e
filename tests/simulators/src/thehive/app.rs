//! What is one simulated TheHive? Its store, accounts and settings behind one lock, and the effects log.

use super::{
    case::Links,
    error::ApiError,
    kind::Kind,
    routes,
    session::{Accounts, Session},
    state::{self, Settings},
    store::{Author, MAX_ENTITIES, Store},
    upload::Vault,
};
use crate::control::{Control, Target};
use axum::Router;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Everything that `PUT /_sim/state` replaces.
pub struct Hive {
    pub store: Store,
    pub accounts: Accounts,
    pub settings: Settings,
    /// The contents of attachments.
    pub vault: Arc<Vault>,
    /// The links between cases that people set, by case.
    pub links: HashMap<u64, Links>,
    /// Page templates linked to case templates.
    pub page_templates: HashMap<u64, Vec<u64>>,
    /// Which organisations have to act on a task (true), or have acted (false), by the name that was given.
    pub action_required: HashMap<u64, BTreeMap<String, bool>>,
    /// The number the next case gets; all organisations share the sequence.
    pub next_case: u64,
}

impl Hive {
    /// Adds an entity within the limit of the simulator.
    pub fn insert(
        &mut self,
        kind: Kind,
        organisation: u64,
        parent: Option<u64>,
        author: &Author<'_>,
        fields: Map<String, Value>,
    ) -> Result<u64, ApiError> {
        if self.store.len() >= MAX_ENTITIES {
            return Err(ApiError::full());
        }
        Ok(self.store.insert(kind, organisation, parent, author, fields))
    }

    /// The id of an entity that the session sees, by `~id` or natural name. Error: 404 with the kind's name.
    pub fn find(&self, kind: Kind, session: &Session, id_or_name: &str) -> Result<u64, ApiError> {
        let found = self.store.resolve(kind, session.organisation, id_or_name);
        found
            .map(|entity| entity.id)
            .ok_or_else(|| ApiError::not_found(kind.info().name))
    }

    /// The body of an entity as the API answers it; null if it is gone.
    pub fn body(&self, id: u64) -> Value {
        self.store
            .get(id)
            .map_or(Value::Null, |entity| Value::Object(entity.body.clone()))
    }

    /// The name of an organisation, for messages.
    pub fn organisation_name(&self, id: u64) -> &str {
        self.store
            .get(id)
            .and_then(|entity| entity.body.get("name"))
            .and_then(Value::as_str)
            .unwrap_or("?")
    }
}

/// The simulated server.
pub struct TheHive {
    pub(super) control: Control,
    hive: Mutex<Hive>,
}

impl TheHive {
    /// A server in its default state and its router (without the control layer; see [`crate::control::wrap`]). Errors: the
    /// default state does not load, which a test would notice first.
    pub fn build(control: Control) -> Result<(Router, Arc<Self>), String> {
        let hive = state::load(&Value::Null, control.now_ms())?;
        let app = Arc::new(Self {
            control,
            hive: Mutex::new(hive),
        });
        Ok((routes::router(Arc::clone(&app)), app))
    }

    /// The state. A poisoned lock means that another request panicked; tests then fail by its answer.
    pub(super) fn lock(&self) -> MutexGuard<'_, Hive> {
        self.hive.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Target for TheHive {
    fn load(&self, state: Value) -> Result<(), String> {
        let hive = state::load(&state, self.control.now_ms())?;
        *self.lock() = hive;
        Ok(())
    }

    fn reset(&self) {
        // The default state loaded at the start already; should it not, the old state stays and the test sees it.
        if let Ok(hive) = state::load(&Value::Null, self.control.now_ms()) {
            *self.lock() = hive;
        }
    }

    fn dump(&self) -> Value {
        state::dump(&self.lock())
    }
}
