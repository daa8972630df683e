//! What do the tests of writes share: effects, and what the console did.

use crate::gate::observed::CarryOutWrite as _;
use serde_json::{Value, json};
use synapse_domain::digest::Digest;
use synapse_domain::permission::Scopes;
use synapse_sim::start::Simulator;

use super::super::client::Client;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure, Write};

/// An effect of this name, first sent now; a `repeat` may have been sent before.
pub fn effect(console: &Simulator, name: &str, repeat: bool) -> EffectId {
    EffectId {
        key: Digest::of(name.as_bytes()),
        since: u64::try_from(console.control.now_ms()).unwrap(),
        repeat,
    }
}

/// Sends a write without limits.
pub async fn send<W: Write<Target = Client>>(
    client: &Client,
    call: &W,
    effect: &EffectId,
) -> Result<Done<W::Answer>, Failure> {
    call.check().unwrap();
    call.carry_out(client, &Scopes::new(), effect).await
}

/// A scope of a grant.
pub fn scope(name: &str, values: &[&str]) -> Scopes {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    [(name.to_owned(), values)].into()
}

/// What the console accepted, as method and body.
pub fn accepted(console: &Simulator) -> Vec<(String, Value)> {
    let all = console.control.effects(0).into_iter();
    all.map(|effect| (effect.method, effect.body)).collect()
}

/// An offense as the console has it.
pub fn offense(console: &Simulator, id: u64) -> Value {
    let dump = console.target.dump();
    let all = dump["offenses"].as_array().unwrap();
    all.iter().find(|row| row["id"] == json!(id)).unwrap().clone()
}

/// Texts of the notes that the console has of an offense.
pub fn notes(console: &Simulator, id: u64) -> Vec<String> {
    let dump = console.target.dump();
    let all = dump["notes"].as_array().unwrap().iter();
    all.filter(|note| note["offense_id"] == json!(id))
        .map(|note| note["note_text"].as_str().unwrap().to_owned())
        .collect()
}

/// Was it refused for certain, and what is said?
pub fn refusal<A: std::fmt::Debug>(result: Result<Done<A>, Failure>) -> Error {
    let failure = result.unwrap_err();
    assert_ne!(failure.certainty, Certainty::Unknown, "{failure:?}");
    failure.error
}
