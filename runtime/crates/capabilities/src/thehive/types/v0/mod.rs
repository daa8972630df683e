//! How do TheHive 3 and 4 spell it (API v0, contract 2.1)? Answers are put into the words of v1, so that nothing else knows versions;
//! what is sent is put into those of v0.

mod fields;
mod read;
mod write;

pub(in crate::thehive) use fields::kind;
pub(in crate::thehive) use read::{Kind, added, read};
pub(in crate::thehive) use write::{
    artifact, case_patch, log_body, new_alert, new_case, new_task, patch_of_alert, patch_of_artifact, status_of_alert,
    tagged, task_patch,
};
