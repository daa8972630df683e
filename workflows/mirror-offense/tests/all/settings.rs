//! Does the manifest say what the settings are, and are the alert's those of qradar2alert?

use mirror_offense::config::Config;
use serde_json::json;
use synapse_offenses_testing::settings::{assert_refused, assert_the_alerts_are_those_of_qradar2alert, manifest};

const OURS: &str = include_str!("../../workflow.toml");

#[test]
fn the_alerts_settings_are_those_of_qradar2alert() {
    let theirs = manifest(include_str!("../../../qradar2alert/workflow.toml"));
    assert_the_alerts_are_those_of_qradar2alert(&manifest(OURS), &theirs);
}

#[test]
fn the_manifests_defaults_are_the_ones_used() {
    let manifest = manifest(OURS);
    manifest.check_config(&json!({})).unwrap();
    assert_eq!(serde_json::from_value::<Config>(json!({})).unwrap(), Config::default());
    let properties = manifest.config.schema["properties"].as_object().unwrap();
    let mut ours = serde_json::to_value(Config::default()).unwrap();
    ours["alert"] = json!({});
    for (name, value) in ours.as_object().unwrap() {
        assert_eq!(&properties[name]["default"], value, "{name}");
    }
    let bad = [
        json!({ "on_case": "delete" }),
        json!({ "alert": { "late_minutes": [1] } }),
        json!({ "alert": { "tlp": "pink" } }),
    ];
    assert_refused(&manifest, &bad);
}
