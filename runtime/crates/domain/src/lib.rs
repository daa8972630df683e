//! The words of the platform as types: ids, events, permissions, manifests, limits, secrets, time. No input or output.

pub mod check;
pub mod clock;
pub mod digest;
pub mod event;
pub mod failpoint;
pub mod hive;
pub mod ids;
pub mod limits;
pub mod manifest;
pub mod operation;
pub mod permission;
pub mod run;
pub mod secret;
pub mod trigger;
