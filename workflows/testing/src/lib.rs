//! What do the tests of the offenses' workflows start from?
//!
//! `world`: a moment, an offense, a host, a case, an event. `settings`: what every manifest has to say about its settings.

pub mod settings;
mod world;

pub use world::{MINUTE, NOW, case_of, event, host, offense};
