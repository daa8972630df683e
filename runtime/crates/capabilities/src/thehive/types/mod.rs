//! How does TheHive spell it? Wire and WIT, side by side, one file per entity.

mod alert;
mod case;
mod comment;
mod fields;
mod labels;
mod marked;
mod names;
mod observable;
mod patch;
mod task;
mod user;

pub(super) use alert::{AlertRow, new_alert};
pub(super) use case::{CaseRow, PromotionBody, new_case};
pub(super) use comment::{CommentBody, CommentRow};
pub(super) use fields::{NamedValue, value};
pub(super) use labels::tlp;
pub(super) use marked::{MARK, RESERVED, carries, mark};
pub(super) use names::{NOTE, ascii, may_be, media_type, note};
pub(super) use observable::{
    AttachmentRow, AttachmentsRow, ItemFailure, ObservableBody, ObservableRow, ObservableTypeRow, read_added,
};
pub(super) use patch::{alert_patch, case_patch};
pub(super) use task::{LogBody, LogRow, TaskRow, new_task, task_patch};
pub(super) use user::UserRow;

use crate::bindings::synapse::workflow::types::{Error, OtherError};

/// An answer that cannot be what TheHive answers.
pub(super) fn unreadable(what: &str) -> Error {
    Error::Other(OtherError {
        code: "unreadable-answer".to_owned(),
        message: format!("TheHive answered with {what}"),
    })
}

/// An answer about something else than what was asked (threat row 65).
pub(super) fn inconsistent(what: &str) -> Error {
    Error::Other(OtherError {
        code: "upstream-inconsistent".to_owned(),
        message: format!("TheHive answered with {what}"),
    })
}
