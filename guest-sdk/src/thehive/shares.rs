//! What may a workflow do about who sees a case?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::shares::{Access as CaseAccess, NewShare, Rules, Share, Shared};

/// `synapse:thehive/shares`.
pub trait Shares: TheHive {
    /// The shares.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_shares(&self, organisation: &Self::Organisation, shared: &Shared) -> Result<Vec<Share>, Error>;
    /// Shares a case with at most 100 organisations; others keep it.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn add_shares(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        shares: &[NewShare],
    ) -> Result<Vec<Share>, Error>;
    /// Shares a case with these organisations and no others.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn set_shares(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        shares: &[NewShare],
    ) -> Result<Vec<Share>, Error>;
    /// Shares a task or observable with organisations that have the case.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn share_with(
        &self,
        organisation: &Self::Organisation,
        shared: &Shared,
        organisations: &[String],
    ) -> Result<(), Error>;
    /// Takes it from these organisations.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn remove_shares(
        &self,
        organisation: &Self::Organisation,
        shared: &Shared,
        organisations: &[String],
    ) -> Result<(), Error>;
    /// Sets the profile that the users of another organisation have in a case.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn set_share_profile(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        other: &str,
        profile: &str,
    ) -> Result<Share, Error>;
    /// Gives a case to another organisation.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn change_owner(
        &self,
        organisation: &Self::Organisation,
        case_id: &str,
        owner: &str,
        keep_profile: Option<&str>,
    ) -> Result<(), Error>;
    /// Says who may see a case.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn set_access(&self, organisation: &Self::Organisation, case_id: &str, access: &CaseAccess) -> Result<(), Error>;
}
