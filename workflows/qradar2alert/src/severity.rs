//! How bad is an offense, in TheHive's terms?

use synapse_guest::qradar::Offense;
use synapse_guest::thehive;

use crate::config::{Config, Severity, SeverityFrom};

/// The alert's severity; a value above 10 counts as 10.
pub fn severity(offense: &Offense, config: &Config) -> thehive::Severity {
    let value = match config.severity_from {
        SeverityFrom::Magnitude => offense.magnitude,
        SeverityFrom::Severity => offense.severity,
    };
    let [.., highest] = config.severity_map;
    match config.severity_map.get(usize::from(value)).copied().unwrap_or(highest) {
        Severity::Low => thehive::Severity::Low,
        Severity::Medium => thehive::Severity::Medium,
        Severity::High => thehive::Severity::High,
        Severity::Critical => thehive::Severity::Critical,
    }
}
