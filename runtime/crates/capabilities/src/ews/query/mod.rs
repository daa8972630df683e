//! What may a mailbox be asked, and from where on? Folder names, restrictions and cursors, made from typed parts only.

pub(super) mod cursor;
pub(super) mod names;
pub(super) mod restriction;

use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// An argument that is refused before anything is sent.
pub(super) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::Invalid(InvalidArgument {
        field: field.into(),
        reason: reason.into(),
    })
}
