//! What does the store remember of events that came in through a connection?
//!
//! An event and the runs that it starts are one transaction, and its key makes it one event however often it comes.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use synapse_domain::clock::Timestamp;
use synapse_domain::hive::{Action, Object, Via};
use synapse_domain::ids::{ConnectionName, DeliveryId, DeploymentName, RunId, TenantId, TriggerName};
use synapse_domain::run::RunState;

use crate::records::NewRun;
use crate::traits::Result;

/// Events of one connection that may wait for a place in the tenant's queue. One more is refused: TheHive does not send it again, and
/// the reconciler finds it.
pub const PENDING_EVENTS: u64 = 10_000;
/// Two reports of one closure may differ by this much, milliseconds: the fields that say when it was are set one after the other.
pub const SAME_CLOSURE: u64 = 2_000;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It started runs.
    Accepted,
    /// It started none, and the reason says why.
    Ignored,
    /// It is tried again: the tenant's queue is full, or something is not known yet.
    Pending,
}

impl DeliveryState {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Ignored => "ignored",
            Self::Pending => "pending",
        }
    }

    /// The one with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Ignored, Self::Pending]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// What shall become of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// These runs start.
    Start(Vec<HookRun>),
    /// None does, because.
    Ignore(String),
    /// Not decided yet, because.
    Wait(String),
}

/// A run that a trigger starts.
#[derive(Debug, Clone, PartialEq)]
pub struct HookRun {
    /// The trigger of the run's deployment.
    pub trigger: TriggerName,
    /// The run, with an idempotency key: the event is evaluated again sometimes.
    pub run: NewRun,
}

/// An event that came in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDelivery {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: DeliveryId,
    /// Through which connection.
    pub connection: ConnectionName,
    /// Equal for every delivery of the event.
    pub key: String,
    /// How it came.
    pub via: Via,
    /// To what something happened; none: it could not be read.
    pub what: Option<What>,
    /// The event's data, JSON text without credentials.
    pub data: String,
    /// When it came.
    pub received_at: Timestamp,
    /// What shall become of it.
    pub verdict: Verdict,
}

/// What an event says happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct What {
    /// To what.
    pub object: Object,
    /// What.
    pub action: Action,
    /// The server's id of the object.
    pub id: String,
    /// When, by the server's clock.
    pub time: Timestamp,
    /// Of a creation, closure or reopening: when the object became so, and whether the server says exactly this.
    pub moment: Option<(Timestamp, bool)>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The event: the new one, or the one that came before.
    pub id: DeliveryId,
    /// False: it was known.
    pub created: bool,
    /// What became of it.
    pub state: DeliveryState,
    /// Why it is not accepted.
    pub reason: Option<String>,
    /// Its runs.
    pub runs: Vec<RunId>,
    /// Was any of them made now? Then the queue has something to do.
    pub started: bool,
}

/// An event as shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Through which connection.
    pub connection: ConnectionName,
    /// `case.closed`; empty: it could not be read.
    pub event: String,
    /// The server's id of the object.
    pub object_id: String,
    /// How it came.
    pub via: Via,
    /// When it happened, by the server's clock.
    pub time: Timestamp,
    /// When it came first.
    pub received_at: Timestamp,
    /// What became of it.
    pub state: DeliveryState,
    /// Why it is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How often it came again.
    pub duplicates: u64,
    /// When it came or was evaluated last.
    pub last_at: Timestamp,
    /// Its runs.
    pub runs: Vec<DeliveryRun>,
}

/// A run of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeliveryRun {
    /// Whose.
    pub deployment: DeploymentName,
    /// Its trigger.
    pub trigger: TriggerName,
    /// The run.
    pub run: RunId,
    /// Where it is.
    pub state: RunState,
}

/// An event with everything that is needed to evaluate it again.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDelivery {
    /// As shown.
    pub view: Delivery,
    /// Equal for every delivery of the event.
    pub key: String,
    /// The event's data, JSON text.
    pub data: String,
    /// Of a creation, closure or reopening: when, and whether the server says exactly this.
    pub moment: Option<(Timestamp, bool)>,
}

