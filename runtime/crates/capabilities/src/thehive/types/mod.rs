//! How does TheHive spell it? Wire and WIT, side by side, one file per entity.

mod alert;
mod case;
mod comment;
mod cortex;
mod event;
mod fields;
pub(super) mod labels;
mod link;
mod names;
mod observable;
mod page;
mod patch;
mod platform;
mod procedure;
mod share;
mod status;
mod task;
mod template;
mod user;
pub(super) mod v0;

pub(super) use crate::marked::{MARK, RESERVED, carries, mark, names_marker, remark};
pub(super) use alert::{AlertRow, new_alert};
pub(super) use case::{CaseRow, PromotionBody, new_case};
pub(super) use comment::{CommentBody, CommentRow};
pub(super) use cortex::{ActionBody, ActionRow, JobBody, JobRow, WorkerRow};
pub(super) use event::{EventBody, EventPatchBody, EventRow, TimelineRow};
pub(super) use fields::{NamedValue, value};
pub(super) use labels::tlp;
pub(super) use link::{CaseLinkBody, LinkedRow, LinksRow, UrlLinkBody};
pub(super) use names::{NOTE, ascii, may_be, media_type, note};
pub(super) use observable::{
    AttachmentRow, AttachmentsRow, ItemFailure, ObservableBody, ObservableRow, ObservableTypeRow, observable_patch,
    read_added,
};
pub(super) use page::{PageBody, PageRow};
pub(super) use patch::{alert_patch, case_patch};
pub(super) use platform::{DefinitionRow, OrganisationLinkRow, OrganisationRow, ProfileRow, TagRow, new_definition};
pub(super) use procedure::{ProcedureBody, ProcedureRow};
pub(super) use share::{OwnerBody, ShareRow, access, new_shares};
pub(super) use status::{CLOSED, IN_PROGRESS, StatusRow, built_in, of_v0};
pub(super) use task::{LogBody, LogRow, TaskPatchBody, TaskRow, new_task, task_patch};
pub(super) use template::{TemplateRow, apply, new_template};
pub(super) use user::UserRow;

use crate::bindings::synapse::workflow::types::{Error, OtherError};

/// The scale of TLP that rows are in: that of 5.x, whatever the server is.
const SCALE: u8 = 5;

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
