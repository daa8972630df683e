//! How do calls that close, note, assign and mark offenses reach the gate?

use wasmtime::component::Resource;

use crate::bindings::synapse::qradar::closing::{self, ClosingReason};
use crate::bindings::synapse::qradar::handling::{self, Actor, Visibility};
use crate::bindings::synapse::qradar::notes::{self, Note};
use crate::bindings::synapse::qradar::offenses::Offense;
use crate::connection::Handle;
use crate::context::Host;
use crate::qradar::calls::{
    AddNote, Assign, AssignableActors, CloseOffense, ClosingReasons, ListNotes, SetFollowUp, SetProtected, SetStatus,
};

use super::Answer;

impl closing::Host for Host {
    async fn closing_reasons(&mut self, console: Resource<Handle>) -> Answer<Vec<ClosingReason>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ClosingReasons {}).await?)
    }

    async fn close_offense(&mut self, console: Resource<Handle>, id: u64, closing_reason_id: u64) -> Answer<Offense> {
        let handle = self.handle(&console)?;
        let call = CloseOffense { id, closing_reason_id };
        Ok(self.gate.write(&handle, call).await?)
    }
}

impl notes::Host for Host {
    async fn list_notes(&mut self, console: Resource<Handle>, offense: u64) -> Answer<Vec<Note>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, ListNotes { offense }).await?)
    }

    async fn add_note(
        &mut self,
        console: Resource<Handle>,
        offense: u64,
        text: String,
        dedup_key: Option<String>,
    ) -> Answer<Note> {
        let handle = self.handle(&console)?;
        let call = AddNote {
            offense,
            text,
            dedup_key,
        };
        Ok(self.gate.write(&handle, call).await?)
    }
}

impl handling::Host for Host {
    async fn assignable_actors(&mut self, console: Resource<Handle>, id: u64) -> Answer<Vec<Actor>> {
        let handle = self.handle(&console)?;
        Ok(self.gate.read(&handle, AssignableActors { id }).await?)
    }

    async fn assign(&mut self, console: Resource<Handle>, id: u64, user: String) -> Answer<Offense> {
        let handle = self.handle(&console)?;
        Ok(self.gate.write(&handle, Assign { id, user }).await?)
    }

    async fn set_follow_up(&mut self, console: Resource<Handle>, id: u64, follow_up: bool) -> Answer<Offense> {
        let handle = self.handle(&console)?;
        Ok(self.gate.write(&handle, SetFollowUp { id, follow_up }).await?)
    }

    async fn set_protected(&mut self, console: Resource<Handle>, id: u64, protected: bool) -> Answer<Offense> {
        let handle = self.handle(&console)?;
        Ok(self.gate.write(&handle, SetProtected { id, protected }).await?)
    }

    async fn set_status(&mut self, console: Resource<Handle>, id: u64, status: Visibility) -> Answer<Offense> {
        let handle = self.handle(&console)?;
        Ok(self.gate.write(&handle, SetStatus { id, status }).await?)
    }
}
