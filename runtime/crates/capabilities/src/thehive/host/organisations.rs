//! How do calls on organisations, profiles and tags reach the gate?

use wasmtime::component::Resource;

use super::Answer;
use crate::bindings::synapse::thehive::organisations::{self, Profile, Tenancy, TenancyLink};
use crate::connection::Handle;
use crate::context::Host;
use crate::thehive::calls::{GetOrganisation, ListOrganisationLinks, ListOrganisations, ListProfiles, ListTags};

impl organisations::Host for Host {
    async fn list_organisations(&mut self, organisation: Resource<Handle>) -> Answer<Vec<Tenancy>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListOrganisations {}).await?)
    }

    async fn get_organisation(&mut self, organisation: Resource<Handle>, name: String) -> Answer<Tenancy> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, GetOrganisation { name }).await?)
    }

    async fn list_organisation_links(
        &mut self,
        organisation: Resource<Handle>,
        name: String,
    ) -> Answer<Vec<TenancyLink>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListOrganisationLinks { name }).await?)
    }

    async fn list_profiles(&mut self, organisation: Resource<Handle>) -> Answer<Vec<Profile>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListProfiles {}).await?)
    }

    async fn list_tags(&mut self, organisation: Resource<Handle>, text: Option<String>) -> Answer<Vec<String>> {
        let handle = self.handle(&organisation)?;
        Ok(self.gate.read(&handle, ListTags { text }).await?)
    }
}
