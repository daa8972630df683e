//! What does an attempt hold while it runs, on the guest's side and on its own?

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use synapse_domain::clock::{SharedClock, Timestamp};
use synapse_domain::digest::Digest;
use synapse_domain::ids::{BindingName, DeploymentName, TenantId};
use synapse_domain::limits::{self, RunLimits};
use synapse_domain::permission::{Grant, Pattern};
use synapse_store::journal::{Entry, Journal, Position};
use synapse_store::records::{DeploymentVersion, Lease, RunFacts};
use synapse_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lines::Lines;
use super::replay::Recorded;
use super::stop::Stop;
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Spool, StoreLedger, Vault};
use crate::connection::{Connection, Connections, Handle, Target};

/// Who may do what, now. Read at each live call (G8).
#[async_trait]
pub trait Authority: Send + Sync {
    /// The operator's grants to a deployment.
    async fn grants(&self, tenant: &TenantId, deployment: &DeploymentName) -> Result<Arc<Vec<Grant>>, Stop>;
    /// What the tenant may use at all.
    fn ceiling(&self, tenant: &TenantId) -> Arc<Vec<Pattern>>;
}

/// Until when this node may start effects.
#[derive(Debug, Default)]
pub struct NodeLease(AtomicU64);

impl NodeLease {
    /// The end of the lease, milliseconds since the epoch.
    pub fn until(&self) -> Timestamp {
        self.0.load(Ordering::Acquire)
    }

    /// Records an extension that is durable in the store.
    pub fn extend(&self, until: Timestamp) {
        self.0.fetch_max(until, Ordering::AcqRel);
    }
}

/// What is pinned for the run, and what the node lends it.
pub struct RunContext {
    /// Facts of the run.
    pub facts: RunFacts,
    /// Its pinned deployment version.
    pub version: DeploymentVersion,
    /// What its manifest asks for.
    pub asked: Vec<Grant>,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: SharedClock,
    /// The tenant's and all other connections.
    pub connections: Arc<Connections>,
    /// Who may do what.
    pub authority: Arc<dyn Authority>,
    /// The node's lease.
    pub node: Arc<NodeLease>,
    /// The node's folder of blobs.
    pub vault: Arc<Vault>,
}

/// The attempt's own side: survives the guest's future, so that a write in flight is awaited and journaled.
pub struct Attempt {
    /// The run.
    pub run: RunContext,
    /// The right to go on with it.
    pub lease: Lease,
    /// The blobs that the run can reach.
    pub spool: Spool,
    /// Set to stop new live calls.
    cancelled: CancellationToken,
    /// Set to hand the run to another attempt.
    draining: CancellationToken,
    /// Entries that are not yet handed to the committer, in order.
    buffer: Mutex<Buffer>,
    /// A journal write failed: what is durable is not known any more.
    broken: AtomicBool,
    /// Results of effects that happened, by key (G6).
    successes: Mutex<HashMap<Digest, String>>,
    /// Writes under way.
    pub(super) writes: TaskTracker,
}

#[derive(Default)]
struct Buffer {
    entries: Vec<Entry>,
    bytes: usize,
}

impl Attempt {
    /// An attempt at a claimed run.
    pub fn new(run: RunContext, lease: Lease) -> Arc<Self> {
        let ledger = StoreLedger {
            store: Arc::clone(&run.store),
            lease: lease.clone(),
            clock: Arc::clone(&run.clock),
            quota: run.vault.quotas().tenant_bytes,
        };
        let spool = Spool::new(Arc::clone(&run.vault), lease.tenant.clone(), ledger);
        Arc::new(Self {
            run,
            lease,
            spool,
            cancelled: CancellationToken::new(),
            draining: CancellationToken::new(),
            buffer: Mutex::default(),
            broken: AtomicBool::new(false),
            successes: Mutex::default(),
            writes: TaskTracker::new(),
        })
    }

    /// Stops new live calls: the run ends `cancelled`.
    pub fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// Stops new live calls: the run goes back to the queue.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Resolves when the attempt is told to stop, with the reason.
    pub async fn told_to_stop(&self) -> Stop {
        tokio::select! {
            () = self.cancelled.cancelled() => Stop::Cancelled,
            () = self.draining.cancelled() => Stop::Draining,
        }
    }

    /// May a new live call start?
    pub(super) fn may_start(&self) -> Result<(), Stop> {
        if self.cancelled.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if self.draining.is_cancelled() {
            return Err(Stop::Draining);
        }
        Ok(())
    }

