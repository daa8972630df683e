//! How does an accepted run get to an attempt, and its caller to the answer?
//!
//! `submit` accepts durably and starts at once where there is a free place; `dispatch` starts what had to wait; `waiters` answers callers.

mod dispatch;
mod submit;
mod waiters;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use synapse_domain::clock::SharedClock;
use synapse_domain::ids::{DeploymentName, RunId, TenantId};
use synapse_domain::run::RunState;
use synapse_store::{Store, StoreError};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use submit::Submission;

use crate::engine::Engine;
use crate::metrics::Metrics;
use waiters::Waiters;

/// How many runs a node carries at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// In all.
    pub total: u32,
    /// Of one tenant.
    pub per_tenant: u32,
}

/// The node's queue: cheap to clone.
#[derive(Clone)]
pub struct Queue(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    clock: SharedClock,
    engine: Arc<Engine>,
    metrics: Metrics,
    node: String,
    places: Places,
    free: Arc<Semaphore>,
    waiters: Waiters,
    wake: Notify,
    /// Some run may be queued: every end of a run is a reason to look.
    backlog: AtomicBool,
    stop: CancellationToken,
    /// Nothing ends any more on this node: who still waits is told how things stand.
    drained: CancellationToken,
    attempts: TaskTracker,
}

impl Queue {
    /// A queue that hands runs to this engine under this node's name.
    pub fn new(engine: Arc<Engine>, node: String, places: Places, metrics: Metrics) -> Self {
        Self(Arc::new(Shared {
            store: Arc::clone(&engine.store),
            clock: Arc::clone(&engine.clock),
            engine,
            metrics,
            node,
            places,
            free: Arc::new(Semaphore::new(places.total as usize)),
            waiters: Waiters::default(),
            wake: Notify::new(),
            backlog: AtomicBool::new(true),
            stop: CancellationToken::new(),
            drained: CancellationToken::new(),
            attempts: TaskTracker::new(),
        }))
    }

    /// Asks a run to stop: at once if it is not under way, else at its next call.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` if it is final.
    pub async fn cancel(&self, tenant: &TenantId, run: RunId, by: &str) -> Result<RunState, StoreError> {
        let state = self.0.store.cancel(tenant, run, by, self.0.clock.now()).await?;
        if let Some(attempt) = self.0.engine.active.get(tenant, run) {
            attempt.cancel();
        }
        if state == RunState::Cancelled {
            // It may have had blobs; no attempt ends it that would say so.
            self.0.engine.vault.wake();
        }
        self.0.waiters.changed(run);
        Ok(state)
    }

    /// The store told these runs to stop: the attempts under way here hear of it, and so does who waits for them.
    pub fn told_to_stop(&self, tenant: &TenantId, runs: &[RunId]) {
        for run in runs {
            if let Some(attempt) = self.0.engine.active.get(tenant, *run) {
                attempt.cancel();
            }
            self.0.waiters.changed(*run);
        }
        if !runs.is_empty() {
            self.0.engine.vault.wake();
        }
    }

    /// Resolves when the node starts nothing any more.
    pub async fn stopped(&self) {
        self.0.stop.cancelled().await;
    }

    /// The grants of a deployment were changed.
    pub fn grants_changed(&self, tenant: &TenantId, deployment: &DeploymentName) {
        self.0.engine.grants.changed(tenant, deployment);
    }

    /// A run became startable that nobody here claimed: look for it.
    pub fn wake(&self) {
        self.0.backlog.store(true, Ordering::Release);
        self.0.wake.notify_one();
    }

    /// May runs start here? Not while the node shuts down, nor after its lease ended: such a run could only be given back.
    fn may_start(&self) -> bool {
        !self.0.stop.is_cancelled() && self.0.engine.lease.until() > self.0.clock.now()
    }

    /// Stops starting runs; waits for those under way, and after `grace` hands them back at their next call. Then callers who wait are answered.
    pub async fn drain(&self, grace: std::time::Duration) {
        self.0.stop.cancel();
        self.0.attempts.close();
        if tokio::time::timeout(grace, self.0.attempts.wait()).await.is_err() {
            for attempt in self.0.engine.active.all() {
                attempt.drain();
            }
            self.0.attempts.wait().await;
        }
        self.0.drained.cancel();
    }
}
