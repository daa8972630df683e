//! Which items does a search find, and in which order? Restrictions and sort orders over the table of fields.

use super::{
    fields::{self, Field},
    value::Value,
    view::View,
};
use crate::ews::{refusal::Refusal, xml::Element};
use std::cmp::Ordering;

/// Conditions of one request.
const MAX_CONDITIONS: usize = 255;

/// A parsed restriction.
#[derive(Clone)]
pub enum Restriction {
    /// All must hold.
    And(Vec<Restriction>),
    /// One must hold.
    Or(Vec<Restriction>),
    /// It must not hold.
    Not(Box<Restriction>),
    /// The field has a value.
    Exists(Searched),
    /// The field compares like this with the constant.
    Compare(Searched, fn(Ordering) -> bool, String),
    /// The field contains the constant.
    Contains(Searched, Mode, bool, String),
}

/// A field that can be compared.
pub type Searched = &'static Field;

/// How a text contains another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Is it.
    Full,
    /// Starts with it.
    Prefix,
    /// Has a word that starts with it.
    PrefixOnWords,
    /// Has it anywhere.
    Substring,
}

impl Restriction {
    /// Reads the one child of `Restriction`. Errors: an unknown operator or field, too many conditions.
    pub fn read(element: &Element) -> Result<Self, Refusal> {
        let mut left = MAX_CONDITIONS;
        match element.children.as_slice() {
            [one] => read(one, &mut left),
            _ => Err(Refusal::schema("The element 'Restriction' has exactly one child.")),
        }
    }

    /// Whether an item is found.
    pub fn holds(&self, view: &View<'_>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(view)),
            Self::Or(all) => all.iter().any(|one| one.holds(view)),
            Self::Not(one) => !one.holds(view),
            Self::Exists(field) => {
                !matches!(value(field, view), Value::None) && value(field, view) != Value::List(Vec::new())
            }
            Self::Compare(field, fits, constant) => compare(&value(field, view), *fits, constant),
            Self::Contains(field, mode, exact, constant) => value(field, view)
                .texts()
                .iter()
                .any(|text| contains(text, *mode, *exact, constant)),
        }
    }
}

fn value(field: &Field, view: &View<'_>) -> Value {
    field.value.map_or(Value::None, |value| value(view))
}

fn compare(value: &Value, fits: fn(Ordering) -> bool, constant: &str) -> bool {
    match value {
        Value::List(texts) => {
            let one = |text: &String| Value::Text(text.clone()).compare(constant).is_some_and(fits);
            texts.iter().any(one)
        }
        value => value.compare(constant).is_some_and(fits),
    }
}

fn contains(text: &str, mode: Mode, exact: bool, wanted: &str) -> bool {
    let fold = |text: &str| if exact { text.to_owned() } else { text.to_lowercase() };
    let (text, wanted) = (fold(text), fold(wanted));
    match mode {
        Mode::Full => text == wanted,
        Mode::Prefix => text.starts_with(&wanted),
        Mode::PrefixOnWords => text.split_whitespace().any(|word| word.starts_with(&wanted)),
        Mode::Substring => text.contains(&wanted),
    }
}

fn read(element: &Element, left: &mut usize) -> Result<Restriction, Refusal> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| Refusal::new("ErrorRestrictionTooComplex", "The restriction is too complex."))?;
    let fits: fn(Ordering) -> bool = match element.name.as_str() {
        "And" | "Or" => {
            let all = element.children.iter().map(|child| read(child, left));
            let all = all.collect::<Result<Vec<_>, _>>()?;
            return Ok(if element.name == "And" {
                Restriction::And(all)
            } else {
                Restriction::Or(all)
            });
        }
        "Not" => {
            let [one] = element.children.as_slice() else {
                return Err(Refusal::schema("The element 'Not' has exactly one child."));
            };
            return Ok(Restriction::Not(Box::new(read(one, left)?)));
        }
        "Exists" => return Ok(Restriction::Exists(path(element)?)),
        "Contains" => return read_contains(element),
        "IsEqualTo" => Ordering::is_eq,
        "IsNotEqualTo" => Ordering::is_ne,
        "IsGreaterThan" => Ordering::is_gt,
        "IsGreaterThanOrEqualTo" => Ordering::is_ge,
        "IsLessThan" => Ordering::is_lt,
        "IsLessThanOrEqualTo" => Ordering::is_le,
        other => {
            return Err(Refusal::schema(&format!(
                "The element 'Restriction' has invalid child element '{other}'."
            )));
        }
    };
    let right = element
        .child("FieldURIOrConstant")
        .ok_or_else(|| Refusal::schema(&format!("'{}' has no FieldURIOrConstant.", element.name)))?;
    let constant = right.child("Constant").and_then(|constant| constant.attribute("Value"));
    let constant =
        constant.ok_or_else(|| Refusal::new("ErrorUnsupportedPathForQuery", "Only constants are compared."))?;
    Ok(Restriction::Compare(path(element)?, fits, constant.to_owned()))
}

