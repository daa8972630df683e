//! Which events are looked at once more, and which are deleted?

use std::collections::HashSet;
use std::time::Duration;

use synapse_domain::hive::HiveEvent;
use synapse_domain::ids::{DeliveryId, TenantId};
use synapse_store::StoreError;
use synapse_store::deliveries::{Delivered, DeliveryState, Keep, StoredDelivery, Verdict};

use super::decide::{Asked, decide};
use super::own::Own;
use super::receive::Hooks;

/// Longest time between two looks at pending events.
const REST: Duration = Duration::from_secs(5);
/// Pending events of one page.
const PAGE: u32 = 100;
/// How often old events are deleted.
const TRIM_PERIOD: Duration = Duration::from_secs(600);
/// Events of one transaction that deletes.
const TRIM: u32 = 1_000;
/// What is kept of one connection: enough to say a month later why a run started, and for the reconciler not to find twice what it
/// compares again; ignored events are many and soon without interest.
const KEEP: Keep = Keep {
    accepted: 100_000,
    accepted_ms: 90 * 86_400_000,
    ignored: 20_000,
    ignored_ms: 14 * 86_400_000,
    bytes: 512 << 20,
};

impl Hooks {
    /// What an event would start now, by the triggers as they are. Changes nothing.
    ///
    /// # Errors
    /// The stored event cannot be read.
    pub fn evaluate(&self, tenant: &TenantId, stored: &StoredDelivery) -> Result<Verdict, StoreError> {
        let view = &stored.view;
        let mut event: HiveEvent = match serde_json::from_str(&stored.data) {
            Ok(Some(event)) => event,
            Ok(None) => {
                let reason = view.reason.clone().unwrap_or_default();
                return Ok(Verdict::Ignore(reason));
            }
            Err(error) => return Err(StoreError::Damaged(format!("the data of an event: {error}"))),
        };
        (event.time, event.moment) = (view.time, stored.moment);
        let now = self.0.clock.now();
        let receiver = self.0.receivers.get(&(tenant.clone(), view.connection.clone()));
        let own = receiver.and_then(|receiver| receiver.own.is(event.actor.as_deref()));
        event.own = own.unwrap_or(event.own);
        let data = serde_json::to_string(&event)
            .map_err(|error| StoreError::Failed(format!("an event cannot be written as JSON: {error}")))?;
        let asked = Asked {
            tenant,
            event: &event,
            own_known: own.is_some() || !Own::waits(view.received_at, now),
            key: &stored.key,
            data: &data,
            now,
        };
        decide(&asked, &self.0.index.of(tenant, &view.connection))
    }

    /// Evaluates an event again, by the triggers as they are now, and records what became of it. Runs that it started before stay, and
    /// are not started twice.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn reevaluate(&self, tenant: &TenantId, id: DeliveryId) -> Result<Delivered, StoreError> {
        let stored = self.0.store.delivery(tenant, id).await?;
        let verdict = self.evaluate(tenant, &stored)?;
        let unchanged = match &verdict {
            // What has started something is never made to look as if it had not.
            Verdict::Ignore(_) | Verdict::Wait(_) if stored.view.state == DeliveryState::Accepted => true,
            Verdict::Wait(reason) => stored.view.reason.as_ref() == Some(reason),
            Verdict::Ignore(_) | Verdict::Start(_) => false,
        };
        if unchanged {
            return Ok(Delivered {
                id,
                created: false,
                state: stored.view.state,
                reason: stored.view.reason,
                runs: stored.view.runs.into_iter().map(|run| run.run).collect(),
                started: false,
            });
        }
        let delivered = self.0.store.settle(tenant, id, verdict, self.0.clock.now()).await?;
        self.0.news.tell(tenant);
        if delivered.started {
            self.0.queue.wake();
        }
        Ok(delivered)
    }

    /// Tries pending events again, for ever.
    pub(super) async fn work_off(self) {
        loop {
            if let Err(error) = self.work_off_once().await {
                tracing::error!(%error, "pending events cannot be tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = self.0.pending.notified() => {}
            }
        }
    }

    /// Tries every pending event once; a tenant whose queue is full has to wait with all of them.
    async fn work_off_once(&self) -> Result<(), StoreError> {
        let (mut after, mut full) = (None, HashSet::new());
        loop {
            let page = self.0.store.pending_deliveries(after, PAGE).await?;
            for (tenant, id, received_at) in &page {
                after = Some((*received_at, *id));
                if full.contains(tenant) {
                    continue;
                }
                let stored = self.0.store.delivery(tenant, *id).await?;
                if matches!(self.evaluate(tenant, &stored)?, Verdict::Wait(_)) {
                    continue;
                }
                if self.reevaluate(tenant, *id).await?.state == DeliveryState::Pending {
                    full.insert(tenant.clone());
                }
            }
            if page.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// Deletes old events, for ever.
    pub(super) async fn trim(self) {
        loop {
            match self.0.store.trim_deliveries(KEEP, self.0.clock.now(), TRIM).await {
                Ok(deleted) if deleted >= u64::from(TRIM) => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "old events cannot be deleted"),
            }
            tokio::time::sleep(TRIM_PERIOD).await;
        }
    }
}
