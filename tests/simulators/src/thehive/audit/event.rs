//! What is an event, whatever dialect it is told in? A snapshot: it owns all it needs, so that it can be told later.

use crate::thehive::{app::Hive, kind::Kind, v0::Flavour};
use serde_json::{Map, Value};

/// What happened to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Delete,
    /// Cases became this one.
    Merge,
}

/// One event of a request.
#[derive(Clone, Debug)]
pub struct Event {
    /// The id of the audit entry, as on the wire.
    pub id: String,
    pub action: Action,
    pub kind: Kind,
    pub object_id: u64,
    /// The object afterwards, with what it hangs below; none when it is gone.
    pub object: Option<Node>,
    pub context: Node,
    /// The case or alert that it belongs to; the organisation when a case or alert is gone.
    pub root: u64,
    /// The attributes at creation, the changed ones at an update; v1 names.
    pub details: Map<String, Value>,
    /// Id and name.
    pub organisation: (u64, String),
    pub author: String,
    pub at_ms: i64,
    /// What the request was about; the others followed from it.
    pub main: bool,
    /// The same for all events of one request.
    pub request_id: String,
    /// As which version the server answered.
    pub flavour: Flavour,
    /// The object as 3 or 4 shows it, on 4 with its parents; null on 5, and where there is nothing to show.
    pub shown: Value,
    /// Created together with the alert above it: its audit entry shows no id (contract 6.1).
    pub within_alert: bool,
}

/// An entity with what it hangs below.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    pub body: Map<String, Value>,
    pub above: Option<Box<Self>>,
}

impl Node {
    /// The entity with everything above it; none if it is gone.
    pub fn of(hive: &Hive, id: u64) -> Option<Self> {
        let entity = hive.store.get(id)?;
        let above = entity.parent.and_then(|id| Self::of(hive, id));
        // What an organisation holds does not repeat the organisation.
        let above = above.filter(|above| above.kind != Kind::Organisation);
        Some(Self {
            kind: entity.kind,
            body: entity.body.clone(),
            above: above.map(Box::new),
        })
    }

    /// The topmost entity: a case, an alert, or the entity itself.
    pub fn top(&self) -> &Self {
        self.above.as_ref().map_or(self, |above| above.top())
    }

    /// Its id on the wire.
    pub fn id(&self) -> &str {
        self.body.get("_id").and_then(Value::as_str).unwrap_or_default()
    }
}
