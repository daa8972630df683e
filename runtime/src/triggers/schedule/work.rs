//! Who looks whether a schedule is due, and makes its run?

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use synapse_domain::clock::{SharedClock, Timestamp};
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::failpoint;
use synapse_domain::ids::RunId;
use synapse_store::records::NewRun;
use synapse_store::timers::{Due, Firing};
use synapse_store::{Store, StoreError};
use tokio::sync::Notify;

use crate::queue::Queue;

/// Longest time between two looks: finds what a full queue or a failing store kept from firing.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// Schedules of one look.
const BATCH: u32 = 100;

/// The schedules of a node: cheap to clone.
#[derive(Clone)]
pub struct Schedules(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    clock: SharedClock,
    queue: Queue,
    wake: Notify,
}

impl Schedules {
    /// Schedules that hand their runs to this queue.
    pub fn new(store: Arc<dyn Store>, clock: SharedClock, queue: Queue) -> Self {
        Self(Arc::new(Shared {
            store,
            clock,
            queue,
            wake: Notify::new(),
        }))
    }

    /// A schedule was made, or may go on: look.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Fires what is due, until the node stops.
    pub async fn work(self) {
        loop {
            let rest = match self.fire_due().await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::error!(%error, "schedules cannot be looked at");
                    LONGEST_REST
                }
            };
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(rest) => {}
                () = self.0.queue.stopped() => return,
            }
        }
    }

    /// Fires everything that is due; answers how long to rest.
    async fn fire_due(&self) -> Result<Duration, StoreError> {
        let mut created = 0;
        loop {
            let now = self.0.clock.now();
            let due = self.0.store.due(now, BATCH).await?;
            let mut moved = false;
            for due in due {
                let (tenant, deployment) = (due.tenant.clone(), due.deployment.clone());
                let trigger = due.schedule.name.clone();
                // Runs of one look start in the order of their ids.
                created = now.max(created + 1);
                match self.fire(due, now, created).await {
                    Ok(done) => moved |= done,
                    Err(StoreError::Quota(_)) => {
                        tracing::warn!(tenant.id = %tenant, %deployment, %trigger, "the tenant's queue is full: the schedule fires later");
                    }
                    Err(error) => {
                        tracing::error!(tenant.id = %tenant, %deployment, %trigger, %error, "a schedule cannot fire");
                    }
                }
            }
            if !moved {
                break;
            }
        }
        let now = self.0.clock.now();
        let next = self.0.store.next_due(now).await?;
        let rest = next.map_or(LONGEST_REST, |next| Duration::from_millis(next.saturating_sub(now)));
        Ok(rest.min(LONGEST_REST))
    }

    /// One schedule, one step. False: nothing was done.
    async fn fire(&self, due: Due, now: Timestamp, created: Timestamp) -> Result<bool, StoreError> {
        let decided = due.schedule.decide(due.next, now.saturating_sub(due.jitter_ms));
        let decision = decided.map_err(|(field, why)| StoreError::Damaged(format!("{field}: {why}")))?;
        let run = decision
            .fire
            .map(|time| Ok::<_, StoreError>((time, new_run(&due, time, created)?)))
            .transpose()?;
        let (tenant, deployment) = (due.tenant.clone(), due.deployment.clone());
        let trigger = due.schedule.name.clone();
        let missed = decision.skipped.as_ref().map(|skipped| skipped.reason.clone());
        let firing = Firing {
            due,
            run,
            skipped: decision.skipped,
            next: decision.next,
            now,
        };
        failpoint::hit("schedule.before-fire");
        let fired = self.0.store.fire(firing).await?;
        failpoint::hit("schedule.after-fire");
        self.0.queue.told_to_stop(&tenant, &fired.replaced);
        if let Some(why) = fired.left_out.or(missed).filter(|_| fired.done) {
            tracing::info!(tenant.id = %tenant, %deployment, %trigger, why, "a time of the schedule was left out");
        }
        if fired.run.is_some() {
            self.0.queue.wake();
        }
        Ok(fired.done)
    }
}

/// The run of a due time: its key makes it one, whoever asks.
fn new_run(due: &Due, time: Timestamp, created: Timestamp) -> Result<NewRun, StoreError> {
    let mut random = [0; 42];
    getrandom::fill(&mut random).map_err(|error| StoreError::Failed(format!("no randomness: {error}")))?;
    let (mut seed, mut id_bytes) = ([0; 32], [0; 10]);
    seed.copy_from_slice(&random[..32]);
    id_bytes.copy_from_slice(&random[32..]);
    let (tenant, deployment, trigger) = (&due.tenant, &due.deployment, &due.schedule.name);
    let key = format!("schedule:{deployment}:{trigger}:{time}");
    Ok(NewRun {
        tenant: tenant.clone(),
        id: RunId::new(created, id_bytes),
        deployment: deployment.clone(),
        event: Event {
            id: format!("{trigger}:{time}"),
            source: format!("/t/{tenant}/deployments/{deployment}"),
            kind: "synapse.schedule.fired".to_owned(),
            time,
            datacontenttype: "application/json".to_owned(),
            data: json!(due.schedule.input).to_string(),
        },
        trigger: format!("schedule:{trigger}"),
        // The key is the request: the input may have changed since a time that has its run already.
        idempotency: Some((key.clone(), Digest::of(key.as_bytes()))),
        seed,
        created_at: created,
    })
}
