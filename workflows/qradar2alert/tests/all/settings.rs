//! Does the manifest say what the settings are, and are they checked at deployment?

use qradar2alert::config::Config;
use serde_json::{Map, Value, json};
use synapse_guest::error::WorkflowError;
use synapse_offenses_testing::settings::{assert_refused, defaults, manifest};

const OURS: &str = include_str!("../../workflow.toml");

#[test]
fn the_manifests_defaults_are_the_ones_used() {
    assert_eq!(
        serde_json::to_value(Config::default()).unwrap(),
        Value::Object(defaults(&manifest(OURS)))
    );
}

#[test]
fn an_empty_configuration_and_the_defaults_written_out_are_both_accepted() {
    let defaults = serde_json::to_value(Config::default()).unwrap();
    for config in [Value::Object(Map::new()), defaults] {
        manifest(OURS).check_config(&config).unwrap();
        assert_eq!(serde_json::from_value::<Config>(config).unwrap(), Config::default());
    }
}

#[test]
fn what_the_workflow_could_not_use_is_refused_at_deployment() {
    let bad = [
        json!({ "alert_type": "x".repeat(33) }),
        json!({ "severity_map": ["low"] }),
        json!({ "min_magnitude": 11 }),
        json!({ "internal_ranges": ["10.0.0.0/33"] }),
        json!({ "internal_ranges": ["10.0.0/8"] }),
        json!({ "domain_tags": { "acme": ["x"] } }),
        json!({ "colour": "blue" }),
    ];
    assert_refused(&manifest(OURS), &bad);
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
