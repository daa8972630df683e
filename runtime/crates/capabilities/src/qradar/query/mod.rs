//! Which texts does a console read? Filters, AQL and cursors, made of typed parts only (threat rows 26, 27 and 63).

pub mod aql;
pub mod cursor;
pub mod filter;
mod literal;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod reader;

#[cfg(test)]
pub use corpus::PAYLOADS;

use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// An argument that cannot be sent.
pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::Invalid(InvalidArgument {
        field: field.into(),
        reason: reason.into(),
    })
}
