//! Does the manifest say what the settings are, and are the alert's those of qradar2alert?

use mirror_offense::config::Config;
use serde_json::{Value, json};
use synapse_domain::manifest::Manifest;

/// Settings of qradar2alert that do not concern what an alert looks like.
const NOT_THE_LOOK: [&str; 4] = ["status", "min_magnitude", "overlap_seconds", "late_minutes"];

fn manifest() -> Manifest {
    Manifest::parse(include_str!("../../workflow.toml")).unwrap()
}

#[test]
fn the_alerts_settings_are_those_of_qradar2alert() {
    let of = Manifest::parse(include_str!("../../../qradar2alert/workflow.toml")).unwrap();
    let mut theirs = of.config.schema["properties"].as_object().unwrap().clone();
    NOT_THE_LOOK.iter().for_each(|name| drop(theirs.remove(*name)));
    let schema = manifest().config.schema;
    assert_eq!(schema["properties"]["alert"]["properties"], Value::Object(theirs));
}

#[test]
fn the_manifests_defaults_are_the_ones_used() {
    let manifest = manifest();
    manifest.check_config(&json!({})).unwrap();
    assert_eq!(serde_json::from_value::<Config>(json!({})).unwrap(), Config::default());
    let properties = manifest.config.schema["properties"].as_object().unwrap();
    let mut ours = serde_json::to_value(Config::default()).unwrap();
    ours["alert"] = json!({});
    for (name, value) in ours.as_object().unwrap() {
        assert_eq!(&properties[name]["default"], value, "{name}");
    }
    for bad in [
        json!({ "on_case": "delete" }),
        json!({ "alert": { "late_minutes": [1] } }),
        json!({ "alert": { "tlp": "pink" } }),
    ] {
        assert!(manifest.check_config(&bad).is_err(), "{bad} was accepted");
    }
}
