//! How is the server spoken to over HTTP? `router` is the whole URL table; each other file is one resource.

mod again;
mod auth;
mod compat;
mod components;
mod deployments;
mod doctor;
mod events;
mod health;
mod hooks;
mod input;
mod journal;
mod keys;
mod openapi;
mod pauses;
mod problem;
mod router;
mod runs;
mod sources;
mod trigger;
mod triggers;

pub use openapi::document;
pub use problem::Problem;
pub use router::router;
