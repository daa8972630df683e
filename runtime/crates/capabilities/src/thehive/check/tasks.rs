//! Would TheHive accept this task, change or log entry?

use super::{DEDUP_KEY, LOGIN, TEXT, changes, id, invalid, line, moment, named_id, optional_line, text};
use crate::bindings::synapse::thehive::tasks::{NewLog, NewTask, TaskPatch};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::calls::{CreateLog, CreateTask, UpdateTask};
use crate::thehive::types;

const TITLE: usize = 128;
const GROUP: usize = 64;
/// Attachments of one log entry (`wit/thehive/tasks.wit`).
const FILES: usize = 20;

/// `create-tasks`
pub fn create_task(call: &CreateTask) -> Result<(), Error> {
    let NewTask {
        case_id,
        title,
        group,
        description,
        status: _,
        assignee,
        dedup_key,
    } = &call.task;
    named_id("case-id", case_id)?;
    line("title", title, TITLE)?;
    optional_line("group", group.as_ref(), GROUP)?;
    if let Some(description) = description {
        text("description", description, TEXT.saturating_sub(types::MARK))?;
    }
    optional_line("assignee", assignee.as_ref(), LOGIN)?;
    optional_line("dedup-key", dedup_key.as_ref(), DEDUP_KEY)
}

/// `update-task`
pub fn update_task(call: &UpdateTask) -> Result<(), Error> {
    id(&call.id)?;
    patch(&call.patch)
}

/// What of a task is changed.
pub fn patch(patch: &TaskPatch) -> Result<(), Error> {
    let TaskPatch {
        title,
        status,
        assignee,
        group,
        mandatory,
        flag,
        due_date,
    } = patch;
    optional_line("patch.title", title.as_ref(), TITLE)?;
    optional_line("patch.assignee", assignee.as_ref(), LOGIN)?;
    optional_line("patch.group", group.as_ref(), GROUP)?;
    due_date.map_or(Ok(()), |date| moment("patch.due-date", date))?;
    changes(&[
        title.is_some(),
        status.is_some(),
        assignee.is_some(),
        group.is_some(),
        mandatory.is_some(),
        flag.is_some(),
        due_date.is_some(),
    ])
}

/// `create-log`
pub fn create_log(call: &CreateLog) -> Result<(), Error> {
    let NewLog {
        task_id,
        message,
        date,
        dedup_key,
    } = &call.log;
    named_id("task-id", task_id)?;
    if message.is_empty() {
        return invalid("message", "it is empty".to_owned());
    }
    // The marker and the names that are not sent as they are need room as well.
    let notes = call
        .files
        .iter()
        .filter(|file| types::note(&file.name).is_some())
        .count();
    let room = types::MARK.saturating_add(notes.saturating_mul(types::NOTE));
    text("message", message, TEXT.saturating_sub(room))?;
    date.map_or(Ok(()), |date| moment("date", date))?;
    optional_line("dedup-key", dedup_key.as_ref(), DEDUP_KEY)?;
    let count = call.files.len();
    if count > FILES {
        return invalid("attachments", format!("{count} attachments; at most {FILES}"));
    }
    Ok(())
}
