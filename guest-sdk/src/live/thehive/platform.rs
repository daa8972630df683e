//! Which imports stand behind what an organisation is configured with, Cortex, searches and raw requests?

use crate::bindings::thehive::synapse::thehive::{cortex, custom_fields, organisations, query, raw, templates};
use crate::error::Error;
use crate::live::Live;
use crate::thehive::search::{ResultPage, Search};
use crate::thehive::{
    Cortex, CortexAction, CortexSubject, CustomFields, Definition, Job, Organisations, Profile, Query, Raw, RawAnswer,
    RawRequest, Template, Templates, Tenancy, TenancyLink, Worker,
};

impl CustomFields for Live {
    fn list_definitions(&self, organisation: &Self::Organisation) -> Result<Vec<Definition>, Error> {
        custom_fields::list_definitions(organisation)
    }

    fn create_definition(
        &self,
        organisation: &Self::Organisation,
        definition: &Definition,
    ) -> Result<Definition, Error> {
        custom_fields::create_definition(organisation, definition)
    }

    fn update_definition(
        &self,
        organisation: &Self::Organisation,
        definition: &Definition,
    ) -> Result<Definition, Error> {
        custom_fields::update_definition(organisation, definition)
    }

    fn delete_definition(&self, organisation: &Self::Organisation, name: &str) -> Result<(), Error> {
        custom_fields::delete_definition(organisation, name)
    }
}

impl Templates for Live {
    fn list_templates(&self, organisation: &Self::Organisation) -> Result<Vec<Template>, Error> {
        templates::list_templates(organisation)
    }

    fn get_template(&self, organisation: &Self::Organisation, name: &str) -> Result<Template, Error> {
        templates::get_template(organisation, name)
    }

    fn create_template(&self, organisation: &Self::Organisation, template: &Template) -> Result<Template, Error> {
        templates::create_template(organisation, template)
    }

    fn update_template(&self, organisation: &Self::Organisation, template: &Template) -> Result<Template, Error> {
        templates::update_template(organisation, template)
    }

    fn delete_template(&self, organisation: &Self::Organisation, name: &str) -> Result<(), Error> {
        templates::delete_template(organisation, name)
    }
}

impl Organisations for Live {
    fn list_organisations(&self, organisation: &Self::Organisation) -> Result<Vec<Tenancy>, Error> {
        organisations::list_organisations(organisation)
    }

    fn get_organisation(&self, organisation: &Self::Organisation, name: &str) -> Result<Tenancy, Error> {
        organisations::get_organisation(organisation, name)
    }

    fn list_organisation_links(
        &self,
        organisation: &Self::Organisation,
        name: &str,
    ) -> Result<Vec<TenancyLink>, Error> {
        organisations::list_organisation_links(organisation, name)
    }

    fn list_profiles(&self, organisation: &Self::Organisation) -> Result<Vec<Profile>, Error> {
        organisations::list_profiles(organisation)
    }

    fn list_tags(&self, organisation: &Self::Organisation, text: Option<&str>) -> Result<Vec<String>, Error> {
        organisations::list_tags(organisation, text)
    }
}

impl Cortex for Live {
    fn list_analyzers(&self, organisation: &Self::Organisation, data_type: Option<&str>) -> Result<Vec<Worker>, Error> {
        cortex::list_analyzers(organisation, data_type)
    }

    fn list_responders(
        &self,
        organisation: &Self::Organisation,
        subject: &CortexSubject,
    ) -> Result<Vec<Worker>, Error> {
        cortex::list_responders(organisation, subject)
    }

    fn run_analyzer(
        &self,
        organisation: &Self::Organisation,
        observable_id: &str,
        analyzer_id: &str,
        server: &str,
    ) -> Result<Job, Error> {
        cortex::run_analyzer(organisation, observable_id, analyzer_id, server)
    }

    fn get_job(&self, organisation: &Self::Organisation, id: &str) -> Result<Job, Error> {
        cortex::get_job(organisation, id)
    }

    fn list_jobs(&self, organisation: &Self::Organisation, observable_id: &str) -> Result<Vec<Job>, Error> {
        cortex::list_jobs(organisation, observable_id)
    }

    fn run_responder(
        &self,
        organisation: &Self::Organisation,
        subject: &CortexSubject,
        responder_id: &str,
        server: Option<&str>,
    ) -> Result<CortexAction, Error> {
        cortex::run_responder(organisation, subject, responder_id, server)
    }

    fn list_actions(
        &self,
        organisation: &Self::Organisation,
        subject: &CortexSubject,
    ) -> Result<Vec<CortexAction>, Error> {
        cortex::list_actions(organisation, subject)
    }
}

impl Query for Live {
    fn find(
        &self,
        organisation: &Self::Organisation,
        search: &Search,
        cursor: Option<&str>,
    ) -> Result<ResultPage, Error> {
        query::find(organisation, search, cursor)
    }

    fn count(&self, organisation: &Self::Organisation, search: &Search) -> Result<u64, Error> {
        query::count(organisation, search)
    }
}

impl Raw for Live {
    fn request(&self, organisation: &Self::Organisation, request: &RawRequest) -> Result<RawAnswer, Error> {
        raw::request(organisation, request)
    }
}
