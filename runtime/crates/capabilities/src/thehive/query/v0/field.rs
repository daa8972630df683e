//! What is a field of v1 called on 3 and 4, and how is it compared there? Names by the table of contract 2.1; what v0 spells in another way
//! (TLP, the status of a case, the stage) is put into what it has.

use serde_json::Value;

use super::parts::{all, any, custom, has, has_id, is, not, one_of, ordered};
use crate::bindings::synapse::thehive::query::{Kind, Value as Operand};
use crate::bindings::synapse::workflow::types::Error;

/// What 3 keeps as texts: their words can be asked for, never the whole.
const TEXTS: [&str; 4] = ["title", "description", "message", "summary"];
/// Levels of TLP there and on 5.
const LEVELS: [(u8, u8); 4] = [(0, 0), (1, 1), (2, 2), (3, 4)];
/// The types that a value of a custom field may have on 3.
const TYPES: [&str; 5] = ["string", "integer", "float", "boolean", "date"];

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The same.
    Equal,
    /// Less.
    Less,
    /// Less or the same.
    AtMost,
    /// Greater.
    Greater,
    /// Greater or the same.
    AtLeast,
}

/// A field of a kind of object of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field<'a> {
    major: u8,
    /// As the guest names it.
    given: &'a str,
    what: What<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What<'a> {
    /// The server's own id.
    Id,
    /// A value under this name.
    Plain(&'a str),
    /// A custom field.
    Custom(&'a str),
    /// The TLP.
    Level,
    /// A case's status: on v0 a pair.
    CaseStatus,
    /// The stage of a case.
    CaseStage,
    /// The stage of an alert.
    AlertStage,
}

impl<'a> Field<'a> {
    /// The field with this name of v1.
    pub fn of(major: u8, kind: Kind, given: &'a str) -> Self {
        let what = match (kind, given) {
            (_, "_id") => What::Id,
            (_, "_createdAt") => What::Plain("createdAt"),
            (_, "_createdBy") => What::Plain("createdBy"),
            (_, "_updatedAt") => What::Plain("updatedAt"),
            (_, "_updatedBy") => What::Plain("updatedBy"),
            (_, "tlp") => What::Level,
            (Kind::Case, "number") => What::Plain("caseId"),
            (Kind::Case | Kind::Task, "assignee") => What::Plain("owner"),
            (Kind::Case, "status") => What::CaseStatus,
            (Kind::Case, "stage") => What::CaseStage,
            (Kind::Alert, "caseId") => What::Plain("case"),
            (Kind::Alert, "stage") => What::AlertStage,
            (Kind::Log, "date") => What::Plain("startDate"),
            (_, name) => match name.strip_prefix("customFields.") {
                Some(name) => What::Custom(name),
                None => What::Plain(name),
            },
        };
        Self { major, given, what }
    }

    /// The condition that its value compares so with this one.
    ///
    /// # Errors
    /// `Unsupported`: the version cannot compare it so.
    pub fn compared(&self, order: Order, operand: &Operand) -> Result<Value, Error> {
        let value = plain(operand);
        match (&self.what, order) {
            (What::Id, Order::Equal) => Ok(has_id(value.as_str().unwrap_or_default())),
            (What::Level, _) => Ok(self.level(order, &value)),
            (What::CaseStatus, Order::Equal) => Ok(case_status(value.as_str().unwrap_or_default())),
            (What::CaseStage, Order::Equal) => Ok(case_stage(value.as_str().unwrap_or_default())),
            (What::AlertStage, Order::Equal) => Ok(alert_stage(value.as_str().unwrap_or_default())),
            (What::Custom(name), Order::Equal) => Ok(custom(self.major, name, kind(operand), value)),
            (What::Plain(name), Order::Equal) => Ok(is(self.whole(name)?, value)),
            (What::Custom(name), _) => {
                let name = match self.major {
                    4.. => format!("customFields.{name}"),
                    _ => format!("customFields.{name}.{}", kind(operand)),
                };
                Ok(ordered(order.operator(), &name, &value))
            }
            (What::Plain(name), _) => Ok(ordered(order.operator(), self.whole(name)?, &value)),
            (What::Id | What::CaseStatus | What::CaseStage | What::AlertStage, _) => {
                Err(self.lacks("is compared for being equal only"))
            }
        }
    }

    /// The condition that it has a value.
    pub fn has(&self) -> Value {
        match &self.what {
            What::Id => has("createdAt"),
            What::Level => has("tlp"),
            // Every case and alert has one.
            What::CaseStatus | What::CaseStage | What::AlertStage => has("status"),
            What::Plain(name) => has(name),
            What::Custom(name) if self.major >= 4 => has(&format!("customFields.{name}")),
            What::Custom(name) => {
                let each: Vec<Value> = TYPES
                    .iter()
                    .map(|kind| has(&format!("customFields.{name}.{kind}")))
                    .collect();
                any(&each)
            }
        }
    }

    /// The name for a comparison of its text.
    ///
    /// # Errors
    /// `Unsupported`: it is no text of that version.
    pub fn text(&self) -> Result<String, Error> {
        match &self.what {
            What::Plain(name) => Ok((*name).to_owned()),
            What::Custom(name) if self.major >= 4 => Ok(format!("customFields.{name}")),
            What::Id | What::Custom(_) | What::Level | What::CaseStatus | What::CaseStage | What::AlertStage => {
                Err(self.lacks("is not searched as a text"))
            }
        }
    }

    /// Is it one of those whose words 3 searches?
    pub fn has_words(&self) -> bool {
        matches!(&self.what, What::Plain(name) if TEXTS.contains(name))
    }

    /// What `sort` calls it.
    ///
    /// # Errors
    /// `Unsupported`: the version cannot sort by it.
    pub fn sorted(&self) -> Result<String, Error> {
        match &self.what {
            What::Plain(name) => self.whole(name).map(str::to_owned),
            What::Level => Ok("tlp".to_owned()),
            What::CaseStatus => Ok("status".to_owned()),
            What::Custom(name) if self.major >= 4 => Ok(format!("customFields.{name}")),
            What::Id | What::Custom(_) | What::CaseStage | What::AlertStage => Err(self.lacks("is not sorted by")),
        }
    }

    /// A name whose whole value can be looked at.
    fn whole(&self, name: &'a str) -> Result<&'a str, Error> {
        if self.major < 4 && TEXTS.contains(&name) {
            return Err(self.lacks("is searched by its words only; use `like`"));
        }
        Ok(name)
    }

    /// Which of the four levels compare so, by the numbers of 5.
    fn level(&self, order: Order, value: &Value) -> Value {
        let fits = |five: u8| value.as_f64().is_some_and(|value| order.holds(f64::from(five), value));
        let levels = LEVELS.iter().filter(|(_, five)| fits(*five));
        let levels: Vec<Value> = levels.map(|(there, _)| Value::from(*there)).collect();
        one_of("tlp", &levels)
    }

    pub(super) fn lacks(&self, what: &str) -> Error {
        Error::Unsupported(format!("on TheHive {}, `{}` {what}", self.major, self.given))
    }
}

impl Order {
    fn operator(self) -> &'static str {
        match self {
            Self::Equal => "_eq",
            Self::Less => "_lt",
            Self::AtMost => "_lte",
            Self::Greater => "_gt",
            Self::AtLeast => "_gte",
        }
    }

    fn holds(self, one: f64, other: f64) -> bool {
        match self {
            Self::Equal => one == other,
            Self::Less => one < other,
            Self::AtMost => one <= other,
            Self::Greater => one > other,
            Self::AtLeast => one >= other,
        }
    }
}

/// A resolved case is called by how it ended, if it says so.
fn case_status(word: &str) -> Value {
    let ended = |word: &str| all(&[is("status", "Resolved"), is("resolutionStatus", word)]);
    match word {
        "Open" => is("status", "Open"),
        "Resolved" => all(&[is("status", "Resolved"), not(&has("resolutionStatus"))]),
        "Duplicated" => any(&[is("status", "Duplicated"), ended("Duplicated")]),
        word => ended(word),
    }
}

fn case_stage(word: &str) -> Value {
    let statuses: &[&str] = match word {
        "Closed" => &["Resolved", "Duplicated"],
        "InProgress" => &["Open"],
        _ => &[],
    };
    among(statuses)
}

fn alert_stage(word: &str) -> Value {
    let has_case = has("case");
    match word {
        "Imported" => any(&[has_case, is("status", "Imported")]),
        "Closed" => all(&[among(&["Ignored"]), not(&has_case)]),
        "New" => all(&[among(&["New", "Updated"]), not(&has_case)]),
        _ => among(&[]),
    }
}

fn among(statuses: &[&str]) -> Value {
    let values: Vec<Value> = statuses.iter().map(|word| Value::from(*word)).collect();
    one_of("status", &values)
}

/// The type of a value of a custom field.
fn kind(value: &Operand) -> &'static str {
    match value {
        Operand::Text(_) => "string",
        Operand::Integer(_) => "integer",
        Operand::Number(_) => "float",
        Operand::Boolean(_) => "boolean",
        Operand::Date(_) => "date",
    }
}

fn plain(value: &Operand) -> Value {
    match value {
        Operand::Text(text) => Value::from(text.as_str()),
        Operand::Integer(number) => Value::from(*number),
        Operand::Number(number) => Value::from(*number),
        Operand::Boolean(yes) => Value::from(*yes),
        Operand::Date(moment) => Value::from(*moment),
    }
}
