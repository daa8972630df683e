//! What does the store remember of schedules and pauses?

use async_trait::async_trait;
use serde::Serialize;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{ConnectionName, DeploymentName, RunId, TenantId, TriggerName};
use synapse_domain::trigger::{Overlap, Schedule, Skipped};

use crate::records::NewRun;
use crate::traits::Result;

/// A schedule whose time has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Whose.
    pub tenant: TenantId,
    /// Of which deployment.
    pub deployment: DeploymentName,
    /// The version that declares it.
    pub version: u32,
    /// The schedule.
    pub schedule: Schedule,
    /// The first time without a run, as the expression says it.
    pub next: Timestamp,
    /// Milliseconds by which it is acted on later.
    pub jitter_ms: u64,
}

/// What is done about a due schedule: one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// The schedule as it was read: if it has changed since, nothing is done.
    pub due: Due,
    /// The run for this time, if there is one to start.
    pub run: Option<(Timestamp, NewRun)>,
    /// Times that are left out.
    pub skipped: Option<Skipped>,
    /// The time after it.
    pub next: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fired {
    /// False: the schedule had changed meanwhile, and nothing was done.
    pub done: bool,
    /// The run, if one was accepted.
    pub run: Option<RunId>,
    /// Runs of the trigger that were told to stop ([`Overlap::Replace`]).
    pub replaced: Vec<RunId>,
    /// Why this time got no run, if it got none.
    pub left_out: Option<String>,
}

/// A schedule as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScheduleView {
    /// Its trigger.
    pub trigger: TriggerName,
    /// The next time, as the expression says it.
    pub next: Option<Timestamp>,
    /// When it is acted on.
    pub due: Option<Timestamp>,
    /// The last time that got a run.
    pub last_fired: Option<Timestamp>,
    /// That run.
    pub last_run: Option<RunId>,
    /// The last time that got none.
    pub last_skipped: Option<Timestamp>,
    /// Why.
    pub skip_reason: Option<String>,
}

/// What a pause covers: everything of the tenant, or less.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Scope {
    /// Deployments that are bound to this connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionName>,
    /// This deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentName>,
    /// Of that deployment, this trigger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerName>,
}

/// Runs are held back: accepted, not started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Whose.
    pub tenant: TenantId,
    /// What it covers.
    #[serde(flatten)]
    pub scope: Scope,
    /// A window of the configuration, not a person's order.
    pub maintenance: bool,
    /// Who ordered it: the id of a key, or `configuration`.
    pub by: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
    /// When the maintenance window ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How runs that were held are let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// Runs per minute, at least 1.
    pub per_minute: u32,
    /// From this moment on.
    pub now: Timestamp,
}

/// Schedules and pauses.
#[async_trait]
pub trait Timers: Send + Sync {
    /// At most `limit` schedules of all tenants whose time has come and that are not paused, the longest due first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Due>>;

    /// When does the next schedule become due, after this moment? What is due already and did not fire is paused, or failed.
    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>>;

    /// Starts the run of a due time, applies the overlap policy, records what was left out, and goes on to the next time.
    ///
    /// # Errors
    /// `Quota`: the tenant's queue is full; nothing was done, and the time stays due.
    async fn fire(&self, firing: Firing) -> Result<Fired>;

    /// The schedules of a deployment, by name.
    async fn schedules(&self, tenant: &TenantId, deployment: &DeploymentName) -> Result<Vec<ScheduleView>>;

    /// Holds runs back: those that wait and those to come. One that is paused already stays as it is. Answers whether it is new.
    async fn pause(&self, pause: Pause) -> Result<bool>;

    /// Ends a person's pause; the runs it held start one after the other at the rate of `drain`. Answers how many these are.
    ///
    /// # Errors
    /// `NotFound`: nothing like that is paused.
    async fn resume(&self, tenant: &TenantId, scope: Scope, drain: Drain) -> Result<u64>;

    /// Makes the maintenance windows that are open now these; those that are not in the list end like a pause.
    async fn set_maintenance(&self, open: Vec<Pause>, drain: Drain) -> Result<()>;

    /// What is paused: of one tenant, or of all.
    async fn pauses(&self, tenant: Option<&TenantId>) -> Result<Vec<Pause>>;
}

/// The overlap policy as a due schedule has it.
impl Due {
    /// What happens when a run of the trigger is unfinished.
    pub fn overlap(&self) -> Overlap {
        self.schedule.overlap
    }
}
