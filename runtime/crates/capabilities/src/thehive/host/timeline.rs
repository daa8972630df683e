//! How do calls on timelines reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::timeline::{self, Entry, EventPatch, NewEvent};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateEvent, DeleteEvent, ReadTimeline, UpdateEvent};

impl timeline::Host for Host {
    async fn read_timeline(&mut self, organisation: Resource<Handle>, case_id: String) -> Answer<Vec<Entry>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ReadTimeline { case_id }).await?)
    }

    async fn create_event(&mut self, organisation: Resource<Handle>, event: NewEvent) -> Answer<String> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, CreateEvent { event }).await?)
    }

    async fn update_event(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
        id: String,
        patch: EventPatch,
    ) -> Answer<Entry> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateEvent { case_id, id, patch }).await?)
    }

    async fn delete_events(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteEvent { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }
}
