//! How do calls on techniques reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::bindings::synapse::thehive::procedures::{self, NewProcedure, Procedure, ProcedurePatch};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateProcedure, DeleteProcedure, ListProcedures, UpdateProcedure};

impl procedures::Host for Host {
    async fn create_procedures(
        &mut self,
        organisation: Resource<Handle>,
        owner: Owner,
        procedures: Vec<NewProcedure>,
    ) -> Answers<Procedure> {
        let handle = self.handle(&organisation)?;
        let calls = procedures
            .into_iter()
            .map(|procedure| CreateProcedure {
                owner: owner.clone(),
                procedure,
            })
            .collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn list_procedures(&mut self, organisation: Resource<Handle>, owner: Owner) -> Answer<Vec<Procedure>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListProcedures { owner }).await?)
    }

    async fn update_procedure(
        &mut self,
        organisation: Resource<Handle>,
        id: String,
        patch: ProcedurePatch,
    ) -> Answer<Procedure> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateProcedure { id, patch }).await?)
    }

    async fn delete_procedures(&mut self, organisation: Resource<Handle>, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids.into_iter().map(|id| DeleteProcedure { id }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }
}
