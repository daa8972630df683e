//! One attempt at a run: load, replay, go on, end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use synapse_capabilities::bindings::WorkflowHostPre;
use synapse_capabilities::bindings::synapse::workflow::types as wit;
use synapse_capabilities::blobs::Vault;
use synapse_capabilities::connection::Connections;
use synapse_capabilities::gate::{Attempt, Gate, NodeLease, RunContext, Stop};
use synapse_domain::clock::SharedClock;
use synapse_domain::event::Event;
use synapse_domain::failpoint;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::limits;
use synapse_domain::run::RunState;
use synapse_sandbox::prepared::Prepared;
use synapse_sandbox::state::FuelMode;
use synapse_sandbox::{instance, trap};
use synapse_store::journal::{Entry, Journal};
use synapse_store::records::{Claimed, Lease, RunEnd, RunFacts};
use synapse_store::{Store, StoreError};

use super::ending::{Ending, Then, decide, problem};
use super::grants::Grants;
use super::guest::Guest;
use super::holds::Holds;
use super::loaded::{Loaded, Pinned};

/// Pause before a run is given back again after the store did not take it, doubled up to the longest.
const GIVE_BACK_PAUSE: Duration = Duration::from_millis(200);
/// Longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Attempts under way on this node, by run.
#[derive(Default)]
pub struct Active(Mutex<HashMap<(TenantId, RunId), Arc<Attempt>>>);

impl Active {
    /// The attempt at this run, if it is under way here.
    pub fn get(&self, tenant: &TenantId, run: RunId) -> Option<Arc<Attempt>> {
        self.lock().get(&(tenant.clone(), run)).cloned()
    }

    /// All attempts.
    pub fn all(&self) -> Vec<Arc<Attempt>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(TenantId, RunId), Arc<Attempt>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a node lends to attempts.
pub struct Engine {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: SharedClock,
    /// Upstreams.
    pub connections: Arc<Connections>,
    /// Permissions.
    pub grants: Arc<Grants>,
    /// Pinned versions and components.
    pub loaded: Loaded,
    /// The node's lease.
    pub lease: Arc<NodeLease>,
    /// The node's folder of blobs.
    pub vault: Arc<Vault>,
    /// What is paused.
    pub holds: Holds,
    /// Attempts under way.
    pub active: Active,
}

/// What became of an attempt.
pub enum Ended {
    /// The run has a new state, durably.
    State(Box<Settled>),
    /// The run goes on elsewhere or later.
    GivenBack,
}

/// A run with the end that an attempt gave it.
pub struct Settled {
    /// The run.
    pub run: RunFacts,
    /// Its attempts so far.
    pub attempts: u32,
    /// Its end.
    pub end: RunEnd,
}

impl Engine {
    /// Carries a claimed run on.
    pub async fn attempt(&self, claimed: Claimed) -> Ended {
        let Claimed { lease, run } = claimed;
        let fingerprint = self.loaded.components.engine().fingerprint().to_string();
        if let Some((state, code, message)) = unstartable(&run) {
            let end = self.plain_end(state, code, message, fingerprint);
            return self.end(&lease, run, Vec::new(), end).await;
        }
        let ready = match self.ready(&lease, &run).await {
            Ok(ready) => ready,
            Err(error) => {
                let end = self.plain_end(RunState::Failed, "not-loadable", format!("{error:#}"), fingerprint);
                return self.end(&lease, run, Vec::new(), end).await;
            }
        };
        let context = RunContext {
            facts: run.clone(),
            version: ready.pinned.version.clone(),
            asked: ready.pinned.asked.clone(),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            connections: Arc::clone(&self.connections),
            authority: Arc::clone(&self.grants) as _,
            node: Arc::clone(&self.lease),
            vault: Arc::clone(&self.vault),
        };
        let attempt = Attempt::new(context, lease.clone());
        let key = (run.tenant.clone(), run.id);
        self.active.lock().insert(key.clone(), Arc::clone(&attempt));
        // Looked at after the attempt can be found: a pause that comes later finds it.
        if self.holds.cover(&run, &attempt.run.version) {
            attempt.drain();
        }
        let (then, entries) = self.carry(&attempt, ready, &run, &fingerprint).await;
        self.active.lock().remove(&key);
        let ended = match then {
            Then::End(end) => self.end(&lease, run, entries, *end).await,
            Then::GiveBack(why) => self.give_back(&lease, entries, &why).await,
        };
        if attempt.spool.is_used() {
            self.vault.wake();
        }
        ended
    }

    /// Everything an attempt needs before a guest exists.
    async fn ready(&self, lease: &Lease, run: &RunFacts) -> anyhow::Result<Ready> {
        let pinned = self.loaded.pinned(&run.tenant, &run.deployment, run.version).await?;
        let component = self.loaded.component(&pinned.version).await?;
        let first = lease.epoch <= 1;
        let journal = if first {
            Journal::default()
        } else {
            self.store.journal(&run.tenant, run.id).await?
        };
        Ok(Ready {
            pinned,
            component,
            journal,
        })
    }

