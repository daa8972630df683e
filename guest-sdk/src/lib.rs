//! What is a Synapse workflow written with?
//!
//! A workflow is one function: it gets a host and the event's parameters, and returns an answer. It can do nothing but call
//! the host; every call is authorised, journaled and performed by the runtime, and after a crash the run is replayed with the
//! recorded results. So write it as if nothing ever failed half-way.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use synapse_guest::error::WorkflowError;
//! use synapse_guest::workflow::{Change, Workflow};
//!
//! // The event's JSON. What does not fit is answered with `bad-event` (HTTP 400) before `greet` is called.
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Params { name: String }
//!
//! // The answer, as JSON, for whoever started the run.
//! #[derive(Serialize, PartialEq, Debug)]
//! struct Answer { text: String, revision: u64 }
//!
//! // `?` works on every capability error; `WorkflowError` decides in one place which of them are worth another attempt.
//! fn greet(host: &impl Workflow, params: Params) -> Result<Answer, WorkflowError> {
//!     let key = format!("greeted/{}", params.name);
//!     let known = host.state_get(std::slice::from_ref(&key))?.into_iter().next().flatten();
//!     let change = Change { key, value: Some("yes".into()), expected: known.map(|entry| entry.revision) };
//!     let revision = host.state_apply(&[change])?.remove(0)?;
//!     Ok(Answer { text: format!("Hello, {}", params.name), revision })
//! }
//!
//! // Makes the component's export out of the function.
//! synapse_guest::workflow!(greet);
//!
//! // The same function under plain `cargo test`, against the fake.
//! let host = synapse_guest::fake::Fake::new();
//! let answer = greet(&host, Params { name: "Ada".into() }).unwrap();
//! assert_eq!(answer, Answer { text: "Hello, Ada".into(), revision: 1 });
//! ```
//!
//! # A workflow's world
//!
//! Capabilities are cargo features: `synapse-guest = { .., features = ["thehive", "qradar"] }`. Say which of them the workflow
//! uses once, as a trait of your own, and bound your functions by it:
//!
//! ```text
//! pub trait Host: Workflow + TheHive + QRadar {}
//! impl<T: Workflow + TheHive + QRadar> Host for T {}
//! ```
//!
//! A component imports exactly the interfaces that it calls; the operator sees that list, and grants it, at deployment.
//!
//! # Rules that keep a run repeatable
//!
//! * Time is [`workflow::Workflow::now`], randomness is [`workflow::Workflow::random`]; there is no other source of either.
//! * Keep order: `BTreeMap` and `BTreeSet`, not `HashMap`, wherever the order of calls or of text depends on it.
//! * Ask in batches: every list function takes up to its stated number of items, and the host fetches them in parallel.
//! * One bad item never stops the others: report it as failed and go on.
//! * Remember what was done in `state`, and let that decide what is new, not the target.

pub mod bindings;
pub mod blobs;
pub mod entry;
pub mod error;
#[cfg(feature = "ews")]
pub mod ews;
#[cfg(not(target_arch = "wasm32"))]
pub mod fake;
#[cfg(feature = "lab")]
pub mod lab;
pub mod live;
#[cfg(feature = "qradar")]
pub mod qradar;
pub mod text;
#[cfg(feature = "thehive")]
pub mod thehive;
pub mod time;
pub mod workflow;
