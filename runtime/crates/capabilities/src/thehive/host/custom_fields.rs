//! How do calls on custom fields reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::custom_fields::{self, Definition};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateDefinition, DeleteDefinition, ListDefinitions, UpdateDefinition};

impl custom_fields::Host for Host {
    async fn list_definitions(&mut self, organisation: Resource<Handle>) -> Answer<Vec<Definition>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListDefinitions {}).await?)
    }

    async fn create_definition(
        &mut self,
        organisation: Resource<Handle>,
        definition: Definition,
    ) -> Answer<Definition> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, CreateDefinition { definition }).await?)
    }

    async fn update_definition(
        &mut self,
        organisation: Resource<Handle>,
        definition: Definition,
    ) -> Answer<Definition> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateDefinition { definition }).await?)
    }

    async fn delete_definition(&mut self, organisation: Resource<Handle>, name: String) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, DeleteDefinition { name }).await?)
    }
}
