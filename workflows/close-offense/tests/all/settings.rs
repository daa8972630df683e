//! Does the manifest say what the settings are, and are they checked at deployment?

use close_offense::config::Config;
use serde_json::{Value, json};
use synapse_offenses_testing::settings::{assert_refused, defaults, manifest};

use crate::support::config;

const OURS: &str = include_str!("../../workflow.toml");

#[test]
fn the_manifests_defaults_are_the_ones_used() {
    let mut documented = defaults(&manifest(OURS));
    // It has none.
    documented.insert("reasons".into(), json!({}));
    assert_eq!(
        serde_json::to_value(Config::default()).unwrap(),
        Value::Object(documented)
    );
}

#[test]
fn d12_a_deployment_without_reasons_is_refused() {
    let manifest = manifest(OURS);
    manifest.check_config(&config(json!({}))).unwrap();
    let bad = [
        json!({}),
        json!({ "reasons": {} }),
        config(json!({ "failed_tag": "synapse:failed" })),
        config(json!({ "grace_seconds": -1 })),
        config(json!({ "newer_events": "ask" })),
        config(json!({ "colour": "blue" })),
    ];
    assert_refused(&manifest, &bad);
}
