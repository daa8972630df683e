//! Which maintenance windows are open now, and until when is that so?

use std::sync::Arc;
use std::time::Duration;

use synapse_domain::clock::Timestamp;
use synapse_store::StoreError;
use synapse_store::timers::{Drain, Pause, Scope};

use super::orders::{DRAIN_PER_MINUTE, Pausing};

/// Longest time between two looks: a clock that is set right must not leave a window open for long.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// Pause after the store failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Pausing {
    /// Opens and closes windows until the node stops.
    pub async fn work(self: Arc<Self>) {
        loop {
            let rest = match self.open_windows().await {
                Ok(rest) => rest,
                Err(error) => {
                    tracing::error!(%error, "maintenance windows cannot be opened or closed");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = self.queue.stopped() => return,
            }
        }
    }

    /// Makes the windows of this moment the store's; answers how long that stays right.
    ///
    /// # Errors
    /// The store's.
    pub async fn open_windows(&self) -> Result<Duration, StoreError> {
        let now = self.clock.now();
        let mut open: Vec<Pause> = Vec::new();
        let mut next: Option<Timestamp> = None;
        let sooner =
            |next: &mut Option<Timestamp>, time: Timestamp| *next = Some(next.map_or(time, |next| next.min(time)));
        for window in &self.windows {
            let Some(until) = window.open_until(now) else {
                if let Some(start) = window.next_start(now) {
                    sooner(&mut next, start);
                }
                continue;
            };
            sooner(&mut next, until);
            let same = open.iter_mut().find(|pause| {
                pause.tenant == window.tenant && pause.scope.connection.as_ref() == Some(&window.connection)
            });
            if let Some(longer) = same {
                longer.until = longer.until.max(Some(until));
                continue;
            }
            open.push(Pause {
                tenant: window.tenant.clone(),
                scope: Scope {
                    connection: Some(window.connection.clone()),
                    ..Scope::default()
                },
                maintenance: true,
                by: "configuration".to_owned(),
                why: window.why.clone(),
                at: now,
                until: Some(until),
            });
        }
        let known: Vec<_> = self
            .engine
            .holds
            .all()
            .into_iter()
            .filter(|pause| pause.maintenance)
            .collect();
        let same = known.len() == open.len()
            && open.iter().all(|open| {
                known
                    .iter()
                    .any(|known| (&known.tenant, &known.scope, known.until) == (&open.tenant, &open.scope, open.until))
            });
        if !same {
            for pause in &open {
                tracing::info!(audit = "maintenance", tenant.id = %pause.tenant, scope = ?pause.scope, until = pause.until, "open windows");
            }
            let drain = Drain {
                per_minute: DRAIN_PER_MINUTE,
                now,
            };
            self.store.set_maintenance(open, drain).await?;
            self.refresh().await?;
        }
        let rest = next.map_or(LONGEST_REST, |next| Duration::from_millis(next.saturating_sub(now)));
        Ok(rest.min(LONGEST_REST))
    }
}
