//! Who answers a workflow's calls in a plain `cargo test`?
//!
//! [`Fake`] keeps the promises that the WIT makes: batch limits, natural keys, compare-and-set, order of lists. What it is
//! given before the run (offenses, mails, alerts, failures) it answers with; what the workflow did (calls, alerts, cases, state, report) it
//! shows afterwards.

mod blobs;
#[cfg(feature = "ews")]
mod ews;
#[cfg(feature = "lab")]
mod lab;
#[cfg(feature = "qradar")]
mod qradar;
mod script;
#[cfg(feature = "thehive")]
mod thehive;
mod workflow;

use std::cell::RefCell;

pub use blobs::FakeBlob;
pub use script::Call;

/// An in-memory host. Set it up with the `with_` functions; every function can also be used between two runs.
pub struct Fake {
    script: RefCell<script::Script>,
    workflow: RefCell<workflow::Store>,
    #[cfg(feature = "ews")]
    ews: RefCell<ews::Store>,
    #[cfg(feature = "thehive")]
    thehive: RefCell<thehive::Store>,
    #[cfg(feature = "qradar")]
    qradar: RefCell<qradar::Store>,
    #[cfg(feature = "lab")]
    lab: RefCell<lab::Store>,
}

impl Default for Fake {
    fn default() -> Self {
        Self::new()
    }
}

impl Fake {
    /// A host with nothing in it, an empty configuration and a go-live point at 0.
    pub fn new() -> Self {
        Self {
            script: RefCell::default(),
            workflow: RefCell::default(),
            #[cfg(feature = "ews")]
            ews: RefCell::default(),
            #[cfg(feature = "thehive")]
            thehive: RefCell::default(),
            #[cfg(feature = "qradar")]
            qradar: RefCell::default(),
            #[cfg(feature = "lab")]
            lab: RefCell::default(),
        }
    }
}
