//! How do calls on case templates reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::templates::{self, Template};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreateTemplate, DeleteTemplate, GetTemplate, ListTemplates, UpdateTemplate};

impl templates::Host for Host {
    async fn list_templates(&mut self, organisation: Resource<Handle>) -> Answer<Vec<Template>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListTemplates {}).await?)
    }

    async fn get_template(&mut self, organisation: Resource<Handle>, name: String) -> Answer<Template> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetTemplate { name }).await?)
    }

    async fn create_template(&mut self, organisation: Resource<Handle>, template: Template) -> Answer<Template> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, CreateTemplate { template }).await?)
    }

    async fn update_template(&mut self, organisation: Resource<Handle>, template: Template) -> Answer<Template> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdateTemplate { template }).await?)
    }

    async fn delete_template(&mut self, organisation: Resource<Handle>, name: String) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, DeleteTemplate { name }).await?)
    }
}
