//! How does TheHive spell custom fields (contract 2.7)?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bindings::synapse::thehive::alerts::{CustomField, CustomValue};

/// `InputCustomFieldValue`
#[derive(Debug, Serialize)]
pub struct NamedValue<'a> {
    pub name: &'a str,
    pub value: Value,
}

/// `OutputCustomFieldValue`
#[derive(Debug, Clone, Deserialize)]
pub struct FieldRow {
    pub name: String,
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub value: Value,
}

impl FieldRow {
    /// Is it this text?
    pub fn is(&self, name: &str, text: &str) -> bool {
        self.name == name && self.value.as_str() == Some(text)
    }

    /// As guests see it; none where it has no value that the WIT can say.
    fn shown(self) -> Option<CustomField> {
        let value = match (self.kind.as_str(), self.value) {
            (_, Value::String(text)) => CustomValue::Text(text),
            (_, Value::Bool(yes)) => CustomValue::Boolean(yes),
            ("date", Value::Number(moment)) => CustomValue::Date(moment.as_u64()?),
            ("float", Value::Number(number)) => CustomValue::Number(number.as_f64()?),
            (_, Value::Number(number)) => match number.as_i64().and_then(|whole| i32::try_from(whole).ok()) {
                Some(whole) => CustomValue::Integer(whole),
                None => CustomValue::Number(number.as_f64()?),
            },
            (_, Value::Null | Value::Array(_) | Value::Object(_)) => return None,
        };
        Some(CustomField { name: self.name, value })
    }
}

/// The fields that have a value, without the platform's own.
pub fn shown(fields: Vec<FieldRow>, marker_field: Option<&str>) -> Vec<CustomField> {
    fields
        .into_iter()
        .filter(|field| marker_field != Some(field.name.as_str()))
        .filter_map(FieldRow::shown)
        .collect()
}

/// The list that sets all fields of a new object.
pub fn named(fields: &[CustomField]) -> Vec<NamedValue<'_>> {
    let named = fields.iter().map(|field| NamedValue {
        name: &field.name,
        value: value(&field.value),
    });
    named.collect()
}

/// A value on the wire.
pub fn value(value: &CustomValue) -> Value {
    match value {
        CustomValue::Text(text) => Value::from(text.as_str()),
        CustomValue::Integer(number) => Value::from(*number),
        CustomValue::Number(number) => Value::from(*number),
        CustomValue::Boolean(yes) => Value::from(*yes),
        CustomValue::Date(moment) => Value::from(*moment),
    }
}
