//! How do calls on pages of cases reach the gate?

use wasmtime::component::Resource;

use super::{Answer, Answers};
use crate::bindings::synapse::thehive::pages::{self, NewPage, Page, PagePatch};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{CreatePage, DeletePage, ListPages, UpdatePage};

impl pages::Host for Host {
    async fn create_page(&mut self, organisation: Resource<Handle>, page: NewPage) -> Answer<Page> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, CreatePage { page }).await?)
    }

    async fn list_pages(&mut self, organisation: Resource<Handle>, case_id: String) -> Answer<Vec<Page>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListPages { case_id }).await?)
    }

    async fn update_page(
        &mut self,
        organisation: Resource<Handle>,
        case_id: String,
        id: String,
        patch: PagePatch,
    ) -> Answer<Page> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UpdatePage { case_id, id, patch }).await?)
    }

    async fn delete_pages(&mut self, organisation: Resource<Handle>, case_id: String, ids: Vec<String>) -> Answers<()> {
        let handle = self.handle(&organisation)?;
        let calls = ids
            .into_iter()
            .map(|id| DeletePage {
                case_id: case_id.clone(),
                id,
            })
            .collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }
}
