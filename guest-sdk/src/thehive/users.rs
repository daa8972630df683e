//! Whom may a workflow assign work to?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::users::User;

/// `synapse:thehive/users`.
pub trait Users: TheHive {
    /// The users of the organisation, at most 1,000.
    ///
    /// # Errors
    /// The target could not be asked.
    fn list_users(&self, organisation: &Self::Organisation) -> Result<Vec<User>, Error>;
    /// The connection's own user.
    ///
    /// # Errors
    /// The target could not be asked.
    fn current_user(&self, organisation: &Self::Organisation) -> Result<User, Error>;
}
