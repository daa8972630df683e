//! How are TheHive's levels written in a workflow's settings?
//!
//! By their labels, in kebab case: `tlp = "amber-strict"`.

use serde::{Deserialize, Serialize};

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

/// Severity of an alert or a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are TheHive's own")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl From<Tlp> for super::Tlp {
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

impl From<Pap> for super::Pap {
    fn from(label: Pap) -> Self {
        match label {
            Pap::Clear => Self::Clear,
            Pap::Green => Self::Green,
            Pap::Amber => Self::Amber,
            Pap::Red => Self::Red,
        }
    }
}

impl From<Severity> for super::Severity {
    fn from(name: Severity) -> Self {
        match name {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}
