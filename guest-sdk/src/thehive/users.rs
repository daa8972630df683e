//! Whom may a workflow assign work to?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::users::{NewUser, User};

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
    /// One user by login.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_user(&self, organisation: &Self::Organisation, login: &str) -> Result<User, Error>;
    /// Locks a user out, or lets them in again.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn set_locked(&self, organisation: &Self::Organisation, login: &str, locked: bool) -> Result<User, Error>;
    /// Makes a user of the connection's organisation, without password and key.
    ///
    /// # Errors
    /// `already-exists`, `invalid`, or the target could not be asked.
    fn create_user(&self, organisation: &Self::Organisation, user: &NewUser) -> Result<User, Error>;
}
