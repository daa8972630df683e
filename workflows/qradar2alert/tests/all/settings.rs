//! Does the manifest say what the settings are, and are they checked at deployment?

use qradar2alert::config::Config;
use serde_json::{Map, Value};
use synapse_domain::manifest::Manifest;
use synapse_guest::error::WorkflowError;

fn manifest() -> Manifest {
    Manifest::parse(include_str!("../../workflow.toml")).unwrap()
}

#[test]
fn the_manifests_defaults_are_the_ones_used() {
    let schema = manifest().config.schema;
    let properties = schema["properties"].as_object().unwrap();
    let documented: Map<String, Value> = properties
        .iter()
        .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
        .collect();
    assert_eq!(
        serde_json::to_value(Config::default()).unwrap(),
        Value::Object(documented)
    );
    assert!(
        properties.values().all(|property| property["description"].is_string()),
        "a setting without a description"
    );
}

#[test]
fn an_empty_configuration_and_the_defaults_written_out_are_both_accepted() {
    let defaults = serde_json::to_value(Config::default()).unwrap();
    for config in [Value::Object(Map::new()), defaults] {
        manifest().check_config(&config).unwrap();
        assert_eq!(serde_json::from_value::<Config>(config).unwrap(), Config::default());
    }
}

#[test]
fn what_the_workflow_could_not_use_is_refused_at_deployment() {
    for bad in [
        serde_json::json!({ "alert_type": "x".repeat(33) }),
        serde_json::json!({ "severity_map": ["low"] }),
        serde_json::json!({ "min_magnitude": 11 }),
        serde_json::json!({ "internal_ranges": ["10.0.0.0/33"] }),
        serde_json::json!({ "internal_ranges": ["10.0.0/8"] }),
        serde_json::json!({ "domain_tags": { "acme": ["x"] } }),
        serde_json::json!({ "colour": "blue" }),
    ] {
        assert!(manifest().check_config(&bad).is_err(), "{bad} was accepted");
    }
}

#[test]
fn a_network_that_is_none_is_named() {
    let config = Config {
        internal_ranges: vec!["10.0.0.0/8".into(), "::::/8".into()],
        ..Config::default()
    };
    let WorkflowError::Failed(why) = config.internal().unwrap_err() else {
        panic!("not final")
    };
    assert!(why.contains("internal_ranges[1]") && why.contains("::::/8"), "{why}");
}
