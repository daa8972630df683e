//! Does a manifest say of its settings what the workflow's code does?

use serde_json::{Map, Value};
use synapse_domain::manifest::Manifest;

/// Settings of qradar2alert that do not concern what an alert looks like.
const NOT_THE_LOOK: [&str; 4] = ["status", "min_magnitude", "overlap_seconds", "late_minutes"];

/// Reads a workflow's manifest.
///
/// # Panics
/// It is none.
pub fn manifest(text: &str) -> Manifest {
    Manifest::parse(text).expect("the workflow's own manifest")
}

/// The settings that a manifest describes.
fn properties(schema: &Value) -> &Map<String, Value> {
    schema["properties"].as_object().expect("a schema has properties")
}

/// The defaults that a manifest documents, where it documents one.
///
/// # Panics
/// A setting has no description.
pub fn defaults(manifest: &Manifest) -> Map<String, Value> {
    let of = properties(&manifest.config.schema);
    for (name, property) in of {
        assert!(property["description"].is_string(), "`{name}` has no description");
    }
    let default = |(name, property): (&String, &Value)| Some((name.clone(), property.get("default")?.clone()));
    of.iter().filter_map(default).collect()
}

/// Asserts that what `alert` takes is what qradar2alert takes, as far as it concerns what an alert looks like.
///
/// # Panics
/// Something differs.
pub fn assert_the_alerts_are_those_of_qradar2alert(manifest: &Manifest, qradar2alert: &Manifest) {
    let mut theirs = properties(&qradar2alert.config.schema).clone();
    NOT_THE_LOOK.iter().for_each(|name| drop(theirs.remove(*name)));
    assert_eq!(properties(&manifest.config.schema["properties"]["alert"]), &theirs);
}

/// Asserts that each of these is refused as a configuration.
///
/// # Panics
/// One is accepted.
pub fn assert_refused(manifest: &Manifest, configurations: &[Value]) {
    for bad in configurations {
        assert!(manifest.check_config(bad).is_err(), "{bad} was accepted");
    }
}
