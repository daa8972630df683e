//! Is it worth asking again, and when? Short pauses are waited for here; for long ones the guest comes back later (D28).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::refusal::{self, Meaning};
use super::super::wire::Refusal;
use super::fault::Fault;
use crate::bindings::synapse::workflow::types::Error;

/// Longest pause that is waited for inside a call.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
/// First pause of our own choosing; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Repeats of one question.
const REPEATS: u32 = 4;

/// How often and how long one question may still be repeated.
pub(super) struct Patience {
    start: Instant,
    budget: Duration,
    repeats: u32,
    /// Has a 401 been forgiven?
    forgave: bool,
}

impl Patience {
    /// Within this time.
    pub fn new(budget: Duration) -> Self {
        Self {
            start: Instant::now(),
            budget,
            repeats: 0,
            forgave: false,
        }
    }

    /// The pause before the next try; none: this fault is the answer.
    pub fn pause(&mut self, fault: &Fault, trusted: bool) -> Option<Duration> {
        match fault {
            Fault::Refused(refusal) => self.pause_for(refusal),
            // Once, and only if the credentials were good before: otherwise repeats would lock the account.
            Fault::Failed(failure) if failure.error == Error::Unauthenticated && trusted && !self.forgave => {
                self.forgave = true;
                self.next(None)
            }
            // The egress has repeated what a repeat can heal.
            Fault::Failed(_) => None,
        }
    }

    /// The pause after a refusal.
    pub fn pause_for(&mut self, refusal: &Refusal) -> Option<Duration> {
        match refusal::meaning(refusal) {
            Meaning::Busy => self.next(refusal.back_off_ms.map(Duration::from_millis)),
            Meaning::Later | Meaning::Broken => self.next(None),
            _ => None,
        }
    }

    fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let pause = asked.unwrap_or_else(|| jittered(self.repeats));
        let left = self.budget.saturating_sub(self.start.elapsed());
        if self.repeats >= REPEATS || pause > LONGEST_PAUSE || pause >= left {
            return None;
        }
        self.repeats = self.repeats.saturating_add(1);
        Some(pause)
    }
}

/// Half of the pause is fixed and half by chance, so that the runs of a node do not come back together.
fn jittered(n: u32) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << n.min(10)).min(LONGEST_PAUSE);
    whole.mul_f64(rand::random_range(0.5..=1.0))
}

/// Until when the server wants to be left alone by everybody who uses this mailbox.
#[derive(Debug, Default)]
pub(super) struct Busy(Mutex<Option<Instant>>);

impl Busy {
    /// The server asked for a pause. Short ones are waited for by who met them.
    pub fn note(&self, refusal: &Refusal) {
        let asked = Duration::from_millis(refusal::back_off(refusal));
        if refusal::meaning(refusal) == Meaning::Busy && refusal.back_off_ms.is_some() && asked > LONGEST_PAUSE {
            let until = Instant::now().checked_add(asked);
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
        }
    }

    /// What to answer instead of asking; none: ask. A last moment is not worth a refusal.
    pub fn refusal(&self) -> Option<Error> {
        let until = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let left = until.saturating_duration_since(Instant::now());
        let ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        (left > FIRST_PAUSE).then_some(Error::RateLimited(ms))
    }
}
