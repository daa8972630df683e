//! Did it happen, and was it us (design G3, contract 5)? One file per kind of object.
//!
//! A closed offense tells by whom, why and when it was closed; a note carries a marker; what sets a value looks first when it is
//! repeated; a reference set's value is there or not.

mod closing;
mod handling;
mod notes;
mod reference;
mod search;

pub(super) use closing::close;
pub(super) use handling::{Wanted, assign, set};
pub(super) use notes::{add_note, added_note};
pub(super) use reference::{add_value, remove_value};
pub use search::{adopt, exists_already, find};

use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, EffectId, Failure};

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
