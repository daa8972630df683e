//! What are reference sets, maps and tables on the wire, at the old and the new endpoints? (contract 3.5; the field names of the new
//! ones are those of the vendor's public reference)

use serde::Deserialize;
use serde_json::{Map, Value};

use super::lookup::Keyed;
use super::wire::{cut, id, list, number, text};
use crate::bindings::synapse::qradar::reference::{ReferenceEntry, ReferenceSet, ReferenceTable, ReferenceValue};

/// Longest name or value kept, bytes.
const TEXT_BYTES: usize = 4 << 10;

/// A set, map or table on the wire. The new endpoints have an id, and other names for some fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireSet {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    name: Option<String>,
    #[serde(alias = "entry_type", deserialize_with = "text")]
    element_type: Option<String>,
    #[serde(alias = "expiry_type", deserialize_with = "text")]
    timeout_type: Option<String>,
    #[serde(deserialize_with = "text")]
    time_to_live: Option<String>,
    #[serde(alias = "number_of_entries", deserialize_with = "number")]
    number_of_elements: Option<i64>,
    #[serde(deserialize_with = "number")]
    creation_time: Option<i64>,
    #[serde(deserialize_with = "text")]
    namespace: Option<String>,
    #[serde(deserialize_with = "text")]
    key_label: Option<String>,
    #[serde(deserialize_with = "text")]
    value_label: Option<String>,
    /// The values, where they were asked for at the old endpoints.
    pub data: Value,
}

impl WireSet {
    /// Its id at the new endpoints.
    pub fn id(&self) -> Option<u64> {
        id(self.id)
    }

    /// Its name; without one it is nothing.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| !name.is_empty())
    }

    /// Is it everybody's, and not a tenant's?
    pub fn is_shared(&self) -> bool {
        matches!(self.namespace.as_deref(), None | Some("SHARED"))
    }

    /// Do capitals not matter in its values?
    pub fn ignores_case(&self) -> bool {
        self.element_type.as_deref() == Some("ALNIC")
    }

    /// The set for a guest.
    pub fn into_set(self) -> Option<ReferenceSet> {
        let ages = self
            .timeout_type
            .filter(|kind| matches!(kind.as_str(), "FIRST_SEEN" | "LAST_SEEN"));
        Some(ReferenceSet {
            name: kept(self.name)?,
            element_type: self.element_type.unwrap_or_default(),
            ages_from: ages,
            // 0 seconds: they live for ever.
            time_to_live: self.time_to_live.filter(|time| time != "0"),
            count: id(self.number_of_elements).unwrap_or(0),
            created_at: id(self.creation_time),
        })
    }

    /// The map or table for a guest.
    pub fn into_table(self) -> Option<ReferenceTable> {
        Some(ReferenceTable {
            name: kept(self.name)?,
            element_type: self.element_type.unwrap_or_default(),
            count: id(self.number_of_elements).unwrap_or(0),
            key_label: kept(self.key_label),
            value_label: kept(self.value_label),
            created_at: id(self.creation_time),
        })
    }
}

/// A value on the wire; at the new endpoints it has an id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireValue {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    value: Option<String>,
    #[serde(deserialize_with = "text")]
    source: Option<String>,
    #[serde(deserialize_with = "number")]
    first_seen: Option<i64>,
    #[serde(deserialize_with = "number")]
    last_seen: Option<i64>,
    #[serde(deserialize_with = "number")]
    domain_id: Option<i64>,
}

impl Keyed for WireValue {
    fn key(&self) -> Option<u64> {
        id(self.id)
    }
}

impl WireValue {
    /// What is asked for at the new endpoints.
    pub const FIELDS: &str = "id,value,source,first_seen,last_seen,domain_id";

    /// Its domain; none: it is shared.
    pub fn domain(&self) -> Option<u64> {
        id(self.domain_id)
    }

    /// The value's text.
    pub fn text(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The value for a guest.
    pub fn into_wit(self) -> Option<ReferenceValue> {
        Some(ReferenceValue {
            value: cut(self.value?, TEXT_BYTES),
            source: kept(self.source),
            first_seen: id(self.first_seen),
            last_seen: id(self.last_seen),
            domain_id: id(self.domain_id),
        })
    }
}

/// The values of a set at the old endpoints. `data` is absent when it is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireValues {
    #[serde(deserialize_with = "list")]
    pub data: Vec<WireValue>,
}

/// The entries of one outer key: of a map one value, of a map of sets a list, of a table an object of values.
pub fn entries(key: &str, found: Value) -> Vec<ReferenceEntry> {
    let entry = |keys: &[&str], found: Value| {
        let value: WireValue = serde_json::from_value(found).ok()?;
        Some(ReferenceEntry {
            keys: keys.iter().map(|key| cut((*key).to_owned(), TEXT_BYTES)).collect(),
            value: value.into_wit()?,
        })
    };
    match found {
        Value::Array(values) => values.into_iter().filter_map(|value| entry(&[key], value)).collect(),
        Value::Object(object) if is_value(&object) => entry(&[key], Value::Object(object)).into_iter().collect(),
        Value::Object(inner) => inner
            .into_iter()
            .filter_map(|(second, value)| entry(&[key, &second], value))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// A value has a text, a table's row has only further objects: an inner key may well be called `value`.
fn is_value(object: &Map<String, Value>) -> bool {
    object.get("value").is_some_and(|value| !value.is_object())
}

fn kept(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| cut(text, TEXT_BYTES))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_kinds_of_endpoints_give_the_same_set() {
        let old = json!({"timeout_type": "FIRST_SEEN", "number_of_elements": 3, "creation_time": 1440703770114u64, "name": "Mail Servers",
            "element_type": "IP", "time_to_live": "0 years 0mons 128 days 0 hours 0mins 0.0 secs"});
        let new = json!({"id": 5, "expiry_type": "FIRST_SEEN", "number_of_entries": 3, "creation_time": 1440703770114u64,
            "name": "Mail Servers", "entry_type": "IP", "time_to_live": 11059200, "namespace": "SHARED"});
        let read = |json| serde_json::from_value::<WireSet>(json).unwrap();
        assert_eq!(read(new.clone()).id(), Some(5));
        let (old, new) = (read(old).into_set().unwrap(), read(new).into_set().unwrap());
        assert_eq!(
            (&old.name, &old.element_type, old.count),
            (&new.name, &new.element_type, new.count)
        );
        assert_eq!((old.ages_from, old.created_at), (new.ages_from, new.created_at));
        assert_eq!(new.time_to_live.as_deref(), Some("11059200"));
    }

    #[test]
    fn entries_have_as_many_keys_as_their_kind() {
        let value = json!({"value": "x", "source": "s", "first_seen": 1, "last_seen": 2, "domain_id": null});
        assert_eq!(entries("k", value.clone())[0].keys, ["k"]);
        assert_eq!(entries("k", json!([value, {"value": "y"}])).len(), 2);
        let table = entries("k", json!({"value": value, "b": {"value": "z"}}));
        assert_eq!(
            table.iter().map(|entry| entry.keys.join("/")).collect::<Vec<_>>(),
            ["k/value", "k/b"]
        );
        assert!(entries("k", json!("x")).is_empty());
    }
}
