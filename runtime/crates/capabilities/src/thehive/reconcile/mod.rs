//! Did it happen, and was it us (design G3)? One file per kind of object.
//!
//! What creates is asked for by its marker, or met again by its natural key; what sets fields looks first when it is repeated.

mod alerts;
mod cases;
mod comments;
mod observables;
mod tasks;

pub(super) use alerts::{create, update};
pub(super) use cases::{create_case, created_case, promote, promoted, update_case};
pub(super) use comments::{add_comment, added_comment};
pub(super) use observables::{add_file, add_text, attach, attached};
pub(super) use tasks::{create_log, create_task, created_log, created_task, update_task};

use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, EffectId, Failure};

/// The target said no, or what is there says it.
fn refused(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Refused,
    }
}

/// What a failed look before a sending says: before the first one nothing was sent; afterwards it says nothing about the sending
/// before it, unless there is no such object any more.
fn looked(effect: &EffectId, error: Error) -> Failure {
    let certainty = match (effect.repeat, &error) {
        (false, _) => Certainty::NotSent,
        (true, Error::NotFound) => Certainty::Refused,
        (true, _) => Certainty::Unknown,
    };
    Failure { error, certainty }
}

/// May a change that did not happen be repeated? Not over somebody else's later change.
fn unchanged(kind: &str, id: &str, updated_at: Option<u64>, effect: &EffectId) -> Result<(), Failure> {
    if updated_at.is_some_and(|at| at > effect.since) {
        let why = format!("{kind} {id} was changed by somebody else after the update was first sent");
        return Err(refused(Error::Conflict(why)));
    }
    Ok(())
}
