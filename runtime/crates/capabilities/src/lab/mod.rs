//! A laboratory target for exercising the platform itself: canned reads, one `probe` write and one `opaque` write.

mod calls;
mod checkup;
pub mod client;
mod host;
mod permission;
mod query;
mod reconcile;
mod types;

pub use calls::{Append, Fire, ReadText};

#[cfg(test)]
mod tests;
