//! What may a workflow do with pages of cases?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::pages::{NewPage, Page, PagePatch};

/// `synapse:thehive/pages`.
pub trait Pages: TheHive {
    /// Writes a page.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn create_page(&self, organisation: &Self::Organisation, page: &NewPage) -> Result<Page, Error>;
    /// The pages of a case, at most 100.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_pages(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<Page>, Error>;
    /// Sets fields to absolute values.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_page(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        id: &str,
        patch: &PagePatch,
    ) -> Result<Page, Error>;
    /// Deletes at most 100 pages of a case; one answer each, in order.
    fn delete_pages(&self, organisation: &Self::Organisation, case_id: &str, ids: &[String]) -> Vec<Result<(), Error>>;
}
