//! Which imports stand behind observables and attachments?

use crate::bindings::thehive::synapse::thehive::observables;
use crate::error::Error;
use crate::live::Live;
use crate::thehive::{Added, FileObservable, Observable, ObservablePage, Observables, Owner};

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
}
