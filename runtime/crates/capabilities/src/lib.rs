//! What may a guest call? The gate, the connectors behind it, and the generated bindings in front of it.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

#[expect(missing_docs, reason = "generated from the WIT, which documents every item")]
pub mod bindings;
pub mod blobs;
pub mod canonical;
pub mod checkup;
pub mod connection;
pub mod context;
pub mod egress;
pub mod ews;
pub mod gate;
pub mod lab;
mod marked;
pub mod qradar;
pub mod thehive;
mod words;
mod workflow;
