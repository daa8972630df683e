//! What may a workflow do with custom fields?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::custom_fields::{Definition, FieldType};

/// `synapse:thehive/custom-fields`.
pub trait CustomFields: TheHive {
    /// All custom fields.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_definitions(&self, organisation: &Self::Organisation) -> Result<Vec<Definition>, Error>;
    /// Defines a custom field.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn create_definition(
        &self,
        organisation: &Self::Organisation,
        definition: &Definition,
    ) -> Result<Definition, Error>;
    /// Replaces everything but the name.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_definition(
        &self,
        organisation: &Self::Organisation,
        definition: &Definition,
    ) -> Result<Definition, Error>;
    /// Deletes a custom field that nothing has a value for.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn delete_definition(&self, organisation: &Self::Organisation, name: &str) -> Result<(), Error>;
}
