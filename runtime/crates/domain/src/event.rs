//! What does a trigger deliver to a workflow?

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// What started a run; the attributes are those of CloudEvents 1.0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Unique within its source.
    pub id: String,
    /// Where it comes from.
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, in milliseconds since the epoch.
    pub time: Timestamp,
    /// Media type of `data`.
    pub datacontenttype: String,
    /// UTF-8 text, at most [`crate::limits::EVENT_BYTES`].
    pub data: String,
}
