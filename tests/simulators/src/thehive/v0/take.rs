//! What does a body of v0 say in the words of v1? Members that v1 does not know are left out, as 4 does; 3 names them (D23).

use super::{Flavour, call::Answer};
use crate::thehive::error::ApiError;
use serde_json::{Map, Value, json};

/// Members that an official client sends without a meaning (contract 9.4).
const SILENT: &[&str] = &[
    "id",
    "metrics",
    "createdAt",
    "createdBy",
    "json",
    "case",
    "lastSyncDate",
    "stats",
];
/// The types of a custom field's value.
const TYPES: [&str; 6] = ["string", "integer", "float", "number", "boolean", "date"];
/// Which members of v0 are which of v1.
pub type Names = &'static [(&'static str, &'static str)];

/// An object of which the members with a value are taken.
pub fn members(flavour: Flavour, body: &Value, names: Names, ignored: &[&str]) -> Result<Map<String, Value>, Answer> {
    let Some(given) = body.as_object() else {
        return Err(ApiError::bad_request("Invalid Json: expected an object").into());
    };
    let mut taken = Map::new();
    for (name, value) in given {
        if value.is_null() {
            continue;
        }
        match names.iter().find(|(from, _)| from == name) {
            Some((_, to)) => drop(taken.insert((*to).to_owned(), value.clone())),
            None if flavour == Flavour::V4 || SILENT.contains(&name.as_str()) || ignored.contains(&name.as_str()) => {}
            None => {
                let error = json!({"name": name, "type": "UnknownAttributeError", "value": value});
                return Err(ApiError::attributes(vec![error])
                    .with("tableName", "case".into())
                    .into());
            }
        }
    }
    if let Some(tlp) = taken.get("tlp").and_then(Value::as_i64) {
        taken.insert("tlp".to_owned(), level(tlp)?);
    }
    Ok(taken)
}

/// Four levels here, five there.
fn level(tlp: i64) -> Result<Value, Answer> {
    match tlp {
        0..=2 => Ok(tlp.into()),
        3 => Ok(4.into()),
        _ => Err(ApiError::attributes(vec![json!({
            "name": "tlp", "type": "InvalidFormatAttributeError", "format": "0..3", "field": tlp, "acceptedInput": [],
        })])
        .into()),
    }
}

/// The map of custom fields as v1's list. A plain value is read by 4 only.
pub fn field_list(flavour: Flavour, fields: Option<Value>) -> Value {
    let Some(Value::Object(fields)) = fields else {
        return json!([]);
    };
    let mut list: Vec<Value> = fields
        .into_iter()
        .filter_map(|(name, member)| {
            let order = member.get("order").cloned().unwrap_or(0.into());
            let value = typed(flavour, member)?;
            Some(json!({"name": name, "value": value, "order": order}))
        })
        .collect();
    list.sort_by_key(|field| field["order"].as_i64());
    list.into()
}

/// The value of one custom field.
pub fn typed(flavour: Flavour, member: Value) -> Option<Value> {
    match member {
        Value::Object(mut member) => TYPES
            .into_iter()
            .find_map(|kind| member.remove(kind).filter(|value| !value.is_null())),
        Value::Null => None,
        plain => (flavour == Flavour::V4).then_some(plain),
    }
}
