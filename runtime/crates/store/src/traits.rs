//! What can be asked of a store, whichever database is behind it?
//!
//! Every method takes the tenant, and every row carries it. Writes return after their commit (group commit: many writes, one
//! transaction); a write whose commit failed answers `Failed` to everyone in it, and the caller re-reads.

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{DeploymentName, RunId, TenantId};
use synapse_domain::permission::Grant;
use synapse_domain::run::RunState;

use crate::deliveries::Deliveries;
use crate::error::StoreError;
use crate::journal::{Entry, Journal, Position};
use crate::records::{
    Claimed, Deployment, DeploymentVersion, KeyRecord, Lease, NewRun, RunEnd, RunFilter, RunView, StateChange,
    StateEntry, StateResult, StoreCounters, Submitted,
};
use crate::sources::Cursors;
use crate::timers::Timers;

/// A store's result.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Makes the outcome of `state.apply` from what became of its changes, inside their transaction.
pub type MakeOutcome = Box<dyn FnOnce(&[StateResult]) -> Entry + Send>;

/// Runs: accepted, claimed, ended.
#[async_trait]
pub trait Runs: Send + Sync {
    /// Inserts event, run and idempotency key in one transaction. With `claim` (the node's name) the run is claimed in the same
    /// transaction if its deployment and tenant have a free place and no older run of the deployment is queued (`tenant_places`: how many
    /// runs of one tenant may run at once).
    ///
    /// # Errors
    /// `NotFound`: no such deployment. `Conflict`: the key came with another request. `Quota`: too many queued runs.
    async fn submit(&self, run: NewRun, claim: Option<String>, tenant_places: u32) -> Result<Submitted>;

    /// Claims at most `want` runs that may start: queued, waiting and due, or running under a node whose lease ended; none that is paused
    /// (see [`Timers`]). Goes round the tenants,
    /// oldest first within one; never more at once than a deployment's concurrency or `tenant_places`.
    async fn claim(&self, node: &str, now: Timestamp, want: u32, tenant_places: u32) -> Result<Vec<Claimed>>;

    /// Is any run queued?
    async fn any_queued(&self) -> Result<bool>;

    /// Takes a `failed` or `partial` run up again: its journal from the call `from` on is set aside, and it is queued. Effects that are
    /// known to have happened are adopted (G6).
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if the run is in another state, if there is no such call, or if an effect from there on is in doubt.
    async fn retry(&self, tenant: &TenantId, run: RunId, from: u32) -> Result<()>;

    /// When does the next waiting run become due, or the next run that drains after a pause?
    async fn next_wake(&self) -> Result<Option<Timestamp>>;

    /// Extends the node's lease to `until`. In SQLite, opening the store ended the lease of every other node: the lock file proves they are gone.
    async fn heartbeat(&self, node: &str, until: Timestamp) -> Result<()>;

    /// Ends an attempt: the entries and the end in one transaction.
    ///
    /// # Errors
    /// `Fenced`: another attempt holds the run.
    async fn end(&self, lease: &Lease, entries: Vec<Entry>, end: RunEnd) -> Result<()>;

    /// Gives a run back unfinished (shutdown): `queued` again, nothing else changes.
    async fn release(&self, lease: &Lease, entries: Vec<Entry>) -> Result<()>;

    /// Asks a run to stop. Queued, waiting and in-doubt runs are `cancelled` at once; a running one is marked. Answers the state after it.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if the run is final.
    async fn cancel(&self, tenant: &TenantId, run: RunId, by: &str, now: Timestamp) -> Result<RunState>;

    /// One run.
    async fn run(&self, tenant: &TenantId, run: RunId) -> Result<RunView>;

    /// Runs of a tenant, newest first.
    async fn runs(&self, tenant: &TenantId, filter: RunFilter) -> Result<Vec<RunView>>;

    /// The run of a deployment that was started by `trigger` with equal event data and is not final, if there is one.
    async fn active_run(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        trigger: &str,
        data: &str,
    ) -> Result<Option<RunId>>;
}

/// Journals: the ordered record of a run's calls.
#[async_trait]
pub trait Journals: Send + Sync {
    /// Appends entries of an attempt, in order, in one transaction.
    ///
    /// # Errors
    /// `Fenced`: another attempt holds the run; nothing was written.
    async fn append(&self, lease: &Lease, entries: Vec<Entry>) -> Result<()>;

    /// The run's current journal.
    async fn journal(&self, tenant: &TenantId, run: RunId) -> Result<Journal>;

