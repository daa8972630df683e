//! How do 3 and 4 spell custom fields? As a map whose members are typed (D23): `{"score": {"float": 1.5, "order": 0}}`.

use serde_json::{Map, Value, json};

use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue};
use crate::thehive::types::value;

/// The types that a member may have; `number` is the one of early 3.
const TYPES: [&str; 6] = ["string", "integer", "float", "number", "boolean", "date"];

/// The list of v1.
pub(super) fn list(fields: Option<Value>) -> Value {
    let Some(Value::Object(fields)) = fields else {
        return Value::Array(Vec::new());
    };
    let row = |(name, member): (String, Value)| {
        let (kind, value) = typed(member);
        json!({"name": name, "type": kind, "value": value})
    };
    fields.into_iter().map(row).collect()
}

/// Type and value of a member; 4 reads a plain value as well.
fn typed(member: Value) -> (&'static str, Value) {
    match member {
        Value::Object(mut member) => {
            let found = TYPES
                .into_iter()
                .find_map(|kind| Some((kind, member.remove(kind).filter(|value| !value.is_null())?)));
            found.unwrap_or(("", Value::Null))
        }
        plain => ("", plain),
    }
}

/// The map of a new object.
pub(super) fn map(fields: &[CustomField], marker: Option<(&str, &str)>) -> Map<String, Value> {
    let mut map = Map::new();
    for field in fields {
        let order = map.len();
        map.insert(field.name.clone(), member(&field.value, order));
    }
    if let Some((name, marker)) = marker {
        let order = map.len();
        map.insert(name.to_owned(), json!({"string": marker, "order": order}));
    }
    map
}

/// The map with these fields set and the others as they were: 3 replaces the whole map.
pub(super) fn changed(current: Option<&Value>, fields: &[CustomField]) -> Map<String, Value> {
    let mut map = current.and_then(Value::as_object).cloned().unwrap_or_default();
    for field in fields {
        let before = map.get(&field.name).and_then(|member| member.get("order")?.as_u64());
        let order = before
            .and_then(|order| usize::try_from(order).ok())
            .unwrap_or(map.len());
        map.insert(field.name.clone(), member(&field.value, order));
    }
    map
}

fn member(set: &CustomValue, order: usize) -> Value {
    json!({kind(set): value(set), "order": order})
}

/// The name of a value's type.
pub(in crate::thehive) fn kind(value: &CustomValue) -> &'static str {
    match value {
        CustomValue::Text(_) => "string",
        CustomValue::Integer(_) => "integer",
        CustomValue::Number(_) => "float",
        CustomValue::Boolean(_) => "boolean",
        CustomValue::Date(_) => "date",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d23_one_shape_in_and_the_versions_shape_out_and_back() {
        let fields = [
            CustomField {
                name: "ref".to_owned(),
                value: CustomValue::Text("x".to_owned()),
            },
            CustomField {
                name: "score".to_owned(),
                value: CustomValue::Number(1.5),
            },
        ];
        let map = map(&fields, Some(("mark", "synapse:1")));
        let sent = json!({
            "ref": {"string": "x", "order": 0},
            "score": {"float": 1.5, "order": 1},
            "mark": {"string": "synapse:1", "order": 2},
        });
        assert_eq!(Value::Object(map), sent);
        let back = list(Some(sent));
        let expected = json!([
            {"name": "mark", "type": "string", "value": "synapse:1"},
            {"name": "ref", "type": "string", "value": "x"},
            {"name": "score", "type": "float", "value": 1.5},
        ]);
        let mut rows = back.as_array().unwrap().clone();
        rows.sort_by_key(|row| row["name"].to_string());
        assert_eq!(Value::Array(rows), expected);
        assert_eq!(
            list(Some(json!({"empty": {"string": null, "order": 1}})))[0]["value"],
            Value::Null
        );
    }

    #[test]
    fn d23_a_change_leaves_the_other_fields() {
        let current = json!({"a": {"string": "1", "order": 4}, "b": {"integer": 2, "order": 5}});
        let set = [CustomField {
            name: "a".to_owned(),
            value: CustomValue::Integer(7),
        }];
        let after = changed(Some(&current), &set);
        let expected = json!({"a": {"integer": 7, "order": 4}, "b": {"integer": 2, "order": 5}});
        assert_eq!(Value::Object(after), expected);
    }
}
