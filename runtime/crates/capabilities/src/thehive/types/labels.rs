//! Which number is which label? Numbers are made from labels, because their meaning changed (contract 2.1).

use super::unreadable;
use crate::bindings::synapse::thehive::alerts::{Pap, Severity, Tlp};
use crate::bindings::synapse::thehive::cases::Impact;
use crate::bindings::synapse::workflow::types::Error;

/// On the wire.
pub fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

/// By label: 5.x has five levels, 4.x four. What 4.x does not know becomes the next stricter one.
pub fn tlp(label: Tlp, major: u8) -> u8 {
    match (label, major) {
        (Tlp::Clear, _) => 0,
        (Tlp::Green, _) => 1,
        (Tlp::Amber, _) => 2,
        (Tlp::AmberStrict, _) | (Tlp::Red, ..=4) => 3,
        (Tlp::Red, _) => 4,
    }
}

/// On the wire.
pub fn pap(label: Pap) -> u8 {
    match label {
        Pap::Clear => 0,
        Pap::Green => 1,
        Pap::Amber => 2,
        Pap::Red => 3,
    }
}

/// The label of a severity.
pub fn read_severity(number: i64) -> Result<Severity, Error> {
    match number {
        1 => Ok(Severity::Low),
        2 => Ok(Severity::Medium),
        3 => Ok(Severity::High),
        4 => Ok(Severity::Critical),
        other => Err(unreadable(&format!("a severity of {other}"))),
    }
}

/// The label of a TLP. What 4.x calls red is a 3, which 5.x calls amber and strict.
pub fn read_tlp(number: i64, major: u8) -> Result<Tlp, Error> {
    match (number, major) {
        (0, _) => Ok(Tlp::Clear),
        (1, _) => Ok(Tlp::Green),
        (2, _) => Ok(Tlp::Amber),
        (3, ..=4) | (4, _) => Ok(Tlp::Red),
        (3, _) => Ok(Tlp::AmberStrict),
        (other, _) => Err(unreadable(&format!("a TLP of {other}"))),
    }
}

/// The label of a PAP.
pub fn read_pap(number: i64) -> Result<Pap, Error> {
    match number {
        0 => Ok(Pap::Clear),
        1 => Ok(Pap::Green),
        2 => Ok(Pap::Amber),
        3 => Ok(Pap::Red),
        other => Err(unreadable(&format!("a PAP of {other}"))),
    }
}

/// On the wire.
pub fn impact(impact: Impact) -> &'static str {
    match impact {
        Impact::NotApplicable => "NotApplicable",
        Impact::WithImpact => "WithImpact",
        Impact::NoImpact => "NoImpact",
    }
}

/// The label of an impact; none for a word that is no label.
pub fn read_impact(word: &str) -> Option<Impact> {
    [Impact::NotApplicable, Impact::WithImpact, Impact::NoImpact]
        .into_iter()
        .find(|label| impact(*label) == word)
}

/// TLP and PAP of what the server says nothing about: its own default.
pub fn amber() -> i64 {
    2
}
