//! Where does a guest's randomness come from?

use rand::RngCore as _;
use synapse_domain::limits;

use crate::bindings::synapse::workflow::random::Host;

impl Host for crate::context::Host {
    async fn bytes(&mut self, len: u32) -> wasmtime::Result<Vec<u8>> {
        let mut bytes = vec![0; len.min(limits::RANDOM_BYTES) as usize];
        self.gate.random().fill_bytes(&mut bytes);
        Ok(bytes)
    }
}
