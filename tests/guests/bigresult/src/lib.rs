//! Is an oversized answer refused? Event: `{"bytes": n}`; returns a JSON string of exactly that many bytes.
//!
//! Exports the handler by hand: the SDK's entry point would refuse an answer over the limit before the host sees it.

use serde::Deserialize;
use synapse_guest::entry::{Guest, parse};
use synapse_guest::error::Failure;
use synapse_guest::workflow::Event;

struct Component;

synapse_guest::bindings::workflow::export_handler!(Component with_types_in synapse_guest::bindings::workflow);

#[derive(Deserialize)]
struct Params {
    bytes: usize,
}

impl Guest for Component {
    fn run(event: Event) -> Result<String, Failure> {
        let Params { bytes } = parse(&event)?;
        Ok(format!("\"{}\"", "x".repeat(bytes.saturating_sub(2))))
    }
}
