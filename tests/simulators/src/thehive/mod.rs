//! Which TheHive 5 answers does the simulator give? The v1 API for alerts and what they need (contracts/thehive.md, [v5]).
//!
//! A request walks `routes` (URL table) -> `session` (who, which organisation) -> `body` (content type, JSON) -> one handler
//! file per entity (`alert/`, `observable`, `comment`, ...) -> `store`. Queries go through `query/`, which knows entities only
//! as JSON objects with the properties listed in `kind`. A new entity (case, task, log) is a row in `kind`, a handler file and
//! its routes; the store and the query engine stay as they are.
//!
//! State for `PUT /_sim/state`: see [`state`]. Where the contract marks a behaviour as unsure, the choice is named in the code.

mod alert;
mod app;
mod body;
mod check;
mod comment;
mod custom_field;
mod error;
mod kind;
mod labels;
mod marker;
mod observable;
mod observable_type;
mod organisation;
mod query;
mod routes;
mod session;
pub mod state;
mod status;
mod store;
mod user;

pub use app::TheHive;
