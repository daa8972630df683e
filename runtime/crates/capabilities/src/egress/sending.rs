//! What does a write bring along from the gate: its turn, which it waited for before its intent, and the moment by which it must have ended?
//!
//! Whoever settles an effect counts from the intent's `send_before` and waits one request deadline (design G2). A write that begins late,
//! because the client asked something first or no slot was free, gets only what is left of that time.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static SENDING: Sending;
}

struct Sending {
    start: Instant,
    time: Duration,
    /// Is its turn still to be used?
    turn: AtomicBool,
}

/// Carries a write out whose turn is taken, and which must have ended after this time.
pub(crate) fn during<F: Future>(time: Duration, write: F) -> impl Future<Output = F::Output> {
    let sending = Sending {
        start: Instant::now(),
        time,
        turn: AtomicBool::new(true),
    };
    SENDING.scope(sending, write)
}

/// How long the write may still take; none: nobody said.
pub(super) fn left() -> Option<Duration> {
    SENDING
        .try_with(|sending| sending.time.saturating_sub(sending.start.elapsed()))
        .ok()
}

/// Uses the turn that was taken before. False: there is none.
pub(super) fn use_turn() -> bool {
    SENDING
        .try_with(|sending| sending.turn.swap(false, Ordering::Relaxed))
        .unwrap_or(false)
}
