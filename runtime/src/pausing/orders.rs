//! What happens when somebody orders a pause, or its end?

use std::sync::Arc;

use synapse_domain::clock::SharedClock;
use synapse_domain::ids::TenantId;
use synapse_store::timers::{Drain, Pause, Scope};
use synapse_store::{Store, StoreError};

use crate::config::Window;
use crate::engine::Engine;
use crate::queue::Queue;
use crate::triggers::schedule::Schedules;

/// Runs per minute that start after a pause, unless somebody says otherwise: what waited must not fall on a target all at once.
pub const DRAIN_PER_MINUTE: u32 = 60;

/// Pauses and maintenance windows of a node.
pub struct Pausing {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: SharedClock,
    pub(super) engine: Arc<Engine>,
    pub(super) queue: Queue,
    pub(super) schedules: Schedules,
    pub(super) windows: Vec<Window>,
}

impl Pausing {
    /// Pauses over this engine and queue; these windows are the configuration's.
    pub fn new(engine: Arc<Engine>, queue: Queue, schedules: Schedules, windows: Vec<Window>) -> Self {
        Self {
            store: Arc::clone(&engine.store),
            clock: Arc::clone(&engine.clock),
            engine,
            queue,
            schedules,
            windows,
        }
    }

    /// Holds runs back. Those under way finish the write they are in, and are handed back at their next call. Answers whether it is new.
    ///
    /// # Errors
    /// The store's.
    pub async fn pause(&self, pause: Pause) -> Result<bool, StoreError> {
        let (tenant, scope, by, why) = (
            pause.tenant.clone(),
            pause.scope.clone(),
            pause.by.clone(),
            pause.why.clone(),
        );
        let new = self.store.pause(pause).await?;
        tracing::info!(audit = "pause", tenant.id = %tenant, ?scope, by, why, new, "runs are held back");
        self.refresh().await?;
        Ok(new)
    }

    /// Ends a pause: what it held starts at this rate. Answers how many runs these are.
    ///
    /// # Errors
    /// `NotFound`: nothing like that is paused.
    pub async fn resume(
        &self,
        tenant: &TenantId,
        scope: Scope,
        per_minute: Option<u32>,
        by: &str,
    ) -> Result<u64, StoreError> {
        let drain = Drain {
            per_minute: per_minute.unwrap_or(DRAIN_PER_MINUTE),
            now: self.clock.now(),
        };
        let held = self.store.resume(tenant, scope.clone(), drain).await?;
        let per_minute = drain.per_minute;
        tracing::info!(audit = "resume", tenant.id = %tenant, ?scope, by, held, per_minute, "runs go on");
        self.refresh().await?;
        Ok(held)
    }

    /// Makes what this node knows of pauses that of the store; attempts that are covered hand their runs back, and everybody looks again.
    pub(super) async fn refresh(&self) -> Result<(), StoreError> {
        let pauses = self.store.pauses(None).await?;
        self.engine.holds.set(pauses, &self.engine.connections);
        for attempt in self.engine.active.all() {
            if self.engine.holds.cover(&attempt.run.facts, &attempt.run.version) {
                attempt.drain();
            }
        }
        self.schedules.wake();
        self.queue.wake();
        Ok(())
    }
}
