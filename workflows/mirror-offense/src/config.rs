//! Which settings does a deployment have, and what are they if it says nothing?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The deployment's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What happens to the case of an offense that was closed in QRadar.
    pub on_case: OnCase,
    /// The case's status by closing reason.
    pub case_statuses: BTreeMap<String, String>,
    /// The alert's status by closing reason.
    pub alert_statuses: BTreeMap<String, String>,
    /// The alert's status for every other reason.
    pub alert_status: String,
    /// What may happen to the severity of the alert of a changed offense.
    pub severity: Severity,
    /// Users of QRadar whose closings are not mirrored.
    pub own_users: Vec<String>,
    /// Mark the offense of a case for follow-up.
    pub follow_up: bool,
    /// Assign the offense to whom the case is assigned.
    pub assign: bool,
    /// QRadar's user for a login of TheHive.
    pub users: BTreeMap<String, String>,
    /// Note on the offense of a new case, with placeholders; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Closings in TheHive of one hour; more wait.
    pub closures_per_hour: u64,
    /// Task for feedback where there are no comments.
    pub log_task: String,
    /// How the alert looks: settings of `qradar2alert`.
    pub alert: synapse_offenses::config::Config,
}

/// What happens to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnCase {
    /// It gets a comment.
    Comment,
    /// It gets a comment and is closed.
    Close,
}

/// What may happen to an alert's severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing.
    Keep,
    /// It is raised, never lowered.
    Raise,
    /// It follows the offense.
    Follow,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            on_case: OnCase::Comment,
            case_statuses: BTreeMap::new(),
            alert_statuses: BTreeMap::new(),
            alert_status: "Ignored".to_owned(),
            severity: Severity::Raise,
            own_users: Vec::new(),
            follow_up: true,
            assign: true,
            users: BTreeMap::new(),
            note: None,
            closures_per_hour: 20,
            log_task: "Synapse".to_owned(),
            alert: synapse_offenses::config::Config::default(),
        }
    }
}

impl From<Severity> for synapse_offenses::fill::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Keep => Self::Keep,
            Severity::Raise => Self::Raise,
            Severity::Follow => Self::Follow,
        }
    }
}

/// The value for a reason's text; capitals do not matter.
pub fn mapped<'a>(map: &'a BTreeMap<String, String>, reason: &str) -> Option<&'a str> {
    let wanted = reason.trim().to_lowercase();
    let found = map.iter().find(|(known, _)| known.trim().to_lowercase() == wanted);
    found.map(|(_, value)| value.as_str())
}
