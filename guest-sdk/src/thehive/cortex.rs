//! What may a workflow have Cortex do?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::cortex::{Action as CortexAction, Job, Progress, Subject as CortexSubject, Worker};

/// `synapse:thehive/cortex`.
pub trait Cortex: TheHive {
    /// The analyzers, or those for one type of observables; at most 100.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_analyzers(&self, organisation: &Self::Organisation, data_type: Option<&str>) -> Result<Vec<Worker>, Error>;
    /// The responders that can act on this.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_responders(&self, organisation: &Self::Organisation, subject: &CortexSubject)
    -> Result<Vec<Worker>, Error>;
    /// Has an observable analysed.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn run_analyzer(
        &self,
        organisation: &Self::Organisation,
        observable_id: &str,
        analyzer_id: &str,
        server: &str,
    ) -> Result<Job, Error>;
    /// How far an analysis is.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_job(&self, organisation: &Self::Organisation, id: &str) -> Result<Job, Error>;
    /// The analyses of an observable, newest first, at most 100, without reports.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_jobs(&self, organisation: &Self::Organisation, observable_id: &str) -> Result<Vec<Job>, Error>;
    /// Has a responder act on something.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn run_responder(
        &self,
        organisation: &Self::Organisation,
        subject: &CortexSubject,
        responder_id: &str,
        server: Option<&str>,
    ) -> Result<CortexAction, Error>;
    /// What responders did, newest first, at most 100.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_actions(
        &self,
        organisation: &Self::Organisation,
        subject: &CortexSubject,
    ) -> Result<Vec<CortexAction>, Error>;
}
