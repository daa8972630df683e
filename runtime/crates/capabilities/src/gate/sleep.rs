//! How does a run wait for a moment without holding anything?
//!
//! A sleep leaves one row: its outcome, whose time is the moment. It becomes durable in the transaction that suspends the run, so the
//! moment is pinned and a divergence is noticed; a crash before it repeats the call. An attempt that replays the row before its time
//! (given back early, or the clock was set back) suspends the run again.

use synapse_domain::clock::Timestamp;
use synapse_domain::limits;
use synapse_domain::operation::Operation;
use synapse_domain::run::How;
use synapse_domain::secret::Redactor;
use synapse_store::journal::Position;

use super::attempt::Gate;
use super::read::{Answered, called};
use super::replay::Found;
use super::stop::Stop;

impl Gate {
    /// Waits until the moment, or suspends the run until then.
    ///
    /// # Errors
    /// [`Stop::Sleep`] if it is more than a moment ahead; the inner error is the guest's.
    pub async fn sleep_until(&mut self, operation: Operation, moment: Timestamp) -> Answered<()> {
        let at = match self.begin()? {
            Ok(call) => Position { call, item: 0 },
            Err(quota) => return Ok(Err(quota)),
        };
        let called = match called(operation, "", &moment) {
            Ok(called) => called,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Found::Outcome(outcome) = self.recorded.look(at, &called)? {
            // Calls after it prove that it was over once: time does not run backwards for a run.
            let next = Position {
                call: at.call.saturating_add(1),
                item: 0,
            };
            if self.recorded.nothing_between(next, None).is_ok() {
                self.rest(moment).await?;
            }
            return self.replayed(&outcome);
        }
        self.go_live()?;
        let rested = self.rest(moment).await;
        if let Err(stop) = &rested
            && !matches!(stop, Stop::Sleep(_))
        {
            return Err(stop.clone());
        }
        // Recorded at its moment, before the run rests: whoever goes on finds the call answered, and the clock there.
        self.advance(moment);
        let answer = self
            .record(at, operation, called, How::Performed, Ok(()), &Redactor::default())
            .await?;
        rested.map(|()| answer)
    }

    /// A short wait is waited for here, a longer one is not.
    async fn rest(&self, moment: Timestamp) -> Result<(), Stop> {
        match moment.saturating_sub(self.run().clock.now()) {
            0 => Ok(()),
            wait if wait <= limits::SHORT_SLEEP_MS => self.attempt.wait_until(moment).await,
            _ => Err(Stop::Sleep(moment)),
        }
    }
}
