//! What may a workflow do with observables and attachments?

use super::{Observable, TheHive};
use crate::bindings::thehive::synapse::thehive as wit;
use crate::blobs::Blobs;
use crate::error::Error;

pub use wit::observables::{Added, Existing, FileObservable, ObservablePage, ObservablePatch, Owner};

/// `synapse:thehive/observables`.
pub trait Observables: TheHive + Blobs {
    /// Adds at most 100 text observables; one answer each, in order. What is there already counts as success.
    fn add_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        observables: &[Observable],
    ) -> Vec<Result<Added, Error>>;
    /// Adds at most 100 file observables, streamed from the host; one blob per observable, in order.
    fn add_file_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        observables: &[FileObservable],
        files: &[&Self::Blob],
    ) -> Vec<Result<Added, Error>>;
    /// One page of the observables, oldest first.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        cursor: Option<&str>,
    ) -> Result<ObservablePage, Error>;
    /// Attaches a file without making it an observable; answers the attachment's id.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn add_attachment(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        file: &Self::Blob,
    ) -> Result<String, Error>;
    /// One observable.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_observable(&self, organisation: &Self::Organisation, id: &str) -> Result<Existing, Error>;
    /// Sets fields to absolute values.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_observable(
        &self,
        organisation: &Self::Organisation,
        id: &str,
        patch: &ObservablePatch,
    ) -> Result<Existing, Error>;
    /// Sets the same fields of at most 100 observables.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_observables(
        &self,
        organisation: &Self::Organisation,
        ids: &[String],
        patch: &ObservablePatch,
    ) -> Result<(), Error>;
    /// Deletes at most 100 observables; one answer each, in order.
    fn delete_observables(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
    /// The observables of one that the other has as well.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn similar_observables(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        other: &Owner,
    ) -> Result<Vec<Existing>, Error>;
}
