//! What becomes of an event that TheHive sends?

mod deployed;
mod heard;
mod repeats;
mod shown;
mod starts;

use serde_json::{Value, json};
use synapse_tests::hooks::hook_options;
use synapse_tests::{Answer, Deployment, World};

use crate::support::merge;

/// The listening guest with these events, and whatever else its trigger says.
pub fn listener(events: &[&str], more: Value) -> Deployment {
    let mut trigger =
        json!({ "kind": "webhook", "name": "heard", "binding": "thehive", "events": events, "reconcile_seconds": 0 });
    merge(&mut trigger, more);
    Deployment::of("listener").triggers(json!([trigger]))
}

pub async fn world() -> anyhow::Result<World> {
    World::with(hook_options()).await
}

#[track_caller]
pub fn runs(answer: &Answer) -> Vec<String> {
    assert!(answer.status == 202 || answer.status == 200, "{answer:?}");
    let runs = answer.body["runs"].as_array().cloned().unwrap_or_default();
    runs.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