    /// Records an operator's verdict on an effect in doubt and queues the run again when none is left. `happened` with the result to hand to the
    /// guest, or `None` to send it again.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if the run is not `in_doubt` or the position is not.
    async fn resolve(
        &self,
        tenant: &TenantId,
        run: RunId,
        at: Position,
        result: Option<String>,
        by: &str,
        now: Timestamp,
    ) -> Result<()>;
}

/// State: a deployment's memory.
#[async_trait]
pub trait States: Send + Sync {
    /// Values in the order of the keys.
    async fn state_get(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        keys: &[String],
    ) -> Result<Vec<Option<StateEntry>>>;

    /// Keys after `after` that start with `prefix`, in byte order.
    async fn state_keys(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>>;

    /// Appends `before`, makes the changes, and appends the outcome made from their results: one transaction.
    ///
    /// # Errors
    /// `Fenced`: another attempt holds the run; nothing was changed.
    async fn state_apply(
        &self,
        lease: &Lease,
        before: Vec<Entry>,
        deployment: &DeploymentName,
        changes: Vec<StateChange>,
        outcome: MakeOutcome,
    ) -> Result<Vec<StateResult>>;
}

/// Blobs: which files a tenant keeps, and which run needs them. The files themselves are the caller's; a row says that one is durable.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Records that the lease's run needs a blob of `size` bytes, whose file is durable, until the run ends for good. Equal bytes of one
    /// tenant are one blob, and count once. Safe to repeat.
    ///
    /// # Errors
    /// `Fenced`: another attempt holds the run. `Quota` (`spool-bytes`): the tenant's runs would need more than `quota` bytes.
    async fn hold(&self, lease: &Lease, digest: Digest, size: u64, quota: u64, now: Timestamp) -> Result<()>;

    /// Bytes of all blobs that runs of the tenant need, those of this run left out if one is named.
    async fn held_bytes(&self, tenant: &TenantId, but: Option<RunId>) -> Result<u64>;

    /// Which of these blobs the tenant has, needed or not, in their order.
    async fn known(&self, tenant: &TenantId, digests: &[Digest]) -> Result<Vec<bool>>;

    /// At most `limit` blobs that no run needs, of all tenants: for the janitor.
    async fn unneeded(&self, limit: u32) -> Result<Vec<(TenantId, Digest)>>;

    /// Forgets blobs whose files are gone; those that a run needs stay.
    async fn forget(&self, blobs: Vec<(TenantId, Digest)>) -> Result<()>;
}

/// Deployments, components and keys: what operators set up.
#[async_trait]
pub trait Setups: Send + Sync {
    /// Records a new version with its grants. `version`, and `go_live` of an existing deployment, are filled in by the store.
    async fn deploy(&self, version: DeploymentVersion, grants: Vec<Grant>) -> Result<Deployment>;
    /// The newest version and the grants.
    async fn deployment(&self, tenant: &TenantId, name: &DeploymentName) -> Result<Deployment>;
    /// A pinned version.
    async fn deployment_version(
        &self,
        tenant: &TenantId,
        name: &DeploymentName,
        version: u32,
    ) -> Result<DeploymentVersion>;
    /// All deployments of a tenant by name.
    async fn deployments(&self, tenant: &TenantId) -> Result<Vec<Deployment>>;
    /// The grants of a deployment, read at each live call.
    async fn grants(&self, tenant: &TenantId, name: &DeploymentName) -> Result<Vec<Grant>>;
    /// Replaces the grants of a deployment.
    async fn set_grants(&self, tenant: &TenantId, name: &DeploymentName, grants: Vec<Grant>) -> Result<()>;
    /// Stores a component's bytes for a tenant; the same bytes twice are one row.
    async fn put_component(&self, tenant: &TenantId, digest: Digest, bytes: Vec<u8>, now: Timestamp) -> Result<()>;
    /// A component's bytes.
    async fn component(&self, tenant: &TenantId, digest: Digest) -> Result<Vec<u8>>;
    /// Stores a key.
    async fn put_key(&self, key: KeyRecord) -> Result<()>;
    /// A key by its public part.
    async fn key(&self, id: &str) -> Result<Option<KeyRecord>>;
    /// All keys.
    async fn keys(&self) -> Result<Vec<KeyRecord>>;
    /// Takes a key back.
    async fn revoke_key(&self, id: &str, now: Timestamp) -> Result<()>;
}

/// Everything a node needs to remember.
#[async_trait]
pub trait Store: Runs + Journals + States + Blobs + Setups + Deliveries + Cursors + Timers {
    /// Is the database answering?
    async fn ping(&self) -> Result<()>;
    /// Counters for `/metrics`.
    async fn counters(&self) -> Result<StoreCounters>;
    /// Finishes what is accepted and closes the database.
    async fn close(&self);
}
