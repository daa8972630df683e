//! Do the fields of a request body keep the limits of the API? Tables of fields, checked into AttributeCheckingError.

use super::error::ApiError;
use serde_json::{Map, Value, json};

/// What a field may hold.
#[derive(Clone, Copy)]
pub enum Rule {
    /// Text of this many characters (not bytes), both ends inclusive.
    Text(usize, usize),
    /// One of these integers.
    OneOf(&'static [i64]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Milliseconds since the epoch.
    Millis,
    Bool,
    /// A list of texts of 1 to 128 characters.
    Tags,
    /// A list; its elements are checked by whoever reads them.
    List,
    /// List or map; read by `custom_field`.
    CustomFields,
    /// Text, or a list of texts; read by `observable`.
    Data,
    /// Any whole number of 32 bits.
    Integer,
    /// An object; its members are kept as they are.
    Object,
}

/// One field of a body.
pub struct Field {
    pub name: &'static str,
    pub rule: Rule,
    /// Must be there on creation.
    pub required: bool,
    /// An explicit null clears it on update (contract 9.3, point 6).
    pub clearable: bool,
}

/// An optional field.
pub const fn optional(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        required: false,
        clearable: false,
    }
}

/// A field that must be there.
pub const fn required(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        required: true,
        clearable: false,
    }
}

/// An optional field that null clears.
pub const fn clearable(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        rule,
        required: false,
        clearable: true,
    }
}

/// Longest description, message or summary: 1 MiB.
pub const LONG: usize = 1 << 20;
/// Severity 1..4.
pub const SEVERITY: Rule = Rule::OneOf(&[1, 2, 3, 4]);
/// TLP of 5.x.
pub const TLP: Rule = Rule::OneOf(&[0, 1, 2, 3, 4]);
/// PAP.
pub const PAP: Rule = Rule::OneOf(&[0, 1, 2, 3]);
/// Longest tag.
const TAG: usize = 128;

/// Checks a creation: required fields there, nothing unknown, every value within its rule. A null counts as absent.
pub fn create(body: Value, fields: &[Field]) -> Result<Map<String, Value>, ApiError> {
    let Value::Object(mut body) = body else {
        return Err(ApiError::bad_request("Invalid Json: expected an object"));
    };
    body.retain(|_, value| !value.is_null());
    let mut errors = problems(&body, fields);
    errors.extend(missing(&body, fields));
    if errors.is_empty() {
        Ok(body)
    } else {
        Err(ApiError::attributes(errors))
    }
}

/// Checks an update: nothing unknown, what is required there, every value within its rule; null only where it clears.
pub fn update(body: Value, fields: &[Field]) -> Result<Map<String, Value>, ApiError> {
    let Value::Object(body) = body else {
        return Err(ApiError::bad_request("Invalid Json: expected an object"));
    };
    let mut errors = problems(&body, fields);
    errors.extend(missing(&body, fields));
    if errors.is_empty() {
        Ok(body)
    } else {
        Err(ApiError::attributes(errors))
    }
}

fn missing(body: &Map<String, Value>, fields: &[Field]) -> Vec<Value> {
    let absent = fields
        .iter()
        .filter(|field| field.required && !body.contains_key(field.name));
    absent
        .map(|field| json!({"name": field.name, "type": "MissingAttributeError"}))
        .collect()
}

fn problems(body: &Map<String, Value>, fields: &[Field]) -> Vec<Value> {
    let mut errors = Vec::new();
    for (name, value) in body {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            errors.push(json!({"name": name, "type": "UnknownAttributeError", "field": value}));
            continue;
        };
        if value.is_null() && field.clearable {
            continue;
        }
        if let Some((format, accepted)) = violation(field.rule, value) {
            errors.push(json!({
                "name": name, "type": "InvalidFormatAttributeError", "format": format, "acceptedInput": accepted,
                "field": value,
            }));
        }
    }
    errors
}

/// The broken format and the accepted inputs, if `value` breaks the rule.
fn violation(rule: Rule, value: &Value) -> Option<(String, Vec<String>)> {
    let wrong = |format: &str| Some((format.to_owned(), Vec::new()));
    match rule {
        Rule::Text(min, max) => {
            (!is_text(value, min, max)).then(|| (format!("string of {min} to {max} characters"), vec![]))
        }
        Rule::OneOf(allowed) => {
            let accepted = || ("integer".to_owned(), allowed.iter().map(ToString::to_string).collect());
            (!value.as_i64().is_some_and(|value| allowed.contains(&value))).then(accepted)
        }
        Rule::Word(allowed) => {
            let accepted = || {
                (
                    "enumeration".to_owned(),
                    allowed.iter().map(ToString::to_string).collect(),
                )
            };
            (!value.as_str().is_some_and(|value| allowed.contains(&value))).then(accepted)
        }
        Rule::Millis if value.as_i64().is_none() => wrong("date in milliseconds"),
        Rule::Integer if value.as_i64().is_none_or(|number| i32::try_from(number).is_err()) => wrong("integer"),
        Rule::Object if !value.is_object() => wrong("object"),
        Rule::Bool if !value.is_boolean() => wrong("boolean"),
        Rule::Tags if !is_list(value, |tag| is_text(tag, 1, TAG)) => wrong("list of strings of 1 to 128 characters"),
        Rule::List if !value.is_array() => wrong("list"),
        Rule::CustomFields if !value.is_array() && !value.is_object() => wrong("list or object"),
        Rule::Data if !value.is_string() && !is_list(value, Value::is_string) => wrong("string or list of strings"),
        _ => None,
    }
}

fn is_text(value: &Value, min: usize, max: usize) -> bool {
    value.as_str().is_some_and(|text| {
        // Counting characters is only needed between the two byte bounds.
        let bytes = text.len();
        bytes >= min && (bytes <= max || text.chars().count() <= max) && (min == 0 || !text.is_empty())
    })
}

fn is_list(value: &Value, element: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(element))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        required("type", Rule::Text(1, 32)),
        optional("severity", SEVERITY),
        clearable("summary", Rule::Text(0, LONG)),
    ];

    #[test]
    fn lengths_count_characters_and_both_ends_are_allowed() {
        assert!(create(json!({"type": "é".repeat(32)}), FIELDS).is_ok());
        assert!(create(json!({"type": "é".repeat(33)}), FIELDS).is_err());
        assert!(create(json!({"type": ""}), FIELDS).is_err());
    }

    #[test]
    fn a_missing_an_unknown_and_a_wrong_field_are_all_named() {
        let error = format!("{:?}", create(json!({"foo": 1, "severity": 5}), FIELDS).unwrap_err());
        for text in [
            "MissingAttributeError",
            "UnknownAttributeError",
            "InvalidFormatAttributeError",
            "[Attribute foo is unknown]",
        ] {
            assert!(error.contains(text), "{text} in {error}");
        }
    }

    #[test]
    fn null_is_absent_on_creation_and_clears_only_clearable_fields_on_update() {
        assert!(create(json!({"type": "t", "severity": null}), FIELDS).is_ok_and(|body| body.len() == 1));
        let optional = FIELDS.get(1..).unwrap_or_default();
        assert!(update(json!({"summary": null}), optional).is_ok());
        assert!(update(json!({"severity": null}), optional).is_err());
        assert!(update(json!({"summary": null}), FIELDS).is_err(), "type is missing");
    }
}
