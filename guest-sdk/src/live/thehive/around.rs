//! Which imports stand behind what belongs to cases and alerts?

use crate::bindings::thehive::synapse::thehive::{attachments, links, pages, procedures, shares, timeline};
use crate::error::Error;
use crate::live::Live;
use crate::thehive::{
    Attachment, Attachments, CaseAccess, CaseLink, CaseLinks, EventPatch, Holder, Links, NewEvent, NewPage,
    NewProcedure, NewShare, Owner, Page, PagePatch, Pages, Procedure, ProcedurePatch, Procedures, Related, Share,
    Shared, Shares, Timeline, TimelineEntry, UrlLink,
};

impl Links for Live {
    fn list_links(&self, organisation: &Self::Organisation, case_id: &str) -> Result<CaseLinks, Error> {
        links::list_links(organisation, case_id)
    }

    fn link_kinds(&self, organisation: &Self::Organisation) -> Result<Vec<String>, Error> {
        links::link_kinds(organisation)
    }

    fn link_case(&self, organisation: &Self::Organisation, case_id: &str, link: &CaseLink) -> Result<(), Error> {
        links::link_case(organisation, case_id, link)
    }

    fn unlink_case(&self, organisation: &Self::Organisation, case_id: &str, link: &CaseLink) -> Result<(), Error> {
        links::unlink_case(organisation, case_id, link)
    }

    fn link_url(&self, organisation: &Self::Organisation, case_id: &str, link: &UrlLink) -> Result<(), Error> {
        links::link_url(organisation, case_id, link)
    }

    fn unlink_url(&self, organisation: &Self::Organisation, case_id: &str, link: &UrlLink) -> Result<(), Error> {
        links::unlink_url(organisation, case_id, link)
    }

    fn related_cases(&self, organisation: &Self::Organisation, owner: &Owner) -> Result<Vec<Related>, Error> {
        links::related_cases(organisation, owner)
    }
}

impl Timeline for Live {
    fn read_timeline(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<TimelineEntry>, Error> {
        timeline::read_timeline(organisation, case_id)
    }

    fn create_event(&self, organisation: &Self::Organisation, event: &NewEvent) -> Result<String, Error> {
        timeline::create_event(organisation, event)
    }

    fn update_event(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        id: &str,
        patch: &EventPatch,
    ) -> Result<TimelineEntry, Error> {
        timeline::update_event(organisation, case_id, id, patch)
    }

    fn delete_events(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        timeline::delete_events(organisation, ids)
    }
}

impl Shares for Live {
    fn set_share_profile(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        other: &str,
        profile: &str,
    ) -> Result<Share, Error> {
        shares::set_share_profile(organisation, case_id, other, profile)
    }

    fn list_shares(&self, organisation: &Self::Organisation, shared: &Shared) -> Result<Vec<Share>, Error> {
        shares::list_shares(organisation, shared)
    }

    fn add_shares(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        shares: &[NewShare],
    ) -> Result<Vec<Share>, Error> {
        shares::add_shares(organisation, case_id, shares)
    }

    fn set_shares(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        shares: &[NewShare],
    ) -> Result<Vec<Share>, Error> {
        shares::set_shares(organisation, case_id, shares)
    }

    fn share_with(
        &self,
        organisation: &Self::Organisation,
        shared: &Shared,
        organisations: &[String],
    ) -> Result<(), Error> {
        shares::share_with(organisation, shared, organisations)
    }

    fn remove_shares(
        &self,
        organisation: &Self::Organisation,
        shared: &Shared,
        organisations: &[String],
    ) -> Result<(), Error> {
        shares::remove_shares(organisation, shared, organisations)
    }

    fn change_owner(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        owner: &str,
        keep_profile: Option<&str>,
    ) -> Result<(), Error> {
        shares::change_owner(organisation, case_id, owner, keep_profile)
    }

    fn set_access(&self, organisation: &Self::Organisation, case_id: &str, access: &CaseAccess) -> Result<(), Error> {
        shares::set_access(organisation, case_id, access)
    }
}

impl Attachments for Live {
    fn list_attachments(&self, organisation: &Self::Organisation, holder: &Holder) -> Result<Vec<Attachment>, Error> {
        attachments::list_attachments(organisation, holder)
    }

    fn download(&self, organisation: &Self::Organisation, holder: &Holder, id: &str) -> Result<Self::Blob, Error> {
        attachments::download(organisation, holder, id)
    }

    fn delete_attachments(
        &self,
        organisation: &Self::Organisation,
        holder: &Holder,
        ids: &[String],
    ) -> Vec<Result<(), Error>> {
        attachments::delete_attachments(organisation, holder, ids)
    }
}

impl Procedures for Live {
    fn create_procedures(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        procedures: &[NewProcedure],
    ) -> Vec<Result<Procedure, Error>> {
        procedures::create_procedures(organisation, owner, procedures)
    }

    fn list_procedures(&self, organisation: &Self::Organisation, owner: &Owner) -> Result<Vec<Procedure>, Error> {
        procedures::list_procedures(organisation, owner)
    }

    fn update_procedure(
        &self,
        organisation: &Self::Organisation,
        id: &str,
        patch: &ProcedurePatch,
    ) -> Result<Procedure, Error> {
        procedures::update_procedure(organisation, id, patch)
    }

    fn delete_procedures(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        procedures::delete_procedures(organisation, ids)
    }
}

impl Pages for Live {
    fn create_page(&self, organisation: &Self::Organisation, page: &NewPage) -> Result<Page, Error> {
        pages::create_page(organisation, page)
    }

    fn list_pages(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<Page>, Error> {
        pages::list_pages(organisation, case_id)
    }

    fn update_page(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        id: &str,
        patch: &PagePatch,
    ) -> Result<Page, Error> {
        pages::update_page(organisation, case_id, id, patch)
    }

    fn delete_pages(&self, organisation: &Self::Organisation, case_id: &str, ids: &[String]) -> Vec<Result<(), Error>> {
        pages::delete_pages(organisation, case_id, ids)
    }
}
