//! How are fields read from a console that may send null, or something else, in their place?

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A whole number, also if it was written as `1.0E7` or as text.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        // The cast saturates: a count beyond i64 is shown as the largest one.
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

/// A text; a number becomes its digits.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

/// True only if it says so.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(matches!(Value::deserialize(deserializer)?, Value::Bool(true)))
}

/// The elements that can be read; null is none.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let Value::Array(elements) = Value::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    Ok(elements
        .into_iter()
        .filter_map(|element| serde_json::from_value(element).ok())
        .collect())
}

/// A key or a count of the WIT; a negative one is none.
pub fn id(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

/// The text, cut at a character's end.
pub fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
    }
    text
}

/// A text of the console for a message: one line, without control characters, short.
pub fn plain(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    cut(line.collect::<String>().trim().to_owned(), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "number")]
        number: Option<i64>,
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "flag")]
        flag: bool,
        #[serde(deserialize_with = "list")]
        list: Vec<i64>,
    }

    #[test]
    fn null_absent_and_odd_values_never_fail_the_object() {
        let read = |json: &str| serde_json::from_str::<Sample>(json).unwrap();
        assert_eq!(read("{}"), Sample::default());
        assert_eq!(
            read(r#"{"number":null,"text":null,"flag":null,"list":null,"more":{}}"#),
            Sample::default()
        );
        assert_eq!(
            read(r#"{"number":[],"text":{},"flag":"yes","list":7}"#),
            Sample::default()
        );
        let odd = read(r#"{"number":"13961944","text":443,"flag":true,"list":[1,null,"x",3]}"#);
        let expected = Sample {
            number: Some(13_961_944),
            text: Some("443".to_owned()),
            flag: true,
            list: vec![1, 3],
        };
        assert_eq!(odd, expected);
        assert_eq!(read(r#"{"number":1.3961944E7}"#).number, Some(13_961_944));
        assert_eq!(read(r#"{"number":1e300}"#).number, Some(i64::MAX));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("grün".to_owned(), 3), "gr");
        assert_eq!(cut("grün".to_owned(), 4), "grü");
        assert_eq!(plain(" a\nb\u{1b}[0m "), "a b [0m");
    }
}