/// Which events to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only of this connection.
    pub connection: Option<ConnectionName>,
    /// Only those that started a run of this deployment.
    pub deployment: Option<DeploymentName>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only those of which a run failed.
    pub failed: bool,
    /// Only what came at this time or later.
    pub since: Option<Timestamp>,
    /// Only what came before this one: the last of the page before.
    pub before: Option<DeliveryId>,
    /// At most this many.
    pub limit: u32,
}

/// What is known of an object's creation, closures and reopenings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub action: Action,
    /// When, by the server's clock.
    pub moment: Timestamp,
}

/// What came through a connection so far, and when last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HookCounts {
    /// Webhooks, duplicates too.
    pub received: u64,
    /// Webhooks that came again.
    pub duplicates: u64,
    /// Events that started runs.
    pub accepted: u64,
    /// Events that started none.
    pub ignored: u64,
    /// Events that wait to be tried again.
    pub pending: u64,
    /// Events that the reconciler found.
    pub found: u64,
    /// When the last webhook came.
    pub last_received_at: Option<Timestamp>,
    /// When the last event started a run.
    pub last_accepted_at: Option<Timestamp>,
    /// When the last event was ignored.
    pub last_ignored_at: Option<Timestamp>,
    /// ... and why.
    pub last_ignored_reason: Option<String>,
    /// When the reconciler found the last one.
    pub last_found_at: Option<Timestamp>,
}

/// How far a reconciler's lane is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// What it looks for: `case-changed`.
    pub lane: String,
    /// Everything up to here, by the server's clock, was compared.
    pub watermark: Timestamp,
    /// When it last looked.
    pub looked_at: Timestamp,
    /// Why it could not, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// How long events are kept, per connection. What is pending stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Events that started runs: at most this many.
    pub accepted: u64,
    /// ... and for this long, milliseconds.
    pub accepted_ms: u64,
    /// Events that started none: at most this many.
    pub ignored: u64,
    /// ... and for this long, milliseconds.
    pub ignored_ms: u64,
    /// Bytes of all; then the oldest go.
    pub bytes: u64,
}

/// Events that came in through a connection.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Records an event with its runs in one transaction, or finds it: by its key, or, for a closure or reopening, by its object and
    /// moment. A webhook that is found counts as a duplicate. A full queue makes it pending.
    ///
    /// # Errors
    /// `Quota` (`pending-events`): too many are pending already; nothing was recorded.
    async fn deliver(&self, delivery: NewDelivery) -> Result<Delivered>;

    /// Records what became of an event that was evaluated again. Runs that it started before stay and are not made again.
    ///
    /// # Errors
    /// `NotFound`.
    async fn settle(&self, tenant: &TenantId, id: DeliveryId, verdict: Verdict, now: Timestamp) -> Result<Delivered>;

    /// One event.
    ///
    /// # Errors
    /// `NotFound`.
    async fn delivery(&self, tenant: &TenantId, id: DeliveryId) -> Result<StoredDelivery>;

    /// Events of a tenant, newest first.
    async fn deliveries(&self, tenant: &TenantId, filter: DeliveryFilter) -> Result<Vec<Delivery>>;

    /// Events of all tenants that wait to be tried again, oldest first, after this one.
    async fn pending_deliveries(
        &self,
        after: Option<(Timestamp, DeliveryId)>,
        limit: u32,
    ) -> Result<Vec<(TenantId, DeliveryId, Timestamp)>>;

    /// What is known of an object's creation, closures and reopenings, newest first; at most 100.
    async fn told(
        &self,
        tenant: &TenantId,
        connection: &ConnectionName,
        object: Object,
        object_id: &str,
    ) -> Result<Vec<Told>>;

    /// What came through a connection so far.
    async fn hook_counts(&self, tenant: &TenantId, connection: &ConnectionName) -> Result<HookCounts>;

    /// How far the reconciler of a connection is, by lane.
    async fn marks(&self, tenant: &TenantId, connection: &ConnectionName) -> Result<Vec<Mark>>;

    /// Records how far a lane is; a watermark never goes back.
    async fn set_mark(&self, tenant: &TenantId, connection: &ConnectionName, mark: Mark) -> Result<()>;

    /// Deletes what is not kept any longer, at most `limit` events; answers how many.
    async fn trim_deliveries(&self, keep: Keep, now: Timestamp, limit: u32) -> Result<u64>;
}
