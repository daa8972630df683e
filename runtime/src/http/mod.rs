//! How is the server spoken to over HTTP? `router` is the whole URL table; each other file is one resource.

mod auth;
mod compat;
mod components;
mod deployments;
mod health;
mod input;
mod journal;
mod keys;
mod problem;
mod router;
mod runs;
mod trigger;

pub use problem::Problem;
pub use router::router;
