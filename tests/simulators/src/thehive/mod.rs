//! Which TheHive 5 answers does the simulator give? The v1 API for alerts, cases and what they need (contracts/thehive.md,
//! [v5]).
//!
//! A request walks `routes` (URL table) -> `session` (who, which organisation) -> `body` (content type, JSON) -> one handler
//! file per entity (`alert/`, `observable`, `comment`, ...) -> `store`; reading, changing and deleting by id is the same for
//! all of them, in `resource`. Queries go through `query/`, which knows entities only as JSON objects with the properties listed
//! in `kind`. A new entity is a row in `kind`, a handler file and its routes; the store and the query engine stay as they are.
//! Files come in through `upload`; every accepted change goes to `record`, and through `audit` to those who listen (`webhook`).
//!
//! State for `PUT /_sim/state`: see [`state`]. Where the contract marks a behaviour as unsure, the choice is named in the code.

mod action;
mod alert;
mod app;
mod archive;
mod attachment;
mod audit;
mod body;
mod case;
mod case_template;
mod check;
mod comment;
mod cortex;
mod custom_field;
mod error;
mod kind;
mod labels;
mod log;
mod marker;
mod misp;
mod observable;
mod observable_type;
mod organisation;
mod organisation_link;
mod page;
mod procedure;
mod profile;
mod query;
mod record;
mod resource;
mod routes;
mod session;
mod share;
pub mod state;
mod status;
mod status_value;
mod store;
mod tags;
mod task;
mod timeline;
mod upload;
mod user;
mod v0;
mod webhook;
mod zip;

pub use app::TheHive;
