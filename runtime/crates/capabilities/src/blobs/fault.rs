//! What is a guest told when the spool fails?

use std::io;

use synapse_store::StoreError;

use crate::bindings::synapse::workflow::types::{Error, OtherError};

/// The limit that is used up when the spool takes no more, whether the tenant's quota or the disk is full.
const FULL: &str = "spool-bytes";

/// The spool takes no more.
pub(super) fn full() -> Error {
    Error::Quota(FULL.to_owned())
}

/// The disk did not do it. What it said is for the log: a guest has no business with paths.
pub(super) fn disk(what: &str, error: &io::Error) -> Error {
    tracing::error!(%error, "the spool cannot {what}");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => full(),
        _ => internal(&format!("the spool cannot {what}")),
    }
}

/// The store did not do it.
pub(super) fn store(error: &StoreError) -> Error {
    match error {
        StoreError::Quota(_) => full(),
        StoreError::Fenced
        | StoreError::NotFound
        | StoreError::Conflict(_)
        | StoreError::Damaged(_)
        | StoreError::Failed(_) => internal("the blob could not be recorded"),
    }
}

fn internal(message: &str) -> Error {
    Error::Other(OtherError {
        code: "internal".to_owned(),
        message: message.to_owned(),
    })
}
