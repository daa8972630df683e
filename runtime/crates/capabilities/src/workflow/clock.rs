//! What time is it for a guest?

use crate::bindings::synapse::workflow::clock::Host;

impl Host for crate::context::Host {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.gate.now())
    }
}
