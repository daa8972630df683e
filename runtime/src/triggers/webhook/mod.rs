//! How do events of TheHive start runs?
//!
//! `receive` takes a webhook: normalised, judged, recorded with its runs in one transaction, answered. `index` knows which triggers
//! listen, `decide` says which of them an event starts and why the others not. `own` knows who we are at TheHive. `again` evaluates
//! events once more: those that wait, and those that an operator names. `reconcile` asks TheHive for what it told nobody. `news` wakes who
//! waits for any of it.

mod again;
mod decide;
mod index;
mod news;
mod own;
mod receive;
mod reconcile;

pub use receive::{Hooks, Refusal};
