//! How do questions about the console itself reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::qradar::system;
use crate::connection::Handle;
use crate::context::Host;
use crate::qradar::calls::{About, CurrentService};

impl system::Host for Host {
    async fn about(&mut self, console: Resource<Handle>) -> Answer<system::Release> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, About {}).await?)
    }

    async fn current_service(&mut self, console: Resource<Handle>) -> Answer<system::Service> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, CurrentService {}).await?)
    }
}
