//! How does TheHive spell a timeline and the events that people add to it (contract 2.10)?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bindings::synapse::thehive::timeline::Entry;
use crate::marked;

/// `InputCustomEvent`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventBody<'a> {
    pub title: &'a str,
    pub date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<u64>,
    pub description: String,
}

/// `OutputTimeline`
#[derive(Debug, Deserialize)]
pub struct TimelineRow {
    #[serde(default)]
    pub events: Vec<EventRow>,
}

/// `OutputTimelineEvent`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRow {
    pub date: u64,
    #[serde(default)]
    pub end_date: Option<u64>,
    pub kind: String,
    pub entity: String,
    pub entity_id: String,
    #[serde(default)]
    pub details: Value,
}

impl EventRow {
    /// Is it the event that was added with this marker? What the details hold is not documented: a description decides; without one,
    /// moment and title do.
    pub fn was_made(&self, body: &EventBody<'_>, marker: &str) -> bool {
        let custom = [&self.kind, &self.entity]
            .into_iter()
            .any(|word| word.to_ascii_lowercase().contains("customevent"));
        let detail = |name: &str| self.details.get(name).and_then(Value::as_str);
        let same = self.date == body.date && detail("title").is_none_or(|title| title == body.title);
        custom
            && match detail("description") {
                Some(description) => marked::carries(description, marker),
                None => same,
            }
    }

    /// As guests see it.
    pub fn into_entry(mut self) -> Entry {
        if let Some(Value::String(text)) = self.details.get_mut("description") {
            *text = marked::unmark(std::mem::take(text));
        }
        Entry {
            date: self.date,
            end_date: self.end_date,
            kind: self.kind,
            entity: self.entity,
            entity_id: self.entity_id,
            details: self.details.to_string(),
        }
    }
}
