//! What may a workflow do with techniques?

use super::{Owner, TheHive};
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::procedures::{NewProcedure, Procedure, ProcedurePatch};

/// `synapse:thehive/procedures`.
pub trait Procedures: TheHive {
    /// Adds at most 100 techniques; one answer each, in order.
    fn create_procedures(
        &self,
        organisation: &Self::Organisation,
        owner: &Owner,
        procedures: &[NewProcedure],
    ) -> Vec<Result<Procedure, Error>>;
    /// The techniques, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_procedures(&self, organisation: &Self::Organisation, owner: &Owner) -> Result<Vec<Procedure>, Error>;
    /// Sets fields to absolute values.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_procedure(
        &self,
        organisation: &Self::Organisation,
        id: &str,
        patch: &ProcedurePatch,
    ) -> Result<Procedure, Error>;
    /// Deletes at most 100 techniques; one answer each, in order.
    fn delete_procedures(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
}
