//! What time is it for a guest, and how does it wait for another?

use synapse_domain::limits;
use synapse_domain::operation::Operation;

use crate::bindings::synapse::workflow::clock::Host;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

const SLEEP_UNTIL: Operation = Operation::local("workflow/clock.sleep-until");

impl Host for crate::context::Host {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.gate.now())
    }

    async fn sleep_until(&mut self, moment: u64) -> wasmtime::Result<Result<(), Error>> {
        // Measured in the run's own time, so that a refusal needs no journal.
        if moment > self.gate.now().saturating_add(limits::SLEEP_MS) {
            return Ok(Err(Error::Invalid(InvalidArgument {
                field: "moment".to_owned(),
                reason: format!("{moment} is more than 90 days ahead; sleep in steps"),
            })));
        }
        Ok(self.gate.sleep_until(SLEEP_UNTIL, moment).await?)
    }
}
