//! What is shown of a watched source and its items?

use serde_json::{Value, json};
use synapse_store::sources::{Cursor, SourceCounts, SourceItem};

use super::backfill::State;
use super::item::Detail;

/// Longest opaque state shown, characters: people only need to see that it moves.
const STATE_CHARS: usize = 64;

/// A cursor with its counts.
pub fn cursor(cursor: &Cursor, counts: &SourceCounts) -> Value {
    let mut position: Value = serde_json::from_str(&cursor.position).unwrap_or(Value::Null);
    if let Some(state) = position.get_mut("state")
        && let Some(text) = state.as_str().filter(|text| text.chars().count() > STATE_CHARS)
    {
        let shown: String = text.chars().take(STATE_CHARS).collect();
        *state = Value::from(format!("{shown}... ({} characters)", text.chars().count()));
    }
    let state = state(cursor);
    json!({
        "trigger": cursor.id.trigger, "deployment": cursor.id.deployment, "watches": cursor.watches, "state": state,
        "position": position, "revision": cursor.revision, "node": cursor.node, "since": cursor.floor,
        "looked_at": cursor.looked_at, "ok_at": cursor.ok_at, "next_at": cursor.next_at, "failures": cursor.failures,
        "problem": cursor.problem, "items": counts, "backfill": State::of(cursor), "created_at": cursor.created_at,
    })
}

fn state(cursor: &Cursor) -> &'static str {
    match (cursor.failures, cursor.ok_at) {
        (0, None) => "starting",
        (0, Some(_)) => "ok",
        _ => "failing",
    }
}

/// How a source stands, in a list of triggers.
pub fn standing(cursor: &Cursor) -> Vec<(String, Value)> {
    let members = [
        ("state", Value::from(state(cursor))),
        ("looked_at", json!(cursor.looked_at)),
        ("ok_at", json!(cursor.ok_at)),
        ("next_at", json!(cursor.next_at)),
        ("failures", json!(cursor.failures)),
        ("problem", json!(cursor.problem)),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Items, for people.
pub fn items(items: &[SourceItem]) -> Vec<Value> {
    items.iter().map(item).collect()
}

fn item(item: &SourceItem) -> Value {
    let detail = Detail::of(item);
    json!({
        "id": item.id, "key": item.key, "state": item.state, "lane": item.lane, "change": detail.change, "title": detail.title,
        "magnitude": detail.magnitude, "moment": detail.moment, "reason": item.reason, "run": item.run, "tries": item.tries,
        "times": item.times, "backfill": item.backfill, "not_before": item.not_before, "changed_at": item.changed_at,
    })
}
