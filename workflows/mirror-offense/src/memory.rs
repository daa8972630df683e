//! What did both sides look like when we last looked, and what of it did we write ourselves?
//!
//! A change that only shows what mirroring wrote is no change: it is not mirrored back. What is forgotten (the table is bounded) costs one
//! more look at both sides, never a loop, because every write is left out where the other side already is as it should be.

use serde::{Deserialize, Serialize};
use synapse_guest::error::{Error, explain};
use synapse_guest::qradar::Offense;
use synapse_guest::workflow::{Level, Workflow};
use synapse_offenses::digest;
use synapse_offenses::table::Table;

const TABLE: Table = Table("mirror");

/// A value that we wrote to QRadar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrote {
    /// The value.
    pub value: String,
    /// When, milliseconds.
    pub at: u64,
}

/// What is remembered of an offense.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Digest of the offense as it was mirrored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks: Option<String>,
    /// Digest of the alert's description that we wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The closing that TheHive was told of: its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<u64>,
    /// To whom we assigned the offense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Wrote>,
    /// That we marked it for follow-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<Wrote>,
    /// The case that our note names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noted: Option<String>,
}

fn key(source_id: &str, offense: u64) -> String {
    format!("{source_id}/{offense}")
}

impl Memory {
    /// What is remembered.
    ///
    /// # Errors
    /// `state` cannot be asked.
    pub fn read(host: &impl Workflow, source_id: &str, offense: u64) -> Result<Self, Error> {
        Ok(TABLE.get(host, &key(source_id, offense))?.unwrap_or_default())
    }

    /// Remembers it; what cannot be written is looked at once more, at worst.
    pub fn keep(&self, host: &impl Workflow, source_id: &str, offense: u64) {
        if let Err(error) = TABLE.put(host, &key(source_id, offense), self) {
            let error = explain(&error);
            host.log(Level::Warn, "what was mirrored is not remembered", &[("error", &error)]);
        }
    }

    /// Digest of what of an offense is shown in TheHive. What we wrote ourselves counts as not there.
    pub fn digest(&self, offense: &Offense) -> String {
        let wrote = |wrote: &Option<Wrote>, value: &str| wrote.as_ref().is_some_and(|wrote| wrote.value == value);
        let assigned = offense.assigned_to.as_deref().unwrap_or("");
        let assigned = if wrote(&self.assigned, assigned) { "" } else { assigned };
        let follow_up = offense.follow_up && self.follow_up.is_none();
        let texts = [
            format!("{:?}", offense.status),
            format!(
                "{:?}",
                (
                    offense.magnitude,
                    offense.severity,
                    offense.credibility,
                    offense.relevance
                )
            ),
            format!("{:?}", (offense.start_time, offense.last_updated_time)),
            format!(
                "{:?}",
                (offense.event_count, offense.flow_count, offense.username_count)
            ),
            format!(
                "{:?}",
                (
                    offense.source_count,
                    offense.local_destination_count,
                    offense.remote_destination_count
                )
            ),
            format!("{:?}", (&offense.rule_ids, &offense.categories, &offense.description)),
            format!("{:?}", (follow_up, offense.protected, offense.inactive)),
            assigned.to_owned(),
        ];
        digest::short(&texts.each_ref().map(String::as_str))
    }
}
