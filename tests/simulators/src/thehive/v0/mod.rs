//! How does the simulator answer as TheHive 3 or 4 (API v0)? State `{"flavour": "v3" | "v4"}` chooses; without it it is 5.
//!
//! [`front`] stands before the routes of v1: it takes requests of v0, puts their bodies into the words of v1 ([`take`]), lets the v1 route
//! do the work on the same store, and answers what became of it in the words of v0 ([`show`]). So the effects log shows a change as
//! the store took it, with the path of v1; the request log shows what was really asked. Searches do not pass v1: [`search`] looks
//! through what [`show`] would show. Webhooks are told in the dialect of the flavour (`webhook::envelope`).
//!
//! What is of 3 alone: ids without `~` ([`ids`]; those of alerts look like digests, but are made from a number), one new observable
//! as an object, `ConflictError`, soft deletion, `_string`, texts that are searched by their words, no organisations, no observables for
//! an alert that is there; an observable of an unknown type, or one that an alert has twice, is dropped without a word (D14, D15).
//! Of 4 alone: always a list, 207 on any failure, `CreateError`, `X-Total` capped below zero, 256 kB of JSON, `_string` that matches
//! everything, and of v1 only `/api/v1/query`. Of both: ten rows without a range, range and sort in the query string only (D19), a
//! reopened case keeps its `resolutionStatus` (D20).

mod alerts;
mod bulk;
mod call;
mod cases;
mod filter;
mod flavour;
mod front;
mod ids;
mod observables;
mod platform;
mod search;
mod show;
mod take;
mod tasks;

pub use flavour::Flavour;
pub use front::{Front, front};
pub use ids::write as id;
pub use show::{DELETED, as_it_was, case_status, custom_fields, entity, name, tlp};
