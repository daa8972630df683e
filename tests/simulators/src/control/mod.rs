//! What do all simulators share? The logs of what was asked and what was changed, the faults, and the control API.
//!
//! * [`Control`] is the handle a product keeps: it records accepted state changes and knows the time.
//! * [`Target`] is what a product implements so that its state can be loaded and reset.
//! * [`wrap`] adds `/_sim/*` and the fault and recording layer around a product's router.
//!
//! | route | meaning |
//! |---|---|
//! | `PUT /_sim/state`, `GET /_sim/state` | load a state (product's own JSON), dump it |
//! | `GET /_sim/effects?since=SEQ` | accepted state changes in order: `seq, time, method, path, body, marker, id` and, where the product has them, `objects` |
//! | `GET /_sim/requests?since=SEQ` | `{"in_flight_max", "dropped", "requests": [..]}`: every product request that was seen |
//! | `POST /_sim/record {"bytes"}`, `GET /_sim/recorded` | keep request bodies from now on, at most this many bytes; show them |
//! | `POST /_sim/faults`, `GET`, `DELETE` | add one fault or a list ([`fault::Spec`]), show how often each fired, remove all |
//! | `GET /_sim/held?name=X&wait_ms=N` | answers as soon as at least one request is held under that name |
//! | `POST /_sim/release {"name"}` | lets the requests held under that name answer, now and later |
//! | `PUT /_sim/clock {"offset_ms"}` | moves the product's clock |
//! | `POST /_sim/reset` | state, logs, faults, holds and clock back to the start |
//!
//! A product's own control routes are below `/_sim/{product}`: mail that arrives, webhooks that are sent, analyzers.

mod api;
mod body;
pub mod fault;
mod hold;
mod layer;
mod log;
mod recording;
mod target;

pub use body::Received;
pub use layer::{ConnectionFault, wrap};
pub use log::{Control, Effect, Request};
pub use target::Target;
