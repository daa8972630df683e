//! The platform's own interfaces: one file per interface of `synapse:workflow`.

mod blobs;
mod clock;
mod context;
mod log;
mod random;
mod report;
mod state;

impl crate::bindings::synapse::workflow::types::Host for crate::context::Host {}
