//! How is something searched for on 3 and 4 (contract 3.2)? Only operators that both understand; never `_string`, which 4 ignores and
//! answers with everything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::bindings::synapse::thehive::alerts::AlertKey;

/// A field has this value, or one of its values is it.
pub(in crate::thehive) fn is(field: &str, value: impl Into<Value>) -> Value {
    json!({"_field": field, "_value": value.into()})
}

/// All of them hold; none: everything.
pub(in crate::thehive) fn all(filters: &[Value]) -> Value {
    if filters.is_empty() {
        json!({})
    } else {
        json!({"_and": filters})
    }
}

/// At most this; the form that 3 reads.
pub(in crate::thehive) fn at_most(field: &str, value: u64) -> Value {
    json!({"_lte": {field: value}})
}

/// At least this.
pub(in crate::thehive) fn at_least(field: &str, value: u64) -> Value {
    json!({"_gte": {field: value}})
}

/// Words of a text: what 3's index of texts can say. More is found than is wanted, so the caller looks again.
pub(in crate::thehive) fn like(field: &str, value: &str) -> Value {
    json!({"_like": {"_field": field, "_value": value}})
}

/// What belongs to the object with this id.
pub(in crate::thehive) fn below(kind: &str, id: &str) -> Value {
    json!({"_parent": {"_type": kind, "_id": id}})
}

/// A custom field has this value: 3 wants to know of which type (contract 3.1).
pub(in crate::thehive) fn custom(major: u8, name: &str, kind: &str, value: Value) -> Value {
    if major >= 4 {
        is(&format!("customFields.{name}"), value)
    } else {
        is(&format!("customFields.{name}.{kind}"), value)
    }
}

/// Alerts with one of these keys.
pub(in crate::thehive) fn keys(keys: &[AlertKey]) -> Value {
    let mut groups: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for key in keys {
        let group = groups.entry((&key.type_, &key.source)).or_default();
        group.insert(&key.source_ref);
    }
    let group = |((kind, source), references): ((&str, &str), BTreeSet<&str>)| {
        let references = json!({"_in": {"_field": "sourceRef", "_values": references}});
        all(&[references, is("type", kind), is("source", source)])
    };
    let groups: Vec<Value> = groups.into_iter().map(group).collect();
    json!({"_or": groups})
}
