//! How do tags change? They are a set in order of arrival; `addTags` and `removeTags` exist on 5.x only (contract 2.2).

use serde_json::{Map, Value};
use std::collections::HashSet;

/// Tags without repetitions, in order.
pub fn unique(tags: Option<&Value>) -> Value {
    let mut seen = HashSet::new();
    let tags = tags
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|tag| seen.insert(tag.as_str()));
    tags.cloned().collect()
}

/// The tags of `body` after `addTags` and `removeTags` of a change.
pub fn changed(body: &Map<String, Value>, changes: &Map<String, Value>) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let removed = list(changes.get("removeTags"));
    let mut tags = list(body.get("tags"));
    tags.extend(list(changes.get("addTags")));
    tags.retain(|tag| !removed.contains(tag));
    unique(Some(&Value::Array(tags)))
}

/// The tags of two entities together.
pub fn joined(one: Option<&Value>, other: Option<&Value>) -> Value {
    let both = [one, other].into_iter().flatten().filter_map(Value::as_array).flatten();
    unique(Some(&both.cloned().collect()))
}
