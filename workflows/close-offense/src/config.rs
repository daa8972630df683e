//! Which settings does a deployment have, and what are they if it says nothing?
//!
//! `workflow.toml` describes each of them; a test keeps the two in step. `reasons` has no default: nobody can guess them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synapse_offenses::config::Adopt;

/// The deployment's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The closing reason's text for each closed status.
    pub reasons: BTreeMap<String, String>,
    /// Seconds between the closing of the case and that of the offense.
    pub grace_seconds: u64,
    /// An offense with events after the closing of the case.
    pub newer_events: Policy,
    /// A protected offense.
    pub protected: Policy,
    /// An offense that is assigned to somebody else than the case.
    pub assigned_to_others: Policy,
    /// QRadar's user for a login of TheHive.
    pub users: BTreeMap<String, String>,
    /// Users of QRadar that stand for nobody.
    pub own_users: Vec<String>,
    /// When the closing of an alert closes its offense.
    pub alert_closure: AlertClosure,
    /// The type of our own alerts.
    pub alert_type: String,
    /// Keys of an earlier importer's alerts.
    pub adopt: Vec<Adopt>,
    /// Closures of one hour; more wait.
    pub closures_per_hour: u64,
    /// Minutes after which a target that cannot be reached is tried again.
    pub retry_minutes: Vec<u64>,
    /// The note's text, with placeholders.
    pub note: String,
    /// Who is named in the note.
    pub analyst: Analyst,
    /// Names for logins.
    pub aliases: BTreeMap<String, String>,
    /// The name of those without one.
    pub alias: String,
    /// Tag of a case whose offense could not be closed.
    pub failed_tag: String,
    /// Task for feedback where there are no comments.
    pub log_task: String,
    /// Link to a run, with `{run}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
}

/// What is done about an offense of a doubtful kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// It is held for approval.
    Hold,
    /// It is closed.
    Close,
}

/// When the closing of an alert closes its offense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertClosure {
    /// On TheHive 3 and 4, where it means "marked as read", as the original did; not on 5.
    ByDialect,
    /// Never.
    Never,
    /// On every version.
    Always,
}

/// Who is named in the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Analyst {
    /// An alias.
    Alias,
    /// The login.
    Login,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            reasons: BTreeMap::new(),
            grace_seconds: 600,
            newer_events: Policy::Hold,
            protected: Policy::Hold,
            assigned_to_others: Policy::Hold,
            users: BTreeMap::new(),
            own_users: Vec::new(),
            alert_closure: AlertClosure::ByDialect,
            alert_type: "QRadar".to_owned(),
            adopt: vec![Adopt {
                type_: "internal".to_owned(),
                source: "QRadar_Offenses".to_owned(),
            }],
            closures_per_hour: 20,
            retry_minutes: vec![1, 5, 15, 60, 240],
            note: "Closed by Synapse: TheHive {subject}, status {status}, by {analyst}.\n{link}".to_owned(),
            analyst: Analyst::Alias,
            aliases: BTreeMap::new(),
            alias: "an analyst".to_owned(),
            failed_tag: "synapse-close-failed".to_owned(),
            log_task: "Synapse".to_owned(),
            run_url: None,
        }
    }
}

impl Config {
    /// The closing reason's text for a status; capitals and blanks do not matter.
    pub fn reason(&self, status: &str) -> Option<&str> {
        let wanted = plain(status);
        let found = self.reasons.iter().find(|(known, _)| plain(known) == wanted);
        found.map(|(_, reason)| reason.as_str())
    }
}

/// A status without capitals and blanks: `True Positive` is `TruePositive` (case D26).
pub fn plain(status: &str) -> String {
    let letters = status.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}
