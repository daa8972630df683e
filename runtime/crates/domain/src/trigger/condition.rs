//! Does a field of an event have the value that a trigger wants?

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values of one `one-of`, at most.
const VALUES: usize = 100;

/// A condition on a field of the event: `{ field = "tags", has = "QRadar" }`.
///
/// Read from a map, not derived: serde cannot refuse unknown names beside a flattened enum, and a misspelt test must be named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>", into = "BTreeMap<String, Value>")]
pub struct Condition {
    /// Path in the event's data: `stage`, `tags`, `changes.status`.
    pub field: String,
    /// What it must be.
    pub test: Test,
}

/// What a field must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Exactly this.
    Is(Value),
    /// Anything but this; an absent field, too.
    IsNot(Value),
    /// One of these.
    OneOf(Vec<Value>),
    /// A list with this element, or a text with this part.
    Has(String),
    /// A text that begins so, or a list with an element that does.
    Begins(String),
    /// There (true) or absent (false).
    Present(bool),
}

/// Why a condition cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("condition{}: {problem}", field.as_ref().map_or(String::new(), |field| format!(" on `{field}`")))]
pub struct BadCondition {
    field: Option<String>,
    problem: String,
}

const TESTS: &str = "is, is-not, one-of, has, begins, present";

impl TryFrom<BTreeMap<String, Value>> for Condition {
    type Error = BadCondition;

    fn try_from(mut map: BTreeMap<String, Value>) -> Result<Self, BadCondition> {
        let field = match map.remove("field") {
            Some(Value::String(field)) => field,
            Some(_) => return Err(bad(None, "`field` is not a text".to_owned())),
            None => return Err(bad(None, "`field` is missing: which field is tested?".to_owned())),
        };
        let refused = |problem: String| bad(Some(&field), problem);
        if map.len() > 1 {
            let names: Vec<_> = map.keys().map(|name| format!("`{name}`")).collect();
            let problem = format!(
                "{} at once; a condition has one test, all conditions hold",
                names.join(" and ")
            );
            return Err(refused(problem));
        }
        let Some((name, value)) = map.pop_first() else {
            return Err(refused(format!("no test; use one of {TESTS}")));
        };
        let text = |value: Value| match value {
            Value::String(text) if !text.is_empty() => Ok(text),
            _ => Err(refused(format!("`{name}` needs a text"))),
        };
        let test = match name.as_str() {
            "is" => Test::Is(value),
            "is-not" => Test::IsNot(value),
            "one-of" => match value {
                Value::Array(values) if (1..=VALUES).contains(&values.len()) => Test::OneOf(values),
                _ => return Err(refused(format!("`one-of` needs a list of 1 to {VALUES} values"))),
            },
            "has" => Test::Has(text(value)?),
            "begins" => Test::Begins(text(value)?),
            "present" => match value {
                Value::Bool(present) => Test::Present(present),
                _ => return Err(refused("`present` is true or false".to_owned())),
            },
            other => return Err(refused(format!("`{other}` is no test; use one of {TESTS}"))),
        };
        Ok(Self { field, test })
    }
}

fn bad(field: Option<&str>, problem: String) -> BadCondition {
    BadCondition {
        field: field.map(str::to_owned),
        problem,
    }
}

impl From<Condition> for BTreeMap<String, Value> {
    fn from(condition: Condition) -> Self {
        let (name, value) = match condition.test {
            Test::Is(value) => ("is", value),
            Test::IsNot(value) => ("is-not", value),
            Test::OneOf(values) => ("one-of", Value::Array(values)),
            Test::Has(text) => ("has", Value::String(text)),
            Test::Begins(text) => ("begins", Value::String(text)),
            Test::Present(present) => ("present", Value::Bool(present)),
        };
        Self::from([
            ("field".to_owned(), Value::String(condition.field)),
            (name.to_owned(), value),
        ])
    }
}

impl Condition {
    /// Does the event's data fulfil it?
    pub fn holds(&self, data: &Value) -> bool {
        let value = at(data, &self.field);
        match &self.test {
            Test::Is(wanted) => value == Some(wanted),
            Test::IsNot(unwanted) => value != Some(unwanted),
            Test::OneOf(wanted) => value.is_some_and(|value| wanted.contains(value)),
            Test::Has(part) => match value {
                Some(Value::Array(list)) => list.iter().any(|element| element == part),
                Some(Value::String(text)) => text.contains(part),
                _ => false,
            },
            Test::Begins(start) => match value {
                Some(Value::Array(list)) => list
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|text| text.starts_with(start)),
                Some(Value::String(text)) => text.starts_with(start),
                _ => false,
            },
            Test::Present(present) => *present == value.is_some_and(|value| !value.is_null()),
        }
    }
}

