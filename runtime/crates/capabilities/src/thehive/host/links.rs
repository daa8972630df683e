//! How do calls on links between cases reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::links::{self, CaseLink, CaseLinks, Related, UrlLink};
use crate::bindings::synapse::thehive::observables::Owner;
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{LinkCase, LinkKinds, LinkUrl, ListLinks, RelatedCases, UnlinkCase, UnlinkUrl};

impl links::Host for Host {
    async fn list_links(&mut self, organisation: Resource<Handle>, case_id: String) -> Answer<CaseLinks> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListLinks { case_id }).await?)
    }

    async fn link_kinds(&mut self, organisation: Resource<Handle>) -> Answer<Vec<String>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, LinkKinds {}).await?)
    }

    async fn link_case(&mut self, organisation: Resource<Handle>, case_id: String, link: CaseLink) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, LinkCase { case_id, link }).await?)
    }

    async fn unlink_case(&mut self, organisation: Resource<Handle>, case_id: String, link: CaseLink) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UnlinkCase { case_id, link }).await?)
    }

    async fn link_url(&mut self, organisation: Resource<Handle>, case_id: String, link: UrlLink) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, LinkUrl { case_id, link }).await?)
    }

    async fn unlink_url(&mut self, organisation: Resource<Handle>, case_id: String, link: UrlLink) -> Answer<()> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.write(&handle, UnlinkUrl { case_id, link }).await?)
    }

    async fn related_cases(&mut self, organisation: Resource<Handle>, owner: Owner) -> Answer<Vec<Related>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, RelatedCases { owner }).await?)
    }
}
