//! Which statuses does the organisation have?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::statuses::{Status, Subject};

/// `synapse:thehive/statuses`.
pub trait Statuses: TheHive {
    /// The statuses of cases or of alerts, in the organisation's order.
    ///
    /// # Errors
    /// The target could not be asked.
    fn list_statuses(&self, organisation: &Self::Organisation, subject: Subject) -> Result<Vec<Status>, Error>;
}
