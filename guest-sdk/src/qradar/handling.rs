//! How does a workflow assign, mark, protect or hide an offense?

use super::{Offense, QRadar};
use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::Error;

pub use wit::handling::{Actor, Visibility};

/// `synapse:qradar/handling`. Every write sets an absolute value; the last one wins.
pub trait Handling: QRadar {
    /// To whom an offense can be assigned.
    ///
    /// # Errors
    /// `not-found`, also for an offense of another domain; `unsupported` before API 17.0.
    fn assignable_actors(&self, console: &Self::Console, id: u64) -> Result<Vec<Actor>, Error>;
    /// Assigns an offense to a user of the console.
    ///
    /// # Errors
    /// `invalid` for a user it does not know; `not-found`.
    fn assign(&self, console: &Self::Console, id: u64, user: &str) -> Result<Offense, Error>;
    /// Marks an offense for follow-up, or takes the mark away.
    ///
    /// # Errors
    /// `not-found`, also for an offense of another domain.
    fn set_follow_up(&self, console: &Self::Console, id: u64, follow_up: bool) -> Result<Offense, Error>;
    /// Protects an offense from being purged, or no longer.
    ///
    /// # Errors
    /// `not-found`, also for an offense of another domain.
    fn set_protected(&self, console: &Self::Console, id: u64, protected: bool) -> Result<Offense, Error>;
    /// Shows or hides an offense.
    ///
    /// # Errors
    /// `conflict` if it is closed; `not-found`, also for one of another domain.
    fn set_status(&self, console: &Self::Console, id: u64, status: Visibility) -> Result<Offense, Error>;
}
