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

/// `InputUpdateCustomEvent`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventPatchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
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
    /// Did somebody add it?
    pub fn is_custom(&self) -> bool {
        let mut words = [&self.kind, &self.entity].into_iter();
        words.any(|word| word.to_ascii_lowercase().contains("customevent"))
    }

    /// Its description, as far as the server says it.
    pub fn description(&self) -> &str {
        self.detail("description").unwrap_or_default()
    }

    /// When it was last changed, as far as the server says it.
    pub fn updated_at(&self) -> Option<u64> {
        self.details.get("_updatedAt").and_then(Value::as_u64)
    }

    /// Is it already as the change would leave it?
    pub fn is_as_asked(&self, body: &EventPatchBody<'_>) -> bool {
        let EventPatchBody {
            title,
            date,
            end_date,
            description,
        } = body;
        let is = |name: &str, text: &str| self.detail(name) == Some(text);
        title.is_none_or(|title| is("title", title))
            && date.is_none_or(|date| self.date == date)
            && end_date.is_none_or(|date| self.end_date == Some(date))
            && description.as_ref().is_none_or(|text| is("description", text))
    }

    fn detail(&self, name: &str) -> Option<&str> {
        self.details.get(name).and_then(Value::as_str)
    }

    /// Is it the event that was added with this marker? What the details hold is not documented: a description decides; without one,
    /// moment and title do.
    pub fn was_made(&self, body: &EventBody<'_>, marker: &str) -> bool {
        let same = self.date == body.date && self.detail("title").is_none_or(|title| title == body.title);
        self.is_custom()
            && match self.detail("description") {
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
