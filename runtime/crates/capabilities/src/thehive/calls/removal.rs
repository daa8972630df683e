//! Which calls take something away? One request each; `reconcile/removal.rs` tells our own deletion from a stranger's.

use super::declare::{change, removal};
use crate::bindings::synapse::thehive::attachments::Holder;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::owner::{self, Belonging};
use crate::thehive::{check, reconcile};

/// What is taken away, and where it is.
pub trait Removal: Send + Sync {
    /// Segments of its path.
    fn path(&self) -> Vec<&str>;
    /// Are its ids ids?
    ///
    /// # Errors
    /// `Invalid`, with the field.
    fn checked(&self) -> Result<(), Error>;
    /// Which alert it belongs to, where a grant limits alerts.
    fn belongs_to(&self) -> Belonging<'_> {
        Belonging::Elsewhere
    }
}

removal!(
    /// `delete-alerts`, one item
    DeleteAlert {
        /// The server's id.
        id: String,
    } = Keyed "thehive/alerts.delete-alerts",
    |call| path: vec!["api", "v1", "alert", &call.id], check: check::id(&call.id), belongs_to: Belonging::Alert(&call.id)
);
removal!(
    /// `delete-cases`, one item
    DeleteCase {
        /// The server's id.
        id: String,
    } = Keyed "thehive/cases.delete-cases",
    |call| path: vec!["api", "v1", "case", &call.id], check: check::id(&call.id)
);
removal!(
    /// `delete-tasks`, one item
    DeleteTask {
        /// The server's id.
        id: String,
    } = Keyed "thehive/tasks.delete-tasks",
    |call| path: vec!["api", "v1", "task", &call.id], check: check::id(&call.id)
);
removal!(
    /// `delete-logs`, one item
    DeleteLog {
        /// The server's id.
        id: String,
    } = Keyed "thehive/tasks.delete-logs",
    |call| path: vec!["api", "v1", "log", &call.id], check: check::id(&call.id)
);
removal!(
    /// `delete-observables`, one item
    DeleteObservable {
        /// The server's id.
        id: String,
    } = Keyed "thehive/observables.delete-observables",
    |call| path: vec!["api", "v1", "observable", &call.id], check: check::id(&call.id),
    belongs_to: Belonging::Child("getObservable", &call.id)
);
removal!(
    /// `delete-comments`, one item
    DeleteComment {
        /// The server's id.
        id: String,
    } = Keyed "thehive/comments.delete-comments",
    |call| path: vec!["api", "v1", "comment", &call.id], check: check::id(&call.id),
    belongs_to: Belonging::Child("getComment", &call.id)
);
removal!(
    /// `delete-procedures`, one item
    DeleteProcedure {
        /// The server's id.
        id: String,
    } = Keyed "thehive/procedures.delete-procedures",
    |call| path: vec!["api", "v1", "procedure", &call.id], check: check::id(&call.id),
    belongs_to: Belonging::Child("getProcedure", &call.id)
);
removal!(
    /// `delete-events`, one item
    DeleteEvent {
        /// The server's id.
        id: String,
    } = Keyed "thehive/timeline.delete-events",
    |call| path: vec!["api", "v1", "customEvent", &call.id], check: check::id(&call.id)
);
removal!(
    /// `delete-pages`, one item
    DeletePage {
        /// The case's id.
        case_id: String,
        /// The server's id.
        id: String,
    } = Keyed "thehive/pages.delete-pages",
    |call| path: vec!["api", "v1", "case", &call.case_id, "page", &call.id],
    check: check::named_id("case-id", &call.case_id).and_then(|()| check::id(&call.id))
);
removal!(
    /// `delete-attachments`, one item
    DeleteAttachment {
        /// What it belongs to.
        holder: Holder,
        /// The server's id.
        id: String,
    } = Keyed "thehive/attachments.delete-attachments",
    |call| path: owner::attachment(&call.holder, &call.id),
    check: check::attachment_to_delete(&call.holder, &call.id),
    belongs_to: owner::of_holder(&call.holder)
);
removal!(
    /// `delete-template`
    DeleteTemplate {
        /// Its name.
        name: String,
    } = Keyed "thehive/templates.delete-template",
    |call| path: vec!["api", "v1", "caseTemplate", &call.name], check: check::template_name(&call.name)
);
