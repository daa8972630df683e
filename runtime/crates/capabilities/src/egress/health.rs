//! Does a connection's target answer? Counted here, because every request passes here; shown as metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use synapse_domain::clock::Timestamp;

use super::answer::Answered;
use super::fault::Fault;

/// How the requests of one connection went since the start.
#[derive(Debug, Default)]
pub struct Health {
    answers: AtomicU64,
    failures: AtomicU64,
    in_a_row: AtomicU64,
    answered_at: AtomicU64,
    failed_at: AtomicU64,
    muted: AtomicBool,
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests that were answered.
    pub answers: u64,
    /// Requests that were not, or by something in front of the target.
    pub failures: u64,
    /// Failures since the last answer.
    pub in_a_row: u64,
    /// When the last answer came.
    pub answered_at: Option<Timestamp>,
    /// When the last request failed.
    pub failed_at: Option<Timestamp>,
    /// Is it under maintenance? Failures are not counted meanwhile.
    pub muted: bool,
}

impl Health {
    /// Maintenance begins or ends. What failed before says nothing about afterwards.
    pub fn mute(&self, muted: bool) {
        if self.muted.swap(muted, Ordering::Relaxed) != muted {
            self.in_a_row.store(0, Ordering::Relaxed);
        }
    }

    /// Is the target under maintenance?
    pub fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    /// As it is now.
    pub fn standing(&self) -> Standing {
        let get = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let moment = |number: &AtomicU64| Some(get(number)).filter(|moment| *moment > 0);
        Standing {
            answers: get(&self.answers),
            failures: get(&self.failures),
            in_a_row: get(&self.in_a_row),
            answered_at: moment(&self.answered_at),
            failed_at: moment(&self.failed_at),
            muted: self.is_muted(),
        }
    }

    /// A request ended.
    pub(super) fn note<T: Answered>(&self, ended: &Result<T, Fault>, now: Timestamp) {
        let answered = match ended {
            Ok(answer) => is_the_targets_own(answer.status()),
            Err(fault) if fault.is_ours() => return,
            Err(_) => false,
        };
        if answered {
            self.answers.fetch_add(1, Ordering::Relaxed);
            self.answered_at.store(now, Ordering::Relaxed);
            self.in_a_row.store(0, Ordering::Relaxed);
        } else if !self.is_muted() {
            self.failures.fetch_add(1, Ordering::Relaxed);
            self.failed_at.store(now, Ordering::Relaxed);
            self.in_a_row.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A target that answers is there, also when it refuses one request. Refused credentials, and what a gateway says in its place, are not
/// an answer of its own.
fn is_the_targets_own(status: u16) -> bool {
    !matches!(status, 401 | 502 | 503 | 504)
}
