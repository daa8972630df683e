//! Of which parts is a filter of v0 made? Values are operands, never operators.

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

/// One of them holds; none: nothing. An empty `_or` would be no condition at all for what 3 stores in.
pub(in crate::thehive) fn any(filters: &[Value]) -> Value {
    if filters.is_empty() {
        not(&json!({"_any": true}))
    } else {
        json!({"_or": filters})
    }
}

/// It does not hold.
pub(in crate::thehive) fn not(filter: &Value) -> Value {
    json!({"_not": filter})
}

/// A field has one of these values; none: nothing has.
pub(super) fn one_of(field: &str, values: &[Value]) -> Value {
    json!({"_in": {"_field": field, "_values": values}})
}

/// A field has a value.
pub(super) fn has(field: &str) -> Value {
    json!({"_contains": field})
}

/// It has this id.
pub(super) fn has_id(id: &str) -> Value {
    json!({"_id": id})
}

/// It has one of these ids.
pub(in crate::thehive) fn one_of_ids(ids: &[String]) -> Value {
    let each: Vec<Value> = ids.iter().map(|id| has_id(id)).collect();
    any(&each)
}

/// The object with this id belongs to it.
pub(super) fn above(kind: &str, id: &str) -> Value {
    json!({"_child": {"_type": kind, "_query": has_id(id)}})
}

/// A comparison, in the form that 3 reads.
pub(super) fn ordered(operator: &'static str, field: &str, value: &Value) -> Value {
    json!({operator: {field: value}})
}

/// A field and a text, as 4 compares them.
pub(super) fn text(operator: &'static str, field: &str, value: &str) -> Value {
    json!({operator: {"_field": field, "_value": value}})
}

/// At most this; the form that 3 reads.
pub(in crate::thehive) fn at_most(field: &str, value: u64) -> Value {
    ordered("_lte", field, &value.into())
}

/// At least this.
pub(in crate::thehive) fn at_least(field: &str, value: u64) -> Value {
    ordered("_gte", field, &value.into())
}

/// Words of a text: what 3's index of texts can say. More is found than is wanted, so the caller looks again.
pub(in crate::thehive) fn like(field: &str, value: &str) -> Value {
    text("_like", field, value)
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
        let references: Vec<Value> = references.into_iter().map(Value::from).collect();
        all(&[one_of("sourceRef", &references), is("type", kind), is("source", source)])
    };
    let groups: Vec<Value> = groups.into_iter().map(group).collect();
    any(&groups)
}
