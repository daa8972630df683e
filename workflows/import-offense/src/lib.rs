//! How are offenses imported that somebody names?
//!
//! [`run::import_offense`] is the whole workflow. How an offense becomes an alert is in the library `synapse-offenses`
//! (`workflows/common`), which `qradar2alert` uses too.

pub mod config;
pub mod input;
pub mod run;

pub use synapse_offenses::Host;

synapse_guest::workflow!(run::import_offense);
