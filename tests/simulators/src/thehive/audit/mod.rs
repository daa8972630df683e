//! What does the server tell others about a change? From the changes of one request to events, before any dialect.
//!
//! The store notes every change while somebody listens; when a request lets go of the state, its changes become one batch of
//! events with one request id. How an event looks on the wire is the business of `webhook::envelope`.

mod details;
mod event;
mod from_changes;
mod shown;

pub use event::{Action, Event, Node};
pub use from_changes::events;
