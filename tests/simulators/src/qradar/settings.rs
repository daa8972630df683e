//! Which behaviours of the console are not established, or are knobs of a test? (contract 6)

use serde::Deserialize;

/// State key `settings`; every field has the default named here.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Status of closing a closed offense again: 409 (default) or 200.
    pub second_close: u16,
    /// Longest note, characters; 2000.
    pub note_limit: usize,
    /// `Content-Range` on arrays when no Range was sent; true.
    pub content_range_without_range: bool,
    /// Status for an offense of another domain: 404 (default) or 403.
    pub foreign_domain_status: u16,
    /// May a token limited to some domains see objects whose `domain_id` is null? false.
    pub null_domain_visible: bool,
    /// A change of an offense moves `last_persisted_time` so many ms later (39 s and 50 s recorded); 0.
    pub persist_delay_ms: i64,
    /// Events become searchable so many ms after their `starttime` (state key `event_index_delay`).
    #[serde(skip)]
    pub event_index_delay_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            second_close: 409,
            note_limit: 2000,
            content_range_without_range: true,
            foreign_domain_status: 404,
            null_domain_visible: false,
            persist_delay_ms: 0,
            event_index_delay_ms: 0,
        }
    }
}

/// State key `console`: its API version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleVersion {
    /// Newest API version, `"26.0"`; the last three are current, 4.0 and up deprecated, older removed.
    pub version: String,
    /// Refuse deprecated versions as if removed.
    pub strict: bool,
    /// `code` of the 422 for removed and unknown versions (not established).
    pub version_error_code: i64,
}

impl Default for ConsoleVersion {
    fn default() -> Self {
        Self {
            version: "26.0".to_owned(),
            strict: false,
            version_error_code: 37,
        }
    }
}

/// How a search ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum End {
    /// With results.
    #[default]
    Completed,
    /// With `error_messages`.
    Error,
    /// As if somebody had cancelled it.
    Canceled,
}

/// State key `ariel`: what searches do.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ariel {
    /// Status requests until a search ends; 1. 0 = already ended when created.
    pub polls_until_done: u32,
    /// If given, searches end so many ms after their creation instead (console clock).
    pub done_after_ms: Option<i64>,
    /// How they end.
    pub end: End,
    /// So many creations are answered 503/1010 first; 0.
    pub busy: u32,
    /// The same query text within this time gets the earlier search ("already recently created"); 60 s, 0 = never.
    pub reuse_identical_ms: i64,
}

impl Default for Ariel {
    fn default() -> Self {
        Self {
            polls_until_done: 1,
            done_after_ms: None,
            end: End::Completed,
            busy: 0,
            reuse_identical_ms: 60_000,
        }
    }
}