    /// Runs the guest, and decides what becomes of the run.
    async fn carry(
        &self,
        attempt: &Arc<Attempt>,
        ready: Ready,
        run: &RunFacts,
        fingerprint: &str,
    ) -> (Then, Vec<Entry>) {
        // Fuel repeats only on the engine that counted it (design section 12).
        let same_engine = run
            .fingerprint
            .as_deref()
            .is_none_or(|previous| previous == fingerprint);
        let fuel = if same_engine {
            FuelMode::FromStart
        } else {
            FuelMode::AfterFirstLiveCall
        };
        let wall = Duration::from_millis(ready.pinned.version.limits.wall_ms);
        let mut guest = Guest::new(Gate::new(Arc::clone(attempt), ready.journal), fuel);
        let slot = self.loaded.components.engine().slot().await;
        let (ending, fuel_used) = match instance::store(self.loaded.components.engine(), slot, guest) {
            Err(error) => return (Then::GiveBack(format!("{error:#}")), Vec::new()),
            Ok(mut store) => {
                let called =
                    std::panic::AssertUnwindSafe(call(&ready.component, &mut store, &run.event)).catch_unwind();
                let ending = tokio::select! {
                    ended = called => ended.unwrap_or_else(|_| Ending::Broken("a host function panicked".to_owned())),
                    stop = attempt.told_to_stop() => Ending::Stop(stop),
                    () = tokio::time::sleep(wall) => Ending::Wall,
                };
                let used = store.fuel_used();
                guest = store.into_data();
                (ending, used)
            }
        };
        if !matches!(ending, Ending::Answer(_)) {
            // Nothing new starts; what is under way is awaited by `finish`.
            attempt.cancel();
        }
        let ending = match guest.flush_output().await {
            Ok(()) => ending,
            Err(stop) => Ending::Stop(stop),
        };
        let entries = attempt.finish().await;
        let then = decide(
            ending,
            &guest.host.gate,
            run.retries,
            fuel_used,
            fingerprint,
            self.clock.now(),
        );
        (then, entries)
    }

    /// Records the end. When the store does not take it, the attempt has lost the run and re-reads: it is given back.
    async fn end(&self, lease: &Lease, run: RunFacts, entries: Vec<Entry>, end: RunEnd) -> Ended {
        failpoint::hit("engine.before-end");
        match self.store.end(lease, entries, end.clone()).await {
            Ok(()) => Ended::State(Box::new(Settled {
                run,
                attempts: lease.epoch,
                end,
            })),
            Err(StoreError::Fenced) => Ended::GivenBack,
            Err(error) => self.give_back(lease, Vec::new(), &error.to_string()).await,
        }
    }

    /// Gives the run back until the store takes it, or somebody else holds it.
    async fn give_back(&self, lease: &Lease, mut entries: Vec<Entry>, why: &str) -> Ended {
        tracing::warn!(run.id = %lease.run, tenant.id = %lease.tenant, why, "the attempt gives its run back");
        let mut pause = GIVE_BACK_PAUSE;
        loop {
            match self.store.release(lease, std::mem::take(&mut entries)).await {
                Ok(()) | Err(StoreError::Fenced | StoreError::NotFound) => return Ended::GivenBack,
                Err(error) => tracing::error!(run.id = %lease.run, %error, "the store does not take the run back"),
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }

    fn plain_end(&self, state: RunState, code: &str, message: String, fingerprint: String) -> RunEnd {
        let problem = Some(problem(code, message));
        RunEnd {
            state,
            answer: None,
            problem,
            fuel: None,
            fingerprint,
            wake: None,
            at: self.clock.now(),
        }
    }
}

struct Ready {
    pinned: Arc<Pinned>,
    component: Arc<Prepared<Guest>>,
    journal: Journal,
}

/// Why a claimed run is ended without starting a guest.
fn unstartable(run: &RunFacts) -> Option<(RunState, &'static str, String)> {
    if run.cancel_requested {
        let message = "cancelled while no attempt was under way; `runs show` lists effects without an outcome, if any";
        return Some((RunState::Cancelled, "cancelled", message.to_owned()));
    }
    if run.barren >= limits::BARREN_ATTEMPTS {
        let message = format!("{} attempts in a row ended without a new journal entry", run.barren);
        return Some((RunState::Failed, "poisoned", message));
    }
    None
}

/// Instantiates the component and calls its handler.
async fn call(component: &Prepared<Guest>, store: &mut instance::Guarded<Guest>, event: &Event) -> Ending {
    let event = wit::Event {
        id: event.id.clone(),
        source: event.source.clone(),
        type_: event.kind.clone(),
        time: event.time,
        datacontenttype: event.datacontenttype.clone(),
        data: event.data.clone(),
    };
    let called = async {
        let handler = WorkflowHostPre::new(component.instance_pre.clone())?
            .instantiate_async(&mut **store)
            .await?;
        handler.synapse_workflow_handler().call_run(&mut **store, &event).await
    };
    match called.await {
        Ok(Ok(answer)) => Ending::Answer(answer),
        Ok(Err(failure)) => Ending::Failure(failure),
        Err(error) => match error.downcast_ref::<Stop>() {
            Some(stop) => Ending::Stop(stop.clone()),
            None => Ending::Trap(trap::classify(&error)),
        },
    }
}
