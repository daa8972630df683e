//! Which rows does the store hold, apart from the journal?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::{BindingName, ConnectionName, DeploymentName, RunId, TenantId};
use synapse_domain::limits::RunLimits;
use synapse_domain::permission::Grant;
use synapse_domain::run::RunState;
use synapse_domain::trigger::Trigger;

/// One version of a deployment: never changed, so that a run stays pinned to it (G8). Grants are beside it, read at each live call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeploymentVersion {
    /// Whose.
    pub tenant: TenantId,
    /// Its name.
    pub name: DeploymentName,
    /// Counts from 1.
    pub version: u32,
    /// Which component.
    pub component: Digest,
    /// The manifest's text.
    pub manifest: String,
    /// Settings, a JSON object that satisfies the manifest's schema.
    pub config: serde_json::Value,
    /// Logical name to connection.
    pub bindings: BTreeMap<BindingName, ConnectionName>,
    /// Source id of each bound connection, pinned here.
    pub source_ids: BTreeMap<BindingName, String>,
    /// What starts its runs by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// Limits of a run.
    pub limits: RunLimits,
    /// Runs at once; 1 is serial.
    pub concurrency: u32,
    /// Nothing older is acted on. Set at the first deployment and kept by later versions.
    pub go_live: Timestamp,
    /// When this version was made.
    pub created_at: Timestamp,
}

/// A deployment as listed: its newest version and its grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Newest version.
    pub current: DeploymentVersion,
    /// What the operator allows.
    pub grants: Vec<Grant>,
}

/// A run to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: RunId,
    /// Which deployment; the newest version at insertion is pinned.
    pub deployment: DeploymentName,
    /// What started it.
    pub event: Event,
    /// `http`, `api`, `compat`, `cli`, or a trigger's label (`webhook:closed-cases`).
    pub trigger: String,
    /// The caller's idempotency key and the digest of the request it came with: the same key with another request is a `Conflict`.
    pub idempotency: Option<(String, Digest)>,
    /// Seed of the run's randomness.
    pub seed: [u8; 32],
    /// When it was created.
    pub created_at: Timestamp,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Submitted {
    /// The run: the new one, or the one that the idempotency key names.
    pub run: RunId,
    /// False if the idempotency key was known.
    pub created: bool,
    /// Present if the new run could be claimed in the same transaction.
    pub claimed: Option<Claimed>,
}

/// A run handed to an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The lease: every write of the attempt carries it.
    pub lease: Lease,
    /// The run's facts.
    pub run: RunFacts,
}

/// The right to go on with a run; fenced by its epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub tenant: TenantId,
    /// Which run.
    pub run: RunId,
    /// Grows with every claim of the run; the number of this attempt.
    pub epoch: u32,
    /// Name of the node that holds it; the node's own lease ([`crate::traits::Runs::heartbeat`]) says until when it may start effects.
    pub node: String,
}

/// What is pinned when a run is created.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    /// Whose.
    pub tenant: TenantId,
    /// Which run.
    pub id: RunId,
    /// Name of its deployment.
    pub deployment: DeploymentName,
    /// Version of its deployment.
    pub version: u32,
    /// What started it.
    pub event: Event,
    /// `http`, `api`, `compat`, `cli`, or a trigger's label (`webhook:closed-cases`).
    pub trigger: String,
    /// Seed of its randomness.
    pub seed: [u8; 32],
    /// When it was created.
    pub created_at: Timestamp,
    /// When its first attempt began.
    pub started_at: Timestamp,
    /// Current cut of its journal.
    pub cut: u32,
    /// Fingerprint of the engine of the previous attempt, if there was one.
    pub fingerprint: Option<String>,
    /// Claims in a row that added nothing to the journal (this one not counted).
    pub barren: u32,
    /// `retry-after` failures so far.
    pub retries: u32,
    /// Somebody asked for it to stop.
    pub cancel_requested: bool,
}

/// A run as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: RunId,
    /// Name of its deployment.
    pub deployment: DeploymentName,
    /// Version of its deployment.
    pub version: u32,
    /// Where it is.
    pub state: RunState,
    /// What started it.
    pub trigger: String,
    /// The event's type.
    pub event_type: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its first attempt began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it reached its final state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Attempts so far.
    pub attempts: u32,
    /// The guest's answer: JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why it is not `succeeded`, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Instructions used by the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel: Option<u64>,
    /// While it is `waiting`: when it goes on. Without a problem it sleeps because its guest asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_at: Option<Timestamp>,
}

/// Why a run did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// For programs: `cpu-limit`, `memory-limit`, `wall-limit`, `call-limit`, `bad-event`, `failed`, `trap`, `stack-limit`, `result-too-large`, `poisoned`, `diverged`, `cancelled`, `in-doubt`, `retries`.
    pub code: String,
    /// For people.
    pub message: String,
    /// Evidence: for `diverged` the recorded and the attempted call side by side; for `in-doubt` the effects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}

/// How an attempt leaves its run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// `Succeeded`, `Partial`, `Failed`, `Cancelled`, `Diverged`, `InDoubt` or `Waiting`.
    pub state: RunState,
    /// The guest's answer.
    pub answer: Option<String>,
    /// Why it is not `succeeded`.
    pub problem: Option<Problem>,
    /// Instructions used.
    pub fuel: Option<u64>,
    /// Fingerprint of the engine.
    pub fingerprint: String,
    /// For `Waiting`: when to go on, and from which call on the journal is superseded (a new cut begins), if any.
    pub wake: Option<(Timestamp, Option<u32>)>,
    /// When it ended.
    pub at: Timestamp,
}

/// Which runs to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunFilter {
    /// Only this deployment.
    pub deployment: Option<DeploymentName>,
    /// Only this state.
    pub state: Option<RunState>,
    /// Only runs before this id (newest first).
    pub before: Option<RunId>,
    /// At most this many, 1 to 100.
    pub limit: u32,
}

/// An API key at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Public part; unique.
    pub id: String,
    /// SHA-256 of the secret part.
    pub secret_sha256: [u8; 32],
    /// None: an operator's key.
    pub tenant: Option<TenantId>,
    /// What it may do, for instance `runs:read`.
    pub scopes: Vec<String>,
    /// For people.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// One change of `state.apply`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// Which key.
    pub key: String,
    /// The new value; none deletes.
    pub value: Option<String>,
    /// The revision it must have; none: it must not exist.
    pub expected: Option<u64>,
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateResult {
    /// The new revision; 0 after a delete.
    Changed(u64),
    /// The key is not as expected; its revision, if it exists.
    Conflict(Option<u64>),
    /// The deployment holds as many keys as it may.
    Full,
}

/// A stored value with its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateEntry {
    /// The value.
    pub value: String,
    /// Its revision.
    pub revision: u64,
}

/// What an attempt can see of the machine's accounts: counters for `/metrics` and the benchmark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreCounters {
    /// Durable commits (each one fsync of the WAL).
    pub commits: u64,
    /// Write requests that shared those commits.
    pub requests: u64,
    /// Runs by state.
    pub runs: BTreeMap<String, u64>,
}
