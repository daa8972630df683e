//! How do schedules start runs?
//!
//! The store holds when each one is due (`synapse_store::timers`), the domain says what to do about the times that have come
//! (`synapse_domain::trigger::Schedule::decide`); `work` is the loop between them.

mod work;

pub use work::Schedules;
