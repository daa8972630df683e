//! What does a connected Cortex do? Analyzers run on observables, responders on anything; both are data that tests give.
//!
//! Without analyzers and responders (the default) the lists are empty, and a job of an analyzer nobody has stays `Waiting`,
//! as on a server whose Cortex is not reachable (contract 9.3, point 19). With them a run ends after its `duration_ms` of the
//! simulator's clock, by itself: the next request of anybody sees the end, and webhooks are told. Both the old paths
//! (`/api/connector/cortex`) and those below `/api/v1` answer.

mod action;
mod job;
mod routes;
mod run;
mod worker;

pub use routes::routes;
pub use run::{Due, settle};
pub use worker::Workers;
