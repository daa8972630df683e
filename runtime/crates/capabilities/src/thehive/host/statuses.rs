//! How do calls on statuses reach the gate?

use wasmtime::component::Resource;

use crate::bindings::synapse::thehive::statuses::{self, Status, Subject};
use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::ListStatuses;

impl statuses::Host for Host {
    async fn list_statuses(
        &mut self,
        organisation: Resource<Handle>,
        subject: Subject,
    ) -> wasmtime::Result<Result<Vec<Status>, Error>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListStatuses { subject }).await?)
    }
}
