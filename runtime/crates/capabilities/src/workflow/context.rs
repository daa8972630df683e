//! What does a guest know about its run?

use crate::bindings::synapse::workflow::context::Host;
use crate::bindings::synapse::workflow::types::Error;

impl Host for crate::context::Host {
    async fn run_id(&mut self) -> wasmtime::Result<String> {
        Ok(self.gate.run().facts.id.to_string())
    }

    async fn deployment(&mut self) -> wasmtime::Result<String> {
        Ok(self.gate.run().facts.deployment.to_string())
    }

    async fn config(&mut self) -> wasmtime::Result<String> {
        Ok(self.gate.run().version.config.to_string())
    }

    async fn go_live(&mut self) -> wasmtime::Result<u64> {
        Ok(self.gate.run().version.go_live)
    }

    async fn source_id(&mut self, binding: String) -> wasmtime::Result<Result<String, Error>> {
        Ok(self.gate.source_id(&binding))
    }
}
