//! Which texts does a console read? Filters, AQL and cursors, made of typed parts only (threat rows 26, 27 and 63).

pub mod aql;
pub mod cursor;
pub mod filter;
mod literal;
pub mod window;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod reader;

#[cfg(test)]
pub use corpus::PAYLOADS;

use crate::bindings::synapse::qradar::offenses::OffenseFilter;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// An argument that cannot be sent.
pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::Invalid(InvalidArgument {
        field: field.into(),
        reason: reason.into(),
    })
}

/// Every offense.
pub const ANY: OffenseFilter = OffenseFilter {
    status: None,
    updated_from: None,
    updated_to: None,
    min_magnitude: None,
    ids: None,
    after_id: None,
    persisted_from: None,
    persisted_to: None,
    closed_from: None,
    closed_to: None,
    assigned_to: None,
    domain: None,
    offense_type: None,
    follow_up: None,
    protected: None,
    inactive: None,
};

impl Default for OffenseFilter {
    /// Every offense.
    fn default() -> Self {
        ANY
    }
}
