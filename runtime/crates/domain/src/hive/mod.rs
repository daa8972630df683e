//! What happens in TheHive, whichever version tells it: one event for every dialect of its webhooks and for what the reconciler finds.
//!
//! `event` is the event as workflows get it; `payload` reads a webhook's envelope, `classify` says what it means, `facts` reads the
//! object in it, `normalise` puts the three together, and `query` does the same for an object that was asked for.

mod classify;
mod event;
mod facts;
mod normalise;
mod payload;
mod query;

pub use event::{Action, AlertFacts, CaseFacts, Dialect, HiveEvent, Object, Via, is_event_pattern, is_field};
pub use normalise::{Ignored, Normalised, normalise};
pub use query::{Finding, finding};