fn read_contains(element: &Element) -> Result<Restriction, Refusal> {
    let mode = match element.attribute("ContainmentMode") {
        Some("FullString") => Mode::Full,
        Some("Prefixed") => Mode::Prefix,
        Some("PrefixOnWords") => Mode::PrefixOnWords,
        Some("Substring" | "ExactPhrase") => Mode::Substring,
        other => {
            return Err(Refusal::schema(&format!(
                "The value '{other:?}' is not a ContainmentMode."
            )));
        }
    };
    let exact = matches!(element.attribute("ContainmentComparison"), None | Some("Exact"));
    let constant = element
        .child("Constant")
        .and_then(|constant| constant.attribute("Value"));
    let constant = constant.ok_or_else(|| Refusal::schema("'Contains' has no Constant."))?;
    Ok(Restriction::Contains(path(element)?, mode, exact, constant.to_owned()))
}

/// The field of a condition. ConversationId cannot be searched for: use GetConversationItems (contract section 2).
fn path(element: &Element) -> Result<&'static Field, Refusal> {
    let uri = element.child("FieldURI").and_then(|path| path.attribute("FieldURI"));
    let uri = uri.ok_or_else(|| Refusal::new("ErrorUnsupportedPathForQuery", "Only FieldURI is searched for."))?;
    match fields::by_uri(uri) {
        Some(field) if field.value.is_some() => Ok(field),
        _ if fields::by_uri(uri).is_none() && !super::known::without_value(uri) => {
            Err(Refusal::schema(&format!("The value '{uri}' is not a FieldURI.")))
        }
        _ => Err(Refusal::new(
            "ErrorUnsupportedPathForQuery",
            format!("The property {uri} is not supported in a search."),
        )),
    }
}

/// A parsed sort order.
#[derive(Clone, Default)]
pub struct SortOrder(Vec<(Option<&'static Field>, bool)>);

impl SortOrder {
    /// Reads `SortOrder`. Errors: an unknown field or order.
    pub fn read(element: Option<&Element>) -> Result<Self, Refusal> {
        let mut fields = Vec::new();
        for one in element.into_iter().flat_map(|element| &element.children) {
            let down = match one.attribute("Order") {
                Some("Ascending") => false,
                Some("Descending") => true,
                other => return Err(Refusal::schema(&format!("The value '{other:?}' is not an Order."))),
            };
            // Extended and indexed properties have no value here: such an order leaves items as they are.
            let field = if one.child("FieldURI").is_some() {
                let error = |refusal: Refusal| Refusal {
                    code: refusal.code.replace("ForQuery", "ForSortGroup"),
                    ..refusal
                };
                Some(path(one).map_err(error)?)
            } else {
                None
            };
            fields.push((field, down));
        }
        Ok(Self(fields))
    }

    /// Sorts; equal items stay as they are.
    pub fn sort(&self, views: &mut [View<'_>]) {
        views.sort_by(|one, two| {
            let by = |(field, down): &(Option<&'static Field>, bool)| {
                let order = field.map_or(Ordering::Equal, |field| value(field, one).order(&value(field, two)));
                if *down { order.reverse() } else { order }
            };
            self.0
                .iter()
                .map(by)
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
    }

    /// Whether there is none: a list is then newest first.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
