//! What may a workflow do with case templates?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::templates::{Template, TemplateTask};

/// `synapse:thehive/templates`.
pub trait Templates: TheHive {
    /// The templates of the organisation, at most 100, without their tasks.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_templates(&self, organisation: &Self::Organisation) -> Result<Vec<Template>, Error>;
    /// One template by name.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_template(&self, organisation: &Self::Organisation, name: &str) -> Result<Template, Error>;
    /// Makes a template.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn create_template(&self, organisation: &Self::Organisation, template: &Template) -> Result<Template, Error>;
    /// Replaces everything but the name.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_template(&self, organisation: &Self::Organisation, template: &Template) -> Result<Template, Error>;
    /// Deletes a template.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn delete_template(&self, organisation: &Self::Organisation, name: &str) -> Result<(), Error>;
}
