//! How do calls on any kind of object reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::query::{self, ResultPage, Search};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{Count, Find};

impl query::Host for Host {
    async fn find(
        &mut self,
        organisation: Resource<Handle>,
        search: Search,
        cursor: Option<String>,
    ) -> Answer<ResultPage> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, Find { search, cursor }).await?)
    }

    async fn count(&mut self, organisation: Resource<Handle>, search: Search) -> Answer<u64> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, Count { search }).await?)
    }
}
