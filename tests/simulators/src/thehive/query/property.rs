//! What is the value of a property, and how do two values compare?

use crate::thehive::{error::ApiError, kind::Kind};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// A checked property path of a kind.
#[derive(Clone, Debug)]
pub struct Property(String);

impl Property {
    /// 400 for a property the kind does not have: the servers answer so instead of matching nothing.
    pub fn new(kind: Kind, name: &str) -> Result<Self, ApiError> {
        if kind.has_property(name) {
            return Ok(Self(name.to_owned()));
        }
        Err(ApiError::bad_request(format!(
            "Property {name} for type {} not found",
            kind.info().name
        )))
    }

    /// The name as given.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The value in an entity; null counts as absent.
    pub fn of<'a>(&self, body: &'a Map<String, Value>) -> Option<&'a Value> {
        let value = match self.0.split_once('.') {
            None => body.get(&self.0),
            Some((root, name)) => {
                let list = body.get(root)?.as_array()?;
                list.iter().find(|entry| entry["name"] == name)?.get("value")
            }
        };
        value.filter(|value| !value.is_null())
    }

    /// Whether some value of the property (each element of a list) satisfies `test`.
    pub fn any(&self, body: &Map<String, Value>, test: impl Fn(&Value) -> bool) -> bool {
        match self.of(body) {
            Some(Value::Array(values)) => values.iter().any(test),
            Some(value) => test(value),
            None => false,
        }
    }
}

/// The order of two values of the same type; none across types.
pub fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
        },
        _ => None,
    }
}

/// Equality as filters see it: 1 and 1.0 are the same number.
pub fn same(one: &Value, other: &Value) -> bool {
    compare(one, other).map_or(one == other, Ordering::is_eq)
}