    /// Waits until this moment, unless the attempt is told to stop before.
    pub(super) async fn wait_until(&self, moment: Timestamp) -> Result<(), Stop> {
        let wait = Duration::from_millis(moment.saturating_sub(self.run.clock.now()));
        tokio::select! {
            () = tokio::time::sleep(wait) => self.may_start(),
            stop = self.told_to_stop() => Err(stop),
        }
    }

    /// Keeps an entry for the next transaction; hands the buffer over when it is large.
    pub(super) async fn buffer(self: &Arc<Self>, entry: Entry) -> Result<(), Stop> {
        let full = {
            let mut buffer = self.buffer_lock();
            buffer.bytes = buffer.bytes.saturating_add(size(&entry));
            buffer.entries.push(entry);
            buffer.entries.len() >= limits::BUFFERED_ENTRIES || buffer.bytes >= limits::BUFFERED_BYTES
        };
        if full { self.commit(Vec::new()).await } else { Ok(()) }
    }

    /// Makes what is buffered and these entries durable, in one transaction. Only the guest's own calls and, after the first
    /// intent of a call, its items come here: so nothing of a call is durable before everything of the calls before it.
    pub(super) async fn commit(self: &Arc<Self>, more: Vec<Entry>) -> Result<(), Stop> {
        let mut entries = self.take_buffer();
        entries.extend(more);
        if entries.is_empty() {
            return Ok(());
        }
        self.store(move |attempt| async move { attempt.run.store.append(&attempt.lease, entries).await })
            .await
    }

    /// Writes to the store in a task of the attempt: entries that were taken from the buffer must not be lost with a guest that is
    /// dropped. After a write that failed nothing more is written, or the journal would have a gap.
    pub(super) async fn store<T, F>(self: &Arc<Self>, write: impl FnOnce(Arc<Self>) -> F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        if self.broken.load(Ordering::Acquire) {
            return Err(Stop::Lost("an earlier journal write failed".to_owned()));
        }
        let attempt = Arc::clone(self);
        let write = write(Arc::clone(self));
        let written = self.writes.spawn(async move {
            let result = write.await;
            if result.is_err() {
                attempt.broken.store(true, Ordering::Release);
            }
            result
        });
        Ok(written
            .await
            .map_err(|error| Stop::Lost(format!("a journal write ended early: {error}")))??)
    }

    /// The recorded result of an effect of this run that is known to have happened.
    pub(super) fn success(&self, key: &Digest) -> Option<String> {
        self.successes.lock().ok()?.get(key).cloned()
    }

    /// Remembers the result of an effect that happened.
    pub(super) fn succeeded(&self, key: Digest, result: String) {
        if let Ok(mut successes) = self.successes.lock() {
            successes.insert(key, result);
        }
    }

    /// What is still buffered, for the transaction that ends the attempt. Waits for writes under way first.
    pub async fn finish(&self) -> Vec<Entry> {
        self.writes.close();
        self.writes.wait().await;
        self.take_buffer()
    }

    /// What is buffered, for a transaction of the caller's.
    pub(super) fn take_buffer(&self) -> Vec<Entry> {
        let mut buffer = self.buffer_lock();
        buffer.bytes = 0;
        let entries = std::mem::take(&mut buffer.entries);
        if self.broken.load(Ordering::Acquire) {
            Vec::new()
        } else {
            entries
        }
    }

    fn buffer_lock(&self) -> std::sync::MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(entry: &Entry) -> usize {
    match entry {
        Entry::Intent(intent) => intent.arguments.len(),
        Entry::Outcome(outcome) => outcome.arguments.len().saturating_add(outcome.result.len()),
        Entry::Line(_) => 256,
    }
}

/// Told whenever journaled time moves on.
pub type OnTime = Box<dyn Fn(Timestamp) + Send + Sync>;

/// Where a retry of the run would begin: noted while calls are answered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RetryPoint {
    /// The last call that answered an error.
    pub last_error: Option<u32>,
    /// The last call that changed a target.
    pub last_write: Option<u32>,
}

/// The guest's side of the gate: one per attempt, called for every capability function.
pub struct Gate {
    pub(super) attempt: Arc<Attempt>,
    pub(super) recorded: Recorded,
    pub(super) next_call: u32,
    now: Timestamp,
    on_time: Option<OnTime>,
    pub(super) retry: RetryPoint,
    pub(super) lines: Lines,
    pub(super) random: ChaCha20Rng,
    pub(super) ordinals: BTreeMap<Digest, u32>,
    pub(super) live: bool,
}

