//! QRadar 7.5: what a guest may ask a console, and how that is asked.
//!
//! A call goes `host` (the generated trait) → `calls` (its canonical arguments, through the gate) → `permission` (which domains)
//! → `client` (typed upstream calls) → `query` (filter and AQL text from typed parts) and `types` (wire ↔ WIT). `check` refuses
//! arguments before anything is sent; `reconcile` says whether something uncertain happened, and whether it was us. All wire facts are cited by section of the QRadar contract.

mod calls;
mod check;
mod checkup;
pub mod client;
mod host;
mod permission;
mod query;
mod reconcile;
mod types;

#[cfg(test)]
mod tests;
