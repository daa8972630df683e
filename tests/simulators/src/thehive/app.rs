//! What is one simulated TheHive? Its store, accounts and settings behind one lock, and the effects log.

use super::{
    audit,
    case::Links,
    cortex::{self, Due},
    error::ApiError,
    kind::Kind,
    organisation_link, routes,
    session::{Accounts, Session},
    share,
    state::{self, Settings},
    store::{Author, Entity, MAX_ENTITIES, Store},
    tags,
    upload::Vault,
    user,
    webhook::Hub,
};
use crate::control::{Control, Target};
use axum::Router;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    ops::{Deref, DerefMut},
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
    /// The links between organisations.
    pub organisation_links: organisation_link::Links,
    /// Page templates linked to case templates.
    pub page_templates: HashMap<u64, Vec<u64>>,
    /// Which organisations have to act on a task (true), or have acted (false), by the name that was given.
    pub action_required: HashMap<u64, BTreeMap<String, bool>>,
    /// Runs of analyzers and responders that have not ended.
    pub due: Vec<Due>,
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
        if kind.has_tags() {
            tags::register(self, organisation, author, fields.get("tags"));
        }
        let id = self.store.insert(kind, organisation, parent, author, fields);
        share::arrived(self, kind, parent, id);
        Ok(id)
    }

    /// The id of an entity that the session sees, by `~id` or natural name. Error: 404 with the kind's name.
    pub fn find(&self, kind: Kind, session: &Session, id_or_name: &str) -> Result<u64, ApiError> {
        let found = self.store.resolve(kind, session.organisation, id_or_name);
        let found = found.filter(|entity| self.sees(session, entity));
        found
            .map(|entity| entity.id)
            .ok_or_else(|| ApiError::not_found(kind.info().name))
    }

    /// Whether the session may see an entity.
    pub fn sees(&self, session: &Session, entity: &Entity) -> bool {
        match entity.kind {
            Kind::User => user::sees(self, session, entity.id),
            Kind::Organisation => session.is_admin || entity.id == session.organisation,
            _ => self.store.sees(session.organisation, entity),
        }
    }

    /// The id of an entity of the platform, whoever asks: for what an input names. Error: 404 with kind and name.
    pub fn find_platform(&self, kind: Kind, id_or_name: &str) -> Result<u64, ApiError> {
        let found = self.store.resolve(kind, 0, id_or_name);
        found
            .map(|entity| entity.id)
            .ok_or_else(|| ApiError::not_found(&format!("{} {id_or_name}", kind.info().name)))
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
    /// Who is told about changes.
    pub(super) hub: Arc<Hub>,
    hive: Mutex<Hive>,
}

/// The state in the hands of one request. When it is let go, the request's changes are told to those who listen, in the order
/// of the changes: nobody else has the lock yet.
pub struct Locked<'a> {
    hive: MutexGuard<'a, Hive>,
    hub: &'a Hub,
}

impl Deref for Locked<'_> {
    type Target = Hive;

    fn deref(&self) -> &Hive {
        &self.hive
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Hive {
        &mut self.hive
    }
}

impl Locked<'_> {
    /// Tells what changed so far, as one request.
    fn tell(&mut self) {
        let changes = self.hive.store.take_changes();
        if !changes.is_empty() {
            let events = audit::events(&mut self.hive, &changes, self.hub.next_request());
            self.hub.publish(events);
        }
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}

impl TheHive {
    /// A server in its default state and its router (without the control layer; see [`crate::control::wrap`]). Errors: the
    /// default state does not load, which a test would notice first.
    pub fn build(control: Control) -> Result<(Router, Arc<Self>), String> {
        let hive = state::load(&Value::Null, control.now_ms())?;
        let app = Arc::new(Self {
            hub: Arc::new(Hub::new(control.clone())),
            control,
            hive: Mutex::new(hive),
        });
        Ok((routes::router(Arc::clone(&app)), app))
    }

    /// The state. A poisoned lock means that another request panicked; tests then fail by its answer.
    pub(super) fn lock(&self) -> Locked<'_> {
        let mut hive = self.hive.lock().unwrap_or_else(PoisonError::into_inner);
        hive.store.listen(self.hub.is_heard());
        let mut locked = Locked { hive, hub: &self.hub };
        if !locked.due.is_empty() {
            cortex::settle(&mut locked, self.control.now_ms());
            locked.tell();
        }
        locked
    }
}

impl Target for TheHive {
    fn load(&self, state: Value) -> Result<(), String> {
        let hive = state::load(&state, self.control.now_ms())?;
        *self.lock() = hive;
        Ok(())
    }

    fn reset(&self) {
        self.hub.clear();
        // The default state loaded at the start already; should it not, the old state stays and the test sees it.
        if let Ok(hive) = state::load(&Value::Null, self.control.now_ms()) {
            *self.lock() = hive;
        }
    }

    fn dump(&self) -> Value {
        state::dump(&self.lock())
    }
}