/// The value at a path. A name may have dots in it (custom fields do), so the whole rest is tried first.
fn at<'v>(data: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(value) = data.get(path) {
        return Some(value);
    }
    let (head, rest) = path.split_once('.')?;
    at(data.get(head)?, rest)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match &self.test {
            Test::Is(value) => write!(f, "`{field}` is not {value}"),
            Test::IsNot(value) => write!(f, "`{field}` is {value}"),
            Test::OneOf(_) => write!(f, "`{field}` is none of the wanted values"),
            Test::Has(part) => write!(f, "`{field}` does not have `{part}`"),
            Test::Begins(start) => write!(f, "`{field}` does not begin with `{start}`"),
            Test::Present(true) => write!(f, "`{field}` is absent"),
            Test::Present(false) => write!(f, "`{field}` is there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        #[serde(rename = "where")]
        conditions: Vec<Condition>,
    }

    fn refused(line: &str) -> String {
        toml::from_str::<File>(&format!("where = [{{ {line} }}]"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_condition_of_a_deployment_file_is_read_and_survives_the_wire() {
        let file: File =
            toml::from_str(r#"where = [{ field = "tags", has = "QRadar" }, { field = "number", one-of = [1, 2] }]"#)
                .unwrap();
        assert_eq!(file.conditions[0].test, Test::Has("QRadar".to_owned()));
        let wire = serde_json::to_value(&file.conditions).unwrap();
        assert_eq!(wire[0], json!({ "field": "tags", "has": "QRadar" }));
        assert_eq!(serde_json::from_value::<Vec<Condition>>(wire).unwrap(), file.conditions);
    }

    #[test]
    fn a_bad_condition_is_refused_by_name() {
        for (line, words) in [
            (r#"field = "tags", contains = "x""#, ["`tags`", "`contains` is no test"]),
            (r#"field = "tags", has = "x", is = "y""#, ["`has` and `is`", "one test"]),
            (r#"field = "tags", has = 7"#, ["`has` needs a text", "tags"]),
            (r#"field = "tags""#, ["no test", "is-not"]),
            (r#"has = "x""#, ["`field` is missing", "which field"]),
            (r#"field = "stage", one-of = []"#, ["one-of", "1 to 100"]),
            (r#"field = "stage", present = "yes""#, ["present", "true or false"]),
        ] {
            let text = refused(line);
            assert!(words.iter().all(|word| text.contains(word)), "{line}: {text}");
        }
    }

    #[test]
    fn conditions_look_at_values_lists_texts_and_named_parts() {
        let data = json!({
            "stage": "Closed", "tags": ["QRadar", "src:edge"], "number": 7, "changes": { "status": "Other", "a.b": 1 },
            "summary": null, "case": { "id": "~1" },
        });
        let holds = |line: &str| {
            let file: File = toml::from_str(&format!("where = [{{ {line} }}]")).unwrap();
            file.conditions[0].holds(&data)
        };
        for line in [
            r#"field = "stage", is = "Closed""#,
            r#"field = "number", is = 7"#,
            r#"field = "impact", is-not = "NoImpact""#,
            r#"field = "stage", one-of = ["New", "Closed"]"#,
            r#"field = "tags", has = "QRadar""#,
            r#"field = "stage", has = "lose""#,
            r#"field = "tags", begins = "src:""#,
            r#"field = "changes.status", present = true"#,
            r#"field = "changes.a.b", is = 1"#,
            r#"field = "summary", present = false"#,
            r#"field = "case.id", is = "~1""#,
        ] {
            assert!(holds(line), "{line}");
        }
        for line in [
            r#"field = "stage", is = "closed""#,
            r#"field = "tags", has = "QRad""#,
            r#"field = "number", has = "7""#,
            r#"field = "impact", one-of = ["NoImpact"]"#,
            r#"field = "tags", begins = "edge""#,
            r#"field = "changes.nothing", present = true"#,
        ] {
            assert!(!holds(line), "{line}");
        }
    }
}
