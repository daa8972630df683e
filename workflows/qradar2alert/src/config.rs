//! Which settings does a deployment have, and what are they if it says nothing?
//!
//! `workflow.toml` describes each of them; a test keeps the two in step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synapse_guest::error::WorkflowError;
use synapse_guest::thehive;

use crate::cidr::Cidr;

/// The deployment's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The alerts' type in TheHive.
    pub alert_type: String,
    /// Case template of a case made from such an alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_template: Option<String>,
    /// Traffic Light Protocol.
    pub tlp: Tlp,
    /// Permissible Actions Protocol.
    pub pap: Pap,
    /// Tags that every alert gets.
    pub extra_tags: Vec<String>,
    /// Which offenses are looked at.
    pub status: Status,
    /// Offenses below this magnitude are skipped.
    pub min_magnitude: u8,
    /// Which number decides the severity.
    pub severity_from: SeverityFrom,
    /// The severity for each of its values.
    pub severity_map: [Severity; 11],
    /// How far a window reaches back beyond what was asked.
    pub overlap_seconds: u64,
    /// Observables of one alert.
    pub observables_max: usize,
    /// Remote destinations of one alert.
    pub remote_destinations_max: usize,
    /// Addresses looked up for one offense.
    pub address_lookups_max: usize,
    /// Events shown in the description.
    pub sample_events: u32,
    /// Show raw payloads.
    pub raw_payloads: bool,
    /// Names whose values are hidden in raw payloads.
    pub payload_masks: Vec<String>,
    /// Networks that are the customer's own.
    pub internal_ranges: Vec<String>,
    /// Tags by domain id.
    pub domain_tags: BTreeMap<String, Vec<String>>,
    /// Keys of an earlier importer's alerts.
    pub adopt: Vec<Adopt>,
}

/// Traffic Light Protocol, by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the labels are the protocol's own")]
pub enum Tlp {
    Clear,
    Green,
    Amber,
    AmberStrict,
    Red,
}

/// Permissible Actions Protocol, by its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the labels are the protocol's own")]
pub enum Pap {
    Clear,
    Green,
    Amber,
    Red,
}

/// Which offenses are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Open ones.
    Open,
    /// Hidden and closed ones too.
    Any,
}

/// Which number decides the severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityFrom {
    /// QRadar's overall score.
    Magnitude,
    /// How bad the events themselves are.
    Severity,
}

/// An alert's severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are TheHive's own")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// A key under which an earlier importer made its alerts; the reference is the offense's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// The alerts' type.
    #[serde(rename = "type")]
    pub type_: String,
    /// The alerts' source.
    pub source: String,
}

impl Default for Config {
    fn default() -> Self {
        use Severity::{Critical, High, Low, Medium};
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            alert_type: "QRadar".to_owned(),
            case_template: None,
            tlp: Tlp::Amber,
            pap: Pap::Amber,
            extra_tags: Vec::new(),
            status: Status::Open,
            min_magnitude: 0,
            severity_from: SeverityFrom::Magnitude,
            severity_map: [
                Low, Low, Low, Low, Medium, Medium, Medium, High, High, Critical, Critical,
            ],
            overlap_seconds: 120,
            observables_max: 50,
            remote_destinations_max: 20,
            address_lookups_max: 200,
            sample_events: 10,
            raw_payloads: false,
            payload_masks: texts(&[
                "password",
                "passwd",
                "pwd",
                "token",
                "secret",
                "authorization",
                "api_key",
                "apikey",
                "cookie",
            ]),
            internal_ranges: texts(&[
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "127.0.0.0/8",
                "169.254.0.0/16",
                "fc00::/7",
                "fe80::/10",
                "::1/128",
            ]),
            domain_tags: BTreeMap::new(),
            adopt: vec![Adopt {
                type_: "internal".to_owned(),
                source: "QRadar_Offenses".to_owned(),
            }],
        }
    }
}

impl Config {
    /// The internal networks.
    ///
    /// # Errors
    /// Names the one that is none: the schema's pattern cannot refuse every malformed IPv6 address.
    pub fn internal(&self) -> Result<Vec<Cidr>, WorkflowError> {
        let parse = |(n, text): (usize, &String)| {
            let refused = |why| WorkflowError::Failed(format!("config.internal_ranges[{n}]: `{text}` {why}"));
            Cidr::parse(text).map_err(refused)
        };
        self.internal_ranges.iter().enumerate().map(parse).collect()
    }
}

impl From<Tlp> for thehive::Tlp {
    fn from(label: Tlp) -> Self {
        match label {
            Tlp::Clear => Self::Clear,
            Tlp::Green => Self::Green,
            Tlp::Amber => Self::Amber,
            Tlp::AmberStrict => Self::AmberStrict,
            Tlp::Red => Self::Red,
        }
    }
}

impl From<Pap> for thehive::Pap {
    fn from(label: Pap) -> Self {
        match label {
            Pap::Clear => Self::Clear,
            Pap::Green => Self::Green,
            Pap::Amber => Self::Amber,
            Pap::Red => Self::Red,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};
    use synapse_domain::manifest::Manifest;

    fn manifest() -> Manifest {
        Manifest::parse(include_str!("../workflow.toml")).unwrap()
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
}
