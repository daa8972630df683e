//! What starts runs by itself? A folder per kind of trigger.

pub mod schedule;
pub mod source;
pub mod webhook;
