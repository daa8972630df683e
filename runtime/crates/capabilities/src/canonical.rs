//! Which text stands for arguments and results in the journal? JSON in declared order, absent fields omitted.
//!
//! An object with one member keeps it even if it is null: it may be a variant case (`{"Ok":null}`).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The canonical text of a value. Fails only for values that JSON cannot hold (a non-finite number), which becomes `null`.
pub fn text<T: Serialize>(value: &T) -> String {
    let mut value = serde_json::to_value(value).unwrap_or(Value::Null);
    omit_absent(&mut value);
    value.to_string()
}

/// The value of a canonical text.
///
/// # Errors
/// The text is not of this type: the journal is damaged or of another version.
pub fn value<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

fn omit_absent(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.len() > 1 {
                fields.retain(|_, field| !field.is_null());
            }
            fields.values_mut().for_each(omit_absent);
        }
        Value::Array(items) => items.iter_mut().for_each(omit_absent),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Sample {
        zulu: u8,
        alpha: Option<u8>,
        list: Vec<Option<u8>>,
    }

    #[test]
    fn order_is_declared_and_absent_fields_are_omitted_but_absent_items_are_kept() {
        let sample = Sample {
            zulu: 1,
            alpha: None,
            list: vec![None, Some(2)],
        };
        let canonical = text(&sample);
        assert_eq!(canonical, r#"{"zulu":1,"list":[null,2]}"#);
        assert_eq!(value::<Sample>(&canonical).unwrap(), sample);
        let nothing: Result<Option<u8>, u8> = Ok(None);
        assert_eq!(value::<Result<Option<u8>, u8>>(&text(&nothing)).unwrap(), nothing);
    }
}
