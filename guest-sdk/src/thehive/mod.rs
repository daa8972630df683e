//! What may a workflow do in TheHive?
//!
//! [`TheHive`] opens the organisation and handles alerts; each further concern is a trait of its own, so that a workflow's world says
//! which of them it uses.

mod cases;
mod comments;
mod observables;
mod tasks;
mod users;

use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::alerts::{
    Alert, AlertKey, AlertPatch, CustomField, CustomValue, NewAlert, Observable, Pap, Severity, Tlp,
};

pub use cases::{Case, CaseFilter, CasePage, CasePatch, Cases, NewCase};
pub use comments::{Comment, Comments};
pub use observables::{Added, Existing, FileObservable, ObservablePage, Observables, Owner};
pub use tasks::{Log, NewLog, NewTask, Task, TaskPatch, TaskStatus, Tasks};
pub use users::{User, Users};

/// `synapse:thehive/connection` and `alerts`.
pub trait TheHive {
    /// An organisation of the tenant: a handle, valid in this run only.
    type Organisation;

    /// The organisation bound under this name.
    ///
    /// # Errors
    /// `denied` if the name is not bound to a TheHive connection.
    fn organisation(&self, binding: &str) -> Result<Self::Organisation, Error>;
    /// Creates at most 100 alerts; one answer per alert, in order. `origin` is the binding whose source id becomes their `source`.
    /// Safe to repeat: an equal key is `already-exists`.
    fn create_alerts(
        &self,
        organisation: &Self::Organisation,
        origin: &str,
        alerts: &[NewAlert],
    ) -> Vec<Result<Alert, Error>>;
    /// Looks at most 100 keys up, `None` where there is no such alert.
    ///
    /// # Errors
    /// The target could not be asked.
    fn find_alerts(&self, organisation: &Self::Organisation, keys: &[AlertKey]) -> Result<Vec<Option<Alert>>, Error>;
    /// One alert by the server's id.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_alert(&self, organisation: &Self::Organisation, id: &str) -> Result<Alert, Error>;
    /// Sets fields to absolute values.
    ///
    /// # Errors
    /// `conflict` if somebody else changed the alert meanwhile.
    fn update_alert(&self, organisation: &Self::Organisation, id: &str, patch: &AlertPatch) -> Result<Alert, Error>;
    /// The observable types this organisation knows.
    ///
    /// # Errors
    /// The target could not be asked.
    fn observable_types(&self, organisation: &Self::Organisation) -> Result<Vec<String>, Error>;
}
