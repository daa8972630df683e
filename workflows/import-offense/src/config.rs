//! Which settings does a deployment have, and what are they if it says nothing?

use serde::{Deserialize, Serialize};

/// The deployment's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What is made of an offense.
    pub create: Create,
    /// Login to whom a new case is assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// How the alert looks: settings of `qradar2alert`.
    pub alert: synapse_offenses::config::Config,
}

/// What is made of an offense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Create {
    /// An alert.
    Alert,
    /// An alert, and of that a case.
    Case,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            create: Create::Alert,
            assignee: None,
            alert: synapse_offenses::config::Config::default(),
        }
    }
}
