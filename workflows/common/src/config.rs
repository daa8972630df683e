//! Which settings does a deployment have, and what are they if it says nothing?
//!
//! `workflow.toml` describes each of them; a test keeps the two in step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synapse_guest::error::WorkflowError;
use synapse_guest::thehive::settings::{Pap, Severity, Tlp};

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
    /// Minutes after the import at which missing evidence is looked for again.
    pub late_minutes: Vec<u64>,
    /// Earlier offenses with the same source and a rule in common that an alert names.
    pub seen_before_max: usize,
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
            late_minutes: vec![2, 10, 30],
            seen_before_max: 5,
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
