//! The gate: the one way from a guest to the world. It authorises, journals and performs every capability call.
//!
//! A call meets these files in order: `replay` (is it recorded? then that is the answer), `authorise` (may the deployment do this
//! now?), and then `read` or `write`. A write leaves an intent before it is sent; if its result stays unknown, `resolve` finds
//! out. `local` is for calls that touch the platform's own store, `sleep` for the one that waits, `lines` for what is written beside the calls.
//!
//! Invariant: no code outside this module starts an effect, and none here starts one without a durable intent.

mod attempt;
mod authorise;
mod call;
mod lines;
mod local;
pub(crate) mod observed;
mod read;
mod replay;
mod resolve;
mod sleep;
mod stop;
mod write;

pub use attempt::{Attempt, Authority, Gate, NodeLease, OnTime, RunContext};
pub use call::{Certainty, Done, EffectId, Failure, Read, Write};
pub use stop::{Called, Divergence, InDoubt, Stop};
