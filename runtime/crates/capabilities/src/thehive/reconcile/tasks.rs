//! Was this task or log entry made or changed, and was it us (contract section 7)?

use synapse_domain::run::How;
use tokio::time::Instant;

use super::{looked, unchanged};
use crate::bindings::synapse::thehive::tasks::{Log, Task};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{CreateLog, CreateTask, UpdateTask};
use crate::thehive::client::{Client, File, not_sent, unknown};
use crate::thehive::types::{self, LogBody};

/// Sends a new task.
pub async fn create_task(client: &Client, call: &CreateTask, effect: &EffectId) -> Result<Done<Task>, Failure> {
    let row = client.create_task(&call.task, &effect.marker()).await?;
    Ok(Done {
        answer: row.into_task().map_err(unknown)?,
        how: How::Performed,
    })
}

/// The task that this effect made.
pub async fn created_task(client: &Client, call: &CreateTask, effect: &EffectId) -> Result<Option<Task>, Error> {
    let row = client.marked_task(&call.task.case_id, &effect.marker()).await?;
    row.map(types::TaskRow::into_task).transpose()
}

/// Sets fields of a task. A repeat looks first: it may have happened, or somebody may have changed the task since.
pub async fn update_task(client: &Client, call: &UpdateTask, effect: &EffectId) -> Result<Done<Task>, Failure> {
    let start = Instant::now();
    client.scale().await.map_err(not_sent)?;
    if effect.repeat {
        let row = client.task(&call.id).await.map_err(|error| looked(effect, error))?;
        if row.is_as_asked(&types::task_patch(&call.patch)) {
            return Ok(Done {
                answer: row.into_task().map_err(unknown)?,
                how: How::Adopted,
            });
        }
        unchanged("task", &row.id, row.updated_at, effect)?;
    }
    client.update_task(&call.id, &call.patch, start).await?;
    let row = client.task(&call.id).await.map_err(unknown)?;
    Ok(Done {
        answer: row.into_task().map_err(unknown)?,
        how: How::Performed,
    })
}

/// Sends a new log entry with its files. Names that are not sent as they are stand in the message (D16).
pub async fn create_log(client: &Client, call: &CreateLog, effect: &EffectId) -> Result<Done<Log>, Failure> {
    let notes: Vec<String> = call.files.iter().filter_map(|file| types::note(&file.name)).collect();
    let mut text = call.log.message.clone();
    if !notes.is_empty() {
        text.push_str("\n\n");
        text.push_str(&notes.join("\n\n"));
    }
    let marker = effect.marker();
    let body = LogBody {
        message: types::mark(&text, &marker),
        start_date: call.log.date,
    };
    let files: Vec<File<'_>> = call
        .files
        .iter()
        .map(|kept| File {
            kept,
            spool: &call.spool,
        })
        .collect();
    let row = client.create_log(&call.log.task_id, &body, &files, &marker).await?;
    Ok(Done {
        answer: row.into_log(),
        how: How::Performed,
    })
}

/// The log entry that this effect made.
pub async fn created_log(client: &Client, call: &CreateLog, effect: &EffectId) -> Result<Option<Log>, Error> {
    let row = client.marked_log(&call.log.task_id, &effect.marker()).await?;
    Ok(row.map(types::LogRow::into_log))
}
