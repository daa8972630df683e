//! How may a workflow search for anything?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

/// The parts of a search; `Search::build` would hide what a `Condition` says in one line.
pub use wit::query as search;
use wit::query::{ResultPage, Search};

/// `synapse:thehive/query`.
pub trait Query: TheHive {
    /// One page of what fits.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn find(
        &self,
        organisation: &Self::Organisation,
        search: &Search,
        cursor: Option<&str>,
    ) -> Result<ResultPage, Error>;
    /// How many fit.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn count(&self, organisation: &Self::Organisation, search: &Search) -> Result<u64, Error>;
}
