//! What may a workflow do with cases?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::cases::{Case, CaseFilter, CasePage, CasePatch, NewCase};

/// `synapse:thehive/cases`.
pub trait Cases: TheHive {
    /// Creates at most 100 cases; one answer each, in order. Safe to repeat: the case of an equal dedup-key is adopted when in doubt.
    fn create_cases(&self, organisation: &Self::Organisation, cases: &[NewCase]) -> Vec<Result<Case, Error>>;
    /// One page of the cases that fit, newest first. At least one condition beside `open` is needed.
    ///
    /// # Errors
    /// `invalid` without a condition, or the target could not be asked.
    fn find_cases(
        &self,
        organisation: &Self::Organisation,
        filter: &CaseFilter,
        cursor: Option<&str>,
    ) -> Result<CasePage, Error>;
    /// One case by the server's id or by its number.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_case(&self, organisation: &Self::Organisation, id: &str) -> Result<Case, Error>;
    /// Sets fields to absolute values.
    ///
    /// # Errors
    /// `conflict` if somebody else changed the case meanwhile.
    fn update_case(&self, organisation: &Self::Organisation, id: &str, patch: &CasePatch) -> Result<Case, Error>;
    /// Makes a case out of an alert; an alert that has a case answers that one.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn promote_alert(
        &self,
        organisation: &Self::Organisation,
        alert_id: &str,
        assignee: Option<&str>,
        case_template: Option<&str>,
    ) -> Result<Case, Error>;
}
