//! How does TheHive spell tasks and their logs (contract 2.5)?

use serde::{Deserialize, Serialize};

use super::observable::AttachmentRow;
use super::unreadable;
use crate::bindings::synapse::thehive::tasks::{Log, NewTask, Task, TaskPatch, TaskStatus};
use crate::bindings::synapse::workflow::types::Error;
use crate::marked;

/// The group of a task that names none.
const GROUP: &str = "default";

/// `InputCreateTask`
#[derive(Debug, Serialize)]
pub struct TaskBody<'a> {
    pub title: &'a str,
    pub group: &'a str,
    pub description: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<&'a str>,
}

/// `InputUpdateTask`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskPatchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<u64>,
}

/// `InputCreateLog`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogBody {
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<u64>,
}

/// `OutputTask`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    pub status: String,
    #[serde(default)]
    pub assignee: Option<String>,
    #[serde(default)]
    pub mandatory: bool,
    #[serde(default)]
    pub flag: bool,
    #[serde(default)]
    pub due_date: Option<u64>,
    #[serde(default)]
    pub start_date: Option<u64>,
    #[serde(default)]
    pub end_date: Option<u64>,
    #[serde(rename = "_createdAt")]
    pub created_at: u64,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
}

/// `OutputLog`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
pub struct LogRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub message: String,
    pub date: u64,
    #[serde(default)]
    pub attachments: Vec<AttachmentRow>,
    #[serde(default, rename = "_createdBy")]
    pub created_by: String,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
}

impl TaskRow {
    /// Does it carry this marker?
    pub fn carries(&self, marker: &str) -> bool {
        self.description
            .as_deref()
            .is_some_and(|text| marked::carries(text, marker))
    }

    /// Is it already as the change would leave it?
    pub fn is_as_asked(&self, body: &TaskPatchBody<'_>) -> bool {
        body.title.is_none_or(|title| self.title == title)
            && body.status.is_none_or(|status| self.status == status)
            && body
                .assignee
                .is_none_or(|assignee| self.assignee.as_deref() == Some(assignee))
            && body.group.is_none_or(|group| self.group.as_deref() == Some(group))
            && body.mandatory.is_none_or(|mandatory| self.mandatory == mandatory)
            && body.flag.is_none_or(|flag| self.flag == flag)
            && body.due_date.is_none_or(|date| self.due_date == Some(date))
    }

    /// As guests see it.
    pub fn into_task(self) -> Result<Task, Error> {
        let status = match self.status.as_str() {
            "Waiting" => TaskStatus::Waiting,
            "InProgress" => TaskStatus::InProgress,
            "Completed" => TaskStatus::Completed,
            "Cancel" => TaskStatus::Cancelled,
            _ => return Err(unreadable("a task whose status is none of the four")),
        };
        Ok(Task {
            id: self.id,
            title: self.title,
            group: self.group.unwrap_or_else(|| GROUP.to_owned()),
            status,
            assignee: self.assignee,
            description: self.description.map(marked::unmark).filter(|text| !text.is_empty()),
            mandatory: self.mandatory,
            flag: self.flag,
            due_date: self.due_date,
            start_date: self.start_date,
            end_date: self.end_date,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl LogRow {
    /// As guests see it.
    pub fn into_log(self) -> Log {
        Log {
            id: self.id,
            message: marked::unmark(self.message),
            date: self.date,
            attachments: self.attachments.into_iter().map(|file| file.name).collect(),
            created_by: self.created_by,
        }
    }
}

/// The body of a new task.
pub fn new_task<'a>(task: &'a NewTask, marker: &str) -> TaskBody<'a> {
    TaskBody {
        title: &task.title,
        group: task.group.as_deref().unwrap_or(GROUP),
        description: marked::mark(task.description.as_deref().unwrap_or_default(), marker),
        status: word(task.status),
        assignee: task.assignee.as_deref(),
    }
}

/// The body of a change.
pub fn task_patch(patch: &TaskPatch) -> TaskPatchBody<'_> {
    TaskPatchBody {
        title: patch.title.as_deref(),
        status: patch.status.map(word),
        assignee: patch.assignee.as_deref(),
        group: patch.group.as_deref(),
        mandatory: patch.mandatory,
        flag: patch.flag,
        due_date: patch.due_date,
    }
}

fn word(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Waiting => "Waiting",
        TaskStatus::InProgress => "InProgress",
        TaskStatus::Completed => "Completed",
        TaskStatus::Cancelled => "Cancel",
    }
}
