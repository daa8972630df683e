//! What happened in TheHive, as the platform tells it?

use serde::Deserialize;
use serde_json::{Map, Value};

/// How the type of such an event begins.
pub const TYPE: &str = "synapse.thehive.";

/// An event of TheHive, equal for every version of it. What a workflow does not use is left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HiveEvent {
    /// `case`, `alert`, ...
    pub object: String,
    /// `closed`, `reopened`, `updated`, ...
    pub action: String,
    /// The object's id.
    pub id: String,
    /// The case's number.
    #[serde(default)]
    pub number: Option<u64>,
    /// Login of who did it.
    #[serde(default)]
    pub actor: Option<String>,
    /// The connection's own user did it: an echo of what a workflow did.
    #[serde(default)]
    pub own: bool,
    /// The status afterwards.
    #[serde(default)]
    pub status: Option<String>,
    /// Whom the object is assigned to.
    #[serde(default)]
    pub assignee: Option<String>,
    /// The case that an alert was made into.
    #[serde(default, rename = "case")]
    pub case_: Option<CaseRef>,
    /// The alert's key, also of the alert that a case was made from.
    #[serde(default)]
    pub alert: Option<AlertRef>,
    /// The fields that changed, with their new values.
    #[serde(default)]
    pub changes: Map<String, Value>,
    /// How the server spoke: `v3`, `v4-0`, `v4-1`, `v5-0`, `v5-1`; `query` if it was asked.
    #[serde(default)]
    pub dialect: String,
}

/// A case that an event names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CaseRef {
    /// Its id.
    pub id: String,
}

/// An alert that an event names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AlertRef {
    /// Its source.
    pub source: String,
    /// Its reference.
    pub source_ref: String,
}

impl HiveEvent {
    /// `case.closed`
    pub fn name(&self) -> String {
        format!("{}.{}", self.object, self.action)
    }

    /// Does it come from TheHive 3 or 4?
    pub fn is_of_3_or_4(&self) -> bool {
        self.dialect == "v3" || self.dialect.starts_with("v4")
    }
}
