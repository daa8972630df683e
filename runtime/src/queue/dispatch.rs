//! Who starts runs that had to wait: queued ones, due ones, and those of a node that is gone?

use std::sync::atomic::Ordering;
use std::time::Duration;

use synapse_domain::run::RunState;
use synapse_store::records::{Claimed, RunView};
use tokio::sync::OwnedSemaphorePermit;

use super::Queue;
use crate::engine::{Ended, Settled};

/// Longest time between two looks, whatever happens: finds runs of other nodes whose lease ended.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// Pause after the store failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Queue {
    /// Starts runs until the queue is drained.
    pub async fn dispatch(self) {
        loop {
            let rest = self.start_waiting().await;
            tokio::select! {
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(rest) => {}
                () = self.0.stop.cancelled() => return,
            }
        }
    }

    /// Starts what may start, and says how long to rest.
    async fn start_waiting(&self) -> Duration {
        loop {
            let mut places = Vec::new();
            while let Ok(place) = self.0.free.clone().try_acquire_owned() {
                places.push(place);
            }
            if places.is_empty() {
                return LONGEST_REST;
            }
            if !self.may_start() {
                return AFTER_FAILURE;
            }
            let want = u32::try_from(places.len()).unwrap_or(u32::MAX);
            let claimed = self
                .0
                .store
                .claim(&self.0.node, self.0.clock.now(), want, self.0.places.per_tenant)
                .await;
            match claimed {
                Err(error) => {
                    tracing::error!(%error, "runs cannot be claimed");
                    return AFTER_FAILURE;
                }
                Ok(claimed) if claimed.is_empty() => break,
                Ok(claimed) => claimed
                    .into_iter()
                    .zip(places)
                    .for_each(|(claimed, place)| self.start(claimed, place)),
            }
        }
        // Cleared before the question, so that a run queued meanwhile sets it again.
        self.0.backlog.store(false, Ordering::Release);
        if self.0.store.any_queued().await.unwrap_or(true) {
            self.0.backlog.store(true, Ordering::Release);
        }
        match self.0.store.next_wake().await {
            Ok(Some(wake)) => Duration::from_millis(wake.saturating_sub(self.0.clock.now())).min(LONGEST_REST),
            Ok(None) | Err(_) => LONGEST_REST,
        }
    }

    /// Starts an attempt in a task of its own; the place is free again when it ends.
    pub(super) fn start(&self, claimed: Claimed, place: OwnedSemaphorePermit) {
        let queue = self.clone();
        let run = claimed.lease.run;
        self.0.metrics.run_started();
        self.0.attempts.spawn(async move {
            let started = queue.0.clock.now();
            match queue.0.engine.attempt(claimed).await {
                Ended::State(settled) => {
                    let end = &settled.end;
                    let code = end.problem.as_ref().map_or("ok", |problem| problem.code.as_str());
                    queue
                        .0
                        .metrics
                        .run_ended(end.state, code, end.at.saturating_sub(started));
                    match end.state {
                        state if state.is_final() => queue.0.waiters.ended(view(*settled)),
                        // A parked run may have been cancelled meanwhile: whoever waits reads it.
                        RunState::InDoubt => queue.0.waiters.changed(run),
                        // It may be due before the next look.
                        RunState::Waiting => queue.0.wake.notify_one(),
                        _ => {}
                    }
                }
                Ended::GivenBack => {
                    queue.0.metrics.run_given_back();
                    queue.0.waiters.changed(run);
                    queue.0.backlog.store(true, Ordering::Release);
                }
            }
            drop(place);
            if queue.0.backlog.load(Ordering::Acquire) {
                // The deployment's next run may start now.
                queue.0.wake.notify_one();
            }
        });
    }
}

/// The run as its waiters see it, equal to what the store would answer.
fn view(settled: Settled) -> RunView {
    let Settled {
        run: facts,
        attempts,
        end,
    } = settled;
    RunView {
        tenant: facts.tenant,
        id: facts.id,
        deployment: facts.deployment,
        version: facts.version,
        state: end.state,
        trigger: facts.trigger,
        event_type: facts.event.kind,
        created_at: facts.created_at,
        started_at: Some(facts.started_at),
        ended_at: end.state.is_final().then_some(end.at),
        attempts,
        answer: end.answer,
        problem: end.problem,
        fuel: end.fuel,
        wake_at: end.wake.map(|(at, _)| at),
    }
}
