//! How does a QRadar offense become a TheHive alert?
//!
//! [`run::on_event`] is the whole workflow. Reading order: `input`, `select`, `run`; how an offense becomes an alert, and how the alert is
//! filled in later, is in the library `synapse-offenses` (`workflows/common`).

pub mod input;
pub mod items;
pub mod run;
pub mod select;

pub use synapse_offenses::{Host, answer, config};

synapse_guest::workflow!(event run::on_event);