impl Gate {
    /// The gate of an attempt that continues this journal.
    pub fn new(attempt: Arc<Attempt>, journal: Journal) -> Self {
        let facts = &attempt.run.facts;
        let (now, random) = (facts.created_at, ChaCha20Rng::from_seed(facts.seed));
        let lines = Lines::new(&journal);
        for outcome in journal
            .outcomes
            .iter()
            .chain(&journal.set_aside)
            .filter(|outcome| outcome.ok)
        {
            if let Some(key) = outcome.effect_key {
                attempt.succeeded(key, outcome.result.clone());
            }
        }
        let recorded = Recorded::new(journal);
        Self {
            attempt,
            recorded,
            next_call: 0,
            now,
            on_time: None,
            retry: RetryPoint::default(),
            lines,
            random,
            ordinals: BTreeMap::new(),
            live: false,
        }
    }

    /// The run.
    pub fn run(&self) -> &RunContext {
        &self.attempt.run
    }

    /// The blobs that the run can reach.
    pub fn spool(&self) -> Spool {
        self.attempt.spool.clone()
    }

    /// Journaled time: of the last outcome, or the run's creation.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Has the run's time told to somebody besides `clock.now` (the clocks of WASI).
    pub fn on_time(&mut self, told: OnTime) {
        told(self.now);
        self.on_time = Some(told);
    }

    /// Moves journaled time on; never back.
    pub(super) fn advance(&mut self, time: Timestamp) {
        self.now = self.now.max(time);
        if let Some(told) = &self.on_time {
            told(self.now);
        }
    }

    /// The call from which on a retry forgets the journal: the last one with an error outcome; without one, the first after the last write.
    /// `None`: there is nothing after the last write, so a retry would only repeat the same answers.
    pub fn retry_from(&self) -> Option<u32> {
        let after_writes = self.retry.last_write.map_or(0, |call| call.saturating_add(1));
        self.retry
            .last_error
            .or((after_writes < self.next_call).then_some(after_writes))
    }

    /// The run's random stream: a pure function of its seed and of what was drawn before.
    pub fn random(&mut self) -> &mut ChaCha20Rng {
        &mut self.random
    }

    /// The guest has returned: it must have made every recorded call.
    ///
    /// # Errors
    /// [`Stop::Diverged`], naming the first recorded call that was not made.
    pub fn returned(&self) -> Result<(), Stop> {
        self.recorded.nothing_between(
            Position {
                call: self.next_call,
                item: 0,
            },
            None,
        )
    }

    /// Has a live call been made? Fuel is enforced from here on if the engine is not the one that wrote the journal.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// How many report items say that something failed.
    pub fn failed_items(&self) -> u64 {
        self.lines.failed_items()
    }

    /// Opens a binding: a handle, if the deployment binds this name to a connection of this kind.
    ///
    /// # Errors
    /// `Denied`: no such binding, or of another kind. A pure function of what is pinned, so it is not journaled.
    pub fn open<T: Target>(&self, binding: &str) -> Result<Handle, Error> {
        let run = self.run();
        let denied = || {
            Error::Denied(format!(
                "`{binding}` is not bound to a {} connection in this deployment",
                T::KIND
            ))
        };
        let binding: BindingName = binding.parse().map_err(|_| denied())?;
        let connection = run.version.bindings.get(&binding).ok_or_else(denied)?.clone();
        let found = run.connections.get(&run.facts.tenant, &connection).ok_or_else(denied)?;
        if T::of(&found).is_none() {
            return Err(denied());
        }
        Ok(Handle { binding, connection })
    }

    /// The source id that is pinned for a binding.
    ///
    /// # Errors
    /// `Denied`: no such binding.
    pub fn source_id(&self, binding: &str) -> Result<String, Error> {
        let found = binding
            .parse::<BindingName>()
            .ok()
            .and_then(|name| self.run().version.source_ids.get(&name).cloned());
        found.ok_or_else(|| Error::Denied(format!("`{binding}` is not bound in this deployment")))
    }

    /// The connection behind a handle, as it is now.
    pub(super) fn connection(&self, handle: &Handle) -> Result<Arc<Connection>, Error> {
        let run = self.run();
        run.connections
            .get(&run.facts.tenant, &handle.connection)
            .ok_or_else(|| Error::Unavailable(format!("connection `{}` no longer exists", handle.connection)))
    }

    /// The limits of the run.
    pub(super) fn limits(&self) -> &RunLimits {
        &self.run().version.limits
    }
}
