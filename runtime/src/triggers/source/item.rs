//! What is kept of an item at a source?

use serde::{Deserialize, Serialize};
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_store::sources::{ItemState, Lane, SourceItem};

/// Hexadecimal digits of an item's id: 128 bits do not collide within a trigger.
const ID_DIGITS: usize = 32;
/// Ranks of fresh items are above all others.
const FRESH: i64 = 1 << 60;
/// Ranks of one magnitude: above every moment in milliseconds until the year 10,889.
const MAGNITUDE: i64 = 1 << 48;

/// What an item's event says, and what people are shown of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Offenses: `new`, `changed` or `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// What it is about, one line.
    pub title: String,
    /// Offenses: 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub magnitude: Option<u8>,
    /// Offenses: was it closed when it was seen last?
    #[serde(default)]
    pub closed: bool,
    /// When it happened, by the source's clock.
    pub moment: Timestamp,
    /// From a backfill or a replay: from when on the workflow may act on it, whatever its go-live point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How the workflow's report names it: `offense 42`.
    pub subject: String,
}

impl Detail {
    /// The detail of an item; an unreadable one of an older release is as good as empty.
    pub fn of(item: &SourceItem) -> Self {
        serde_json::from_str(&item.detail).unwrap_or_default()
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The id of the item with this key.
pub fn id(key: &str) -> String {
    let mut text = Digest::of(key.as_bytes()).to_string();
    text.truncate(ID_DIGITS);
    text
}

/// A digest of a version or an alias.
pub fn digest(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let mut text = Digest::of_parts(&parts).to_string();
    text.truncate(ID_DIGITS);
    text
}

/// Which lane, and how far ahead in it: fresh ones before others, then by magnitude, then the older first.
pub fn place(moment: Timestamp, magnitude: Option<u8>, fresh_from: Timestamp, grave: u8) -> (Lane, i64) {
    let fresh = moment >= fresh_from;
    let lane = if fresh || magnitude.is_some_and(|magnitude| magnitude >= grave) {
        Lane::Live
    } else {
        Lane::Backlog
    };
    let age = -i64::try_from(moment).unwrap_or(i64::MAX).min(MAGNITUDE - 1);
    let rank = i64::from(fresh) * FRESH + i64::from(magnitude.unwrap_or(0)) * MAGNITUDE + age;
    (lane, rank)
}

/// An item that waits for its first run.
pub fn fresh(key: String, version: String, detail: &Detail, at: (Lane, i64), now: Timestamp) -> SourceItem {
    SourceItem {
        id: id(&key),
        key,
        alias: None,
        version,
        detail: detail.text(),
        lane: at.0,
        rank: at.1,
        state: ItemState::New,
        reason: None,
        run: None,
        tries: 0,
        times: 0,
        backfill: false,
        not_before: 0,
        changed_at: now,
    }
}

/// An item that is left out.
pub fn left_out(mut item: SourceItem, state: ItemState, reason: impl Into<String>) -> SourceItem {
    item.state = state;
    item.reason = Some(reason.into());
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_goes_before_grave_grave_before_stale_and_of_equals_the_older() {
        let grave = 8;
        let fresh_low = place(2_000, Some(1), 1_000, grave);
        let stale_grave = place(10, Some(9), 1_000, grave);
        let stale_graver = place(20, Some(10), 1_000, grave);
        let stale = place(500, Some(7), 1_000, grave);
        assert_eq!(
            (fresh_low.0, stale_grave.0, stale.0),
            (Lane::Live, Lane::Live, Lane::Backlog)
        );
        assert!(fresh_low.1 > stale_graver.1 && stale_graver.1 > stale_grave.1);
        assert!(place(500, Some(7), 1_000, grave).1 > place(501, Some(7), 1_000, grave).1);
        assert_eq!(place(999, None, 1_000, grave).0, Lane::Backlog);
        assert_eq!(place(1_000, None, 1_000, grave).0, Lane::Live);
        let now = 1_800_000_000_000;
        assert!(place(now, Some(10), 0, grave).1 > place(now, Some(9), 0, grave).1);
    }
}
