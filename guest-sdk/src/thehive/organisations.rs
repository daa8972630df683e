//! What may a workflow ask about organisations, profiles and tags?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::organisations::{Profile, Tenancy, TenancyLink};

/// `synapse:thehive/organisations`.
pub trait Organisations: TheHive {
    /// The organisations that the connection sees, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_organisations(&self, organisation: &Self::Organisation) -> Result<Vec<Tenancy>, Error>;
    /// One organisation by name.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_organisation(&self, organisation: &Self::Organisation, name: &str) -> Result<Tenancy, Error>;
    /// The organisations that one is linked to.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_organisation_links(&self, organisation: &Self::Organisation, name: &str)
    -> Result<Vec<TenancyLink>, Error>;
    /// The profiles, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_profiles(&self, organisation: &Self::Organisation) -> Result<Vec<Profile>, Error>;
    /// The tags in use that contain this text, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_tags(&self, organisation: &Self::Organisation, text: Option<&str>) -> Result<Vec<String>, Error>;
}
