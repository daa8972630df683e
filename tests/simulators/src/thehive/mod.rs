//! Which TheHive 5 answers does the simulator give? The v1 API for alerts, cases and what they need (contracts/thehive.md,
//! [v5]).
//!
//! A request walks `routes` (URL table) -> `session` (who, which organisation) -> `body` (content type, JSON) -> one handler
//! file per entity (`alert/`, `observable`, `comment`, ...) -> `store`. Queries go through `query/`, which knows entities only
//! as JSON objects with the properties listed in `kind`. A new entity is a row in `kind`, a handler file and its routes; the
//! store and the query engine stay as they are. Files come in through `upload`; every accepted change goes to `record`.
//!
//! State for `PUT /_sim/state`: see [`state`]. Where the contract marks a behaviour as unsure, the choice is named in the code.

mod action;
mod alert;
mod app;
mod attachment;
mod body;
mod case;
mod case_template;
mod check;
mod comment;
mod custom_field;
mod error;
mod kind;
mod labels;
mod log;
mod marker;
mod observable;
mod observable_type;
mod organisation;
mod page;
mod procedure;
mod profile;
mod query;
mod record;
mod routes;
mod session;
pub mod state;
mod status;
mod store;
mod tags;
mod task;
mod timeline;
mod upload;
mod user;
mod zip;

pub use app::TheHive;
