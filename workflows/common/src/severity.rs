//! How bad is an offense, in TheHive's terms?

use synapse_guest::qradar::Offense;
use synapse_guest::thehive;

use crate::config::{Config, SeverityFrom};

/// The alert's severity; a value above 10 counts as 10.
pub fn severity(offense: &Offense, config: &Config) -> thehive::Severity {
    let value = match config.severity_from {
        SeverityFrom::Magnitude => offense.magnitude,
        SeverityFrom::Severity => offense.severity,
    };
    let [.., highest] = config.severity_map;
    let found = config.severity_map.get(usize::from(value));
    found.copied().unwrap_or(highest).into()
}
