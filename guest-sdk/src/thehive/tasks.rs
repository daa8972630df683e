//! What may a workflow do with tasks and their logs?

use super::TheHive;
use crate::bindings::thehive::synapse::thehive as wit;
use crate::blobs::Blobs;
use crate::error::Error;

pub use wit::tasks::{Action as TaskAction, Log, NewLog, NewTask, Task, TaskPatch, TaskStatus};

/// `synapse:thehive/tasks`.
pub trait Tasks: TheHive + Blobs {
    /// Creates at most 100 tasks; one answer each, in order.
    fn create_tasks(&self, organisation: &Self::Organisation, tasks: &[NewTask]) -> Vec<Result<Task, Error>>;
    /// All tasks of a case, oldest first, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_tasks(&self, organisation: &Self::Organisation, case_id: &str) -> Result<Vec<Task>, Error>;
    /// Sets fields to absolute values.
    ///
    /// # Errors
    /// `conflict` if somebody else changed the task meanwhile.
    fn update_task(&self, organisation: &Self::Organisation, id: &str, patch: &TaskPatch) -> Result<Task, Error>;
    /// Creates a log entry with at most 20 attachments, streamed from the host.
    ///
    /// # Errors
    /// `not-found` for a task that is gone, or the target could not be asked.
    fn create_log(
        &self,
        organisation: &Self::Organisation,
        log: &NewLog,
        attachments: &[&Self::Blob],
    ) -> Result<Log, Error>;
    /// All log entries of a task, oldest first, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_logs(&self, organisation: &Self::Organisation, task_id: &str) -> Result<Vec<Log>, Error>;
    /// One task.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn get_task(&self, organisation: &Self::Organisation, id: &str) -> Result<Task, Error>;
    /// Sets the same fields of at most 100 tasks.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_tasks(&self, organisation: &Self::Organisation, ids: &[String], patch: &TaskPatch) -> Result<(), Error>;
    /// Deletes at most 100 tasks with their logs; one answer each, in order.
    fn delete_tasks(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
    /// Who is asked to act on a task.
    ///
    /// # Errors
    /// `not-found`, or the target could not be asked.
    fn list_actions(&self, organisation: &Self::Organisation, task_id: &str) -> Result<Vec<TaskAction>, Error>;
    /// Asks an organisation to act on a task, or says that it has.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn set_action(&self, organisation: &Self::Organisation, task_id: &str, action: &TaskAction) -> Result<(), Error>;
    /// Replaces the text of a log entry.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn update_log(&self, organisation: &Self::Organisation, id: &str, message: &str) -> Result<Log, Error>;
    /// Deletes at most 100 log entries; one answer each, in order.
    fn delete_logs(&self, organisation: &Self::Organisation, ids: &[String]) -> Vec<Result<(), Error>>;
    /// Adds a file to a log entry, streamed from the host.
    ///
    /// # Errors
    /// `not-found`, `invalid`, or the target could not be asked.
    fn attach_to_log(&self, organisation: &Self::Organisation, log_id: &str, file: &Self::Blob) -> Result<(), Error>;
}
