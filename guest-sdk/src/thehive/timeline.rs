//! What may a workflow do with timelines?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::timeline::{Entry as TimelineEntry, EventPatch, NewEvent};

/// `synapse:thehive/timeline`.
pub trait Timeline: TheHive {
    /// The timeline of a case, oldest first, at most 1,000 entries.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn read_timeline(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<TimelineEntry>, Error>;
    /// Adds an event; answers its id.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn create_event(&self, organisation: &Self::Organisation, event: &NewEvent) -> Result<String, Error>;
    /// Sets fields of an event that somebody added.
    ///
    /// # Errors
    /// `not-found`, `conflict`, `invalid`, or the target could not be asked.
    fn update_event(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        id: &str,
        patch: &EventPatch,
    ) -> Result<TimelineEntry, Error>;
    /// Deletes at most 100 events; one answer each, in order.
    fn delete_events(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
}
