//! TheHive 5 (API v1): alerts. The contract is `contracts/thehive.md`; its section numbers are cited where they decide something.
//!
//! A call comes in by `host`, is a value of `calls`, names its permission in `permission`, is checked by `check`, sent by `client`
//! (`types` and `observables` make the body, `query` the search, `refusal` reads a "no"), and settled by `reconcile` when its
//! outcome is unknown.

mod calls;
mod check;
pub mod client;
mod host;
mod observables;
mod permission;
mod query;
mod reconcile;
mod refusal;
mod types;

pub use calls::{CreateAlert, FindAlerts, GetAlert, ObservableTypes, UpdateAlert};

#[cfg(test)]
mod tests;
