//! What may a workflow say about how cases belong together?

use super::{Owner, TheHive};
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::links::{CaseLink, CaseLinks, Related, UrlLink};

/// `synapse:thehive/links`.
pub trait Links: TheHive {
    /// The links that people and workflows made.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_links(&self, organisation: &Self::Organisation, case_id: &str) -> Result<CaseLinks, Error>;
    /// The kinds of links in use.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn link_kinds(&self, organisation: &Self::Organisation) -> Result<Vec<String>, Error>;
    /// Links a case to another one.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn link_case(&self, organisation: &Self::Organisation, case_id: &str, link: &CaseLink) -> Result<(), Error>;
    /// Takes a link to another case away.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn unlink_case(&self, organisation: &Self::Organisation, case_id: &str, link: &CaseLink) -> Result<(), Error>;
    /// Links a case to a page elsewhere.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn link_url(&self, organisation: &Self::Organisation, case_id: &str, link: &UrlLink) -> Result<(), Error>;
    /// Takes a link to a page elsewhere away.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn unlink_url(&self, organisation: &Self::Organisation, case_id: &str, link: &UrlLink) -> Result<(), Error>;
    /// The cases that have an observable in common with this case or alert, at most 100.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn related_cases(&self, organisation: &Self::Organisation, owner: &Owner) -> Result<Vec<Related>, Error>;
}
