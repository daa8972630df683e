//! Who performs a workflow's calls in the sandbox?

mod blobs;
#[cfg(feature = "ews")]
mod ews;
#[cfg(feature = "lab")]
mod lab;
#[cfg(feature = "qradar")]
mod qradar;
#[cfg(feature = "thehive")]
mod thehive;
mod workflow;

/// The runtime's host functions. Each call passes the gate, which authorises it, journals it and performs it.
///
/// Only a component can use it: on a native target every call aborts the process, so tests take the fake.
#[derive(Debug, Clone, Copy)]
pub struct Live;
