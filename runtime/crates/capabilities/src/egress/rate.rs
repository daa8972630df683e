//! When may the next request of a connection begin? `requests_per_second`, of all deployments together (contract qradar 5).
//!
//! A bucket that holds a second's worth. Whoever comes first goes first, and a turn that nobody waits for any more is not lost.
//! `governor` was looked at: it waits on clocks of its own, which paused time does not reach, and keeps no order among those who wait.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// The turns of one connection.
pub(super) struct Rate {
    /// Time that a request costs.
    every: Duration,
    /// How much of it can be borrowed: all turns of the bucket but one.
    ahead: Duration,
    /// When everything that was taken so far is paid for. Whoever holds the lock is next; its waiters are served in order.
    paid_at: Mutex<Instant>,
}

impl Rate {
    /// None: as many as there are.
    pub fn new(per_second: u32) -> Option<Self> {
        let every = Duration::from_secs(1).checked_div(per_second)?;
        Some(Self {
            every,
            ahead: every.saturating_mul(per_second.saturating_sub(1)),
            paid_at: Mutex::new(Instant::now()),
        })
    }

    /// Waits for a turn and takes it; answers whether there was a wait. Dropped before that, nothing is taken.
    pub async fn turn(&self) -> bool {
        let (mut paid_at, queued) = match self.paid_at.try_lock() {
            Ok(first) => (first, false),
            Err(_) => (self.paid_at.lock().await, true),
        };
        let owed = paid_at.saturating_duration_since(Instant::now());
        let wait = owed.saturating_sub(self.ahead);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let from = Instant::now().max(*paid_at);
        *paid_at = from.checked_add(self.every).unwrap_or(from);
        queued || !wait.is_zero()
    }
}
