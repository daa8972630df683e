//! Which imports stand behind observables and attachments?

use crate::bindings::thehive::synapse::thehive::observables;
use crate::error::Error;
use crate::live::Live;
use crate::thehive::{
    Added, Existing, FileObservable, Observable, ObservablePage, ObservablePatch, Observables, Owner,
};

impl Observables for Live {
    fn add_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        new: &[Observable],
    ) -> Vec<Result<Added, Error>> {
        observables::add_observables(organisation, owner, new)
    }

    fn add_file_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        new: &[FileObservable],
        files: &[&Self::Blob],
    ) -> Vec<Result<Added, Error>> {
        observables::add_file_observables(organisation, owner, new, files)
    }

    fn list_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        cursor: Option<&str>,
    ) -> Result<ObservablePage, Error> {
        observables::list_observables(organisation, owner, cursor)
    }

    fn add_attachment(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        file: &Self::Blob,
    ) -> Result<String, Error> {
        observables::add_attachment(organisation, owner, file)
    }

    fn get_observable(&self, organisation: &Self::Organisation, id: &str) -> Result<Existing, Error> {
        observables::get_observable(organisation, id)
    }

    fn update_observable(
        &self,
        organisation: &Self::Organisation,
        id: &str,
        patch: &ObservablePatch,
    ) -> Result<Existing, Error> {
        observables::update_observable(organisation, id, patch)
    }

    fn update_observables(
        &self,
        organisation: &Self::Organisation,
        ids: &[String],
        patch: &ObservablePatch,
    ) -> Result<(), Error> {
        observables::update_observables(organisation, ids, patch)
    }

    fn delete_observables(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>> {
        observables::delete_observables(organisation, ids)
    }

    fn similar_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        other: &Owner,
    ) -> Result<Vec<Existing>, Error> {
        observables::similar_observables(organisation, owner, other)
    }
}
