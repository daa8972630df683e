//! How may a workflow send a request that nothing else offers?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::raw::{Method, RawAnswer, RawRequest};

/// `synapse:thehive/raw`.
pub trait Raw: TheHive {
    /// Sends a request as it is.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn request(&self, organisation: &Self::Organisation, request: &RawRequest) -> Result<RawAnswer, Error>;
}
