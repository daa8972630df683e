//! What may a workflow do with cases?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::cases::{
    Case, CaseFilter, CasePage, CasePatch, Closing, Impact, MergedObservables, NewCase, TemplateParts,
};

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
    /// Closes a case in a status of the stage `Closed`.
    ///
    /// # Errors
    /// `invalid` for another status, `conflict` if somebody else changed the case meanwhile.
    fn close_case(&self, organisation: &Self::Organisation, id: &str, closing: &Closing) -> Result<Case, Error>;
    /// Takes a closed case up again.
    ///
    /// # Errors
    /// `not-found`, or `conflict` if somebody else changed the case meanwhile.
    fn reopen_case(&self, organisation: &Self::Organisation, id: &str) -> Result<Case, Error>;
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
    /// Sets the same fields of at most 100 cases.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_cases(&self, organisation: &Self::Organisation, ids: &[String], patch: &CasePatch) -> Result<(), Error>;
    /// Deletes at most 100 cases for good; one answer each, in order.
    fn delete_cases(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
    /// Makes one new case of 2 to 50; they are gone afterwards.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn merge_cases(&self, organisation: &Self::Organisation, ids: &[String]) -> Result<Case, Error>;
    /// Merges an alert into a case. One that is in it already answers it.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn merge_alert(&self, organisation: &Self::Organisation, alert_id: &str, case_id: &str) -> Result<Case, Error>;
    /// Takes an alert's observables and techniques over into a case.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn import_alert(&self, organisation: &Self::Organisation, alert_id: &str, case_id: &str) -> Result<Case, Error>;
    /// Merges at most 50 alerts into a case, all or none.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn merge_alerts(
        &self,
        organisation: &Self::Organisation,
        alert_ids: &[String],
        case_id: &str,
    ) -> Result<Case, Error>;
    /// Takes an alert out of a case.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn unlink_alert(&self, organisation: &Self::Organisation, case_id: &str, alert_id: &str) -> Result<(), Error>;
    /// Makes one of observables of a case that are the same.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn merge_observables(&self, organisation: &Self::Organisation, case_id: &str) -> Result<MergedObservables, Error>;
    /// Applies a template, by name, to at most 100 cases.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn apply_template(
        &self,
        organisation: &Self::Organisation,
        case_ids: &[String],
        template: &str,
        parts: &TemplateParts,
    ) -> Result<(), Error>;
}
