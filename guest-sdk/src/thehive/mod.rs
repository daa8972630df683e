//! What may a workflow do in TheHive?
//!
//! [`TheHive`] opens the organisation and handles alerts; each further concern is a trait of its own, so that a workflow's world says
//! which of them it uses.

mod attachments;
mod cases;
mod comments;
mod cortex;
mod custom_fields;
mod links;
mod observables;
mod organisations;
mod pages;
mod patches;
mod procedures;
mod query;
mod raw;
pub mod settings;
mod shares;
mod statuses;
mod tasks;
mod templates;
mod timeline;
mod users;

use crate::bindings::thehive::synapse::thehive as wit;
use crate::error::Error;

pub use wit::alerts::{
    Alert, AlertKey, AlertPatch, CustomField, CustomValue, NewAlert, Observable, Pap, Severity, Tlp,
};

pub use attachments::{Attachment, Attachments, Holder};
pub use cases::{
    Case, CaseFilter, CasePage, CasePatch, Cases, Closing, Impact, MergedObservables, NewCase, TemplateParts,
};
pub use comments::{Comment, Comments};
pub use cortex::{Cortex, CortexAction, CortexSubject, Job, Progress, Worker};
pub use custom_fields::{CustomFields, Definition, FieldType};
pub use links::{CaseLink, CaseLinks, Links, Related, UrlLink};
pub use observables::{Added, Existing, FileObservable, ObservablePage, ObservablePatch, Observables, Owner};
pub use organisations::{Organisations, Profile, Tenancy, TenancyLink};
pub use pages::{NewPage, Page, PagePatch, Pages};
pub use procedures::{NewProcedure, Procedure, ProcedurePatch, Procedures};
pub use query::{Query, search};
pub use raw::{Method, Raw, RawAnswer, RawRequest};
pub use shares::{CaseAccess, NewShare, Rules, Share, Shared, Shares};
pub use statuses::{Status, Statuses, Subject};
pub use tasks::{Log, NewLog, NewTask, Task, TaskAction, TaskPatch, TaskStatus, Tasks};
pub use templates::{Template, TemplateTask, Templates};
pub use timeline::{EventPatch, NewEvent, Timeline, TimelineEntry};
pub use users::{NewUser, User, Users};

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
    /// Sets the same fields of at most 100 alerts.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_alerts(&self, organisation: &Self::Organisation, ids: &[String], patch: &AlertPatch)
    -> Result<(), Error>;
    /// Deletes at most 100 alerts for good; one answer each, in order.
    fn delete_alerts(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
    /// Takes over the source's updates from now on, or not any more.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn follow_alert(&self, organisation: &Self::Organisation, id: &str, follow: bool) -> Result<(), Error>;
}
