//! Does the manifest say what the settings are, and are they checked at deployment?

use close_offense::config::Config;
use serde_json::{Map, Value, json};
use synapse_domain::manifest::Manifest;

use crate::support::config;

fn manifest() -> Manifest {
    Manifest::parse(include_str!("../../workflow.toml")).unwrap()
}

#[test]
fn the_manifests_defaults_are_the_ones_used() {
    let schema = manifest().config.schema;
    let properties = schema["properties"].as_object().unwrap();
    let mut documented: Map<String, Value> = properties
        .iter()
        .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
        .collect();
    // It has none.
    documented.insert("reasons".into(), json!({}));
    assert_eq!(
        serde_json::to_value(Config::default()).unwrap(),
        Value::Object(documented)
    );
    assert!(properties.values().all(|property| property["description"].is_string()));
}

#[test]
fn d12_a_deployment_without_reasons_is_refused() {
    let manifest = manifest();
    manifest.check_config(&config(json!({}))).unwrap();
    for bad in [
        json!({}),
        json!({ "reasons": {} }),
        config(json!({ "failed_tag": "synapse:failed" })),
        config(json!({ "grace_seconds": -1 })),
        config(json!({ "newer_events": "ask" })),
        config(json!({ "colour": "blue" })),
    ] {
        assert!(manifest.check_config(&bad).is_err(), "{bad} was accepted");
    }
}
