//! Does a row pass a filter of v0 (contract 3.1)? Rows are looked at as they would be shown.

use super::{Flavour, call::Answer};
use crate::thehive::error::ApiError;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Nesting of operators.
const MAX_DEPTH: usize = 32;
/// What 3 keeps as texts: searched by their words, never as a whole.
const TEXTS: [&str; 4] = ["title", "description", "message", "summary"];

/// A row, what it belongs to, and what belongs to it.
pub struct Row<'a> {
    pub shown: &'a Value,
    pub parent: Option<&'a Value>,
    pub children: &'a dyn Fn() -> Vec<Value>,
}

/// Whether the row passes. Error: an operator that the flavour does not know, or an unknown property on 4.
pub fn keeps(flavour: Flavour, filter: &Value, row: &Row<'_>) -> Result<bool, Answer> {
    object(flavour, filter, row, 0)
}

fn object(flavour: Flavour, filter: &Value, row: &Row<'_>, depth: usize) -> Result<bool, Answer> {
    let Some(members) = filter.as_object() else {
        return Err(bad("a query is an object"));
    };
    if depth > MAX_DEPTH {
        return Err(bad("the query is nested too deep"));
    }
    if let (Some(field), Some(value)) = (members.get("_field"), members.get("_value")) {
        return equals(flavour, text(field)?, value, row);
    }
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (None, _) => Ok(true),
        (Some((name, argument)), None) => operator(flavour, name, argument, row, depth),
        (Some(_), Some(_)) => Err(bad("one operator expected")),
    }
}

fn operator(flavour: Flavour, name: &str, argument: &Value, row: &Row<'_>, depth: usize) -> Result<bool, Answer> {
    let inner = |one: &Value| object(flavour, one, row, depth + 1);
    let list = || {
        argument
            .as_array()
            .ok_or_else(|| bad(&format!("{name} expects a list")))
    };
    let of_4 = flavour == Flavour::V4;
    match name {
        "_and" => list()?.iter().try_fold(true, |all, one| Ok(all & inner(one)?)),
        "_or" => list()?.iter().try_fold(false, |any, one| Ok(any | inner(one)?)),
        "_not" => Ok(!inner(argument)?),
        "_any" => Ok(true),
        "_is" if of_4 => equals(
            flavour,
            text(member(argument, "_field")?)?,
            member(argument, "_value")?,
            row,
        ),
        "_ne" if of_4 => Ok(!equals(
            flavour,
            text(member(argument, "_field")?)?,
            member(argument, "_value")?,
            row,
        )?),
        "_in" => {
            let field = text(member(argument, "_field")?)?;
            let values = member(argument, "_values")?.as_array().cloned().unwrap_or_default();
            values
                .iter()
                .try_fold(false, |any, value| Ok(any | equals(flavour, field, value, row)?))
        }
        "_lt" => ordered(flavour, argument, row, Ordering::is_lt),
        "_lte" => ordered(flavour, argument, row, Ordering::is_le),
        "_gt" => ordered(flavour, argument, row, Ordering::is_gt),
        "_gte" => ordered(flavour, argument, row, Ordering::is_ge),
        "_like" | "_wildcard" => {
            let (field, value) = (text(member(argument, "_field")?)?, text(member(argument, "_value")?)?);
            known(flavour, field, row)?;
            Ok(values(row.shown, field)
                .iter()
                .any(|held| held.as_str().is_some_and(|held| like(flavour, held, value))))
        }
        "_startsWith" | "_endsWith" if of_4 => {
            let (field, value) = (text(member(argument, "_field")?)?, text(member(argument, "_value")?)?);
            let passes = |held: &str| {
                if name == "_startsWith" {
                    held.starts_with(value)
                } else {
                    held.ends_with(value)
                }
            };
            Ok(values(row.shown, field)
                .iter()
                .any(|held| held.as_str().is_some_and(passes)))
        }
        "_contains" => Ok(!values(row.shown, text(argument)?).is_empty()),
        "_id" => Ok(row.shown.get("_id") == Some(argument)),
        "_parent" => parent(flavour, argument, row, depth),
        "_child" => child(flavour, argument, row, depth),
        // 4 accepts it and matches everything: the danger of contract 3.1.
        "_string" if of_4 => Ok(true),
        "_string" => {
            let words = text(argument)?;
            let wanted = words
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .trim_matches(['"', '*', ' '])
                .to_lowercase();
            Ok(row.shown.to_string().to_lowercase().contains(&wanted))
        }
        field if !field.starts_with('_') => equals(flavour, field, argument, row),
        other => Err(bad(&format!("Invalid query: {other} is unknown"))),
    }
}

fn parent(flavour: Flavour, argument: &Value, row: &Row<'_>, depth: usize) -> Result<bool, Answer> {
    let Some(parent) = row.parent else { return Ok(false) };
    if parent.get("_type") != argument.get("_type") {
        return Ok(false);
    }
    if let Some(id) = argument.get("_id") {
        return Ok(parent.get("_id") == Some(id));
    }
    alone(flavour, member(argument, "_query")?, parent, depth + 1)
}

fn child(flavour: Flavour, argument: &Value, row: &Row<'_>, depth: usize) -> Result<bool, Answer> {
    let query = member(argument, "_query")?;
    let children = (row.children)();
    let mut of_type = children
        .iter()
        .filter(|child| child.get("_type") == argument.get("_type"));
    of_type.try_fold(false, |any, child| Ok(any | alone(flavour, query, child, depth + 1)?))
}

/// A row of which nothing around it is asked.
fn alone(flavour: Flavour, filter: &Value, shown: &Value, depth: usize) -> Result<bool, Answer> {
    let row = Row {
        shown,
        parent: None,
        children: &Vec::new,
    };
    object(flavour, filter, &row, depth)
}

fn equals(flavour: Flavour, field: &str, value: &Value, row: &Row<'_>) -> Result<bool, Answer> {
    if field == "_id" {
        return Ok(row.shown.get("_id") == Some(value));
    }
    known(flavour, field, row)?;
    let by_words = flavour == Flavour::V3 && TEXTS.contains(&field);
    let same = |held: &Value| match (held.as_str(), value.as_str()) {
        (Some(held), Some(wanted)) if by_words => held.to_lowercase().split_whitespace().any(|word| word == wanted),
        _ => held == value || held.as_f64().is_some_and(|held| value.as_f64() == Some(held)),
    };
    Ok(values(row.shown, field).iter().any(|held| same(held)))
}

/// 4 knows its properties; 3 finds nothing in those that are not there.
fn known(flavour: Flavour, field: &str, row: &Row<'_>) -> Result<(), Answer> {
    let root = field.split('.').next().unwrap_or_default();
    let is_there =
        row.shown.get(root).is_some() || ["message", "description", "data", "owner", "updatedAt"].contains(&root);
    if flavour == Flavour::V4 && !is_there {
        return Err(bad(&format!(
            "Property {field} for type {} not found",
            row.shown["_type"]
        )));
    }
    Ok(())
}

/// `{"_field": f, "_value": v}` on 4, `{f: v}` on both.
fn ordered(flavour: Flavour, argument: &Value, row: &Row<'_>, test: fn(Ordering) -> bool) -> Result<bool, Answer> {
    let members = argument.as_object().cloned().unwrap_or_default();
    let (field, value) = match (members.get("_field"), members.get("_value")) {
        (Some(field), Some(value)) if flavour == Flavour::V4 => (text(field)?.to_owned(), value.clone()),
        (Some(_), _) => return Err(bad("Invalid query: {field: value} expected")),
        (None, _) => only(members)?,
    };
    let compare = |held: &Value| match (held.as_f64(), value.as_f64()) {
        (Some(held), Some(wanted)) => held.partial_cmp(&wanted),
        _ => Some(held.as_str()?.cmp(value.as_str()?)),
    };
    Ok(values(row.shown, &field)
        .iter()
        .any(|held| compare(held).is_some_and(test)))
}

fn only(members: Map<String, Value>) -> Result<(String, Value), Answer> {
    members.into_iter().next().ok_or_else(|| bad("{field: value} expected"))
}

/// The values of a field: those of a list one by one; none for null. 4 names a custom field without its type.
fn values<'a>(row: &'a Value, field: &str) -> Vec<&'a Value> {
    let mut at = row;
    for name in field.split('.') {
        match at.get(name) {
            Some(next) => at = next,
            None => return Vec::new(),
        }
    }
    if field.starts_with("customFields.") && at.is_object() {
        let member = at.as_object().into_iter().flatten();
        return member
            .filter(|(name, _)| *name != "order")
            .map(|(_, value)| value)
            .collect();
    }
    match at {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// A match of words on 3; on 4 stars say where something may stand, and without one it is equality.
fn like(flavour: Flavour, held: &str, wanted: &str) -> bool {
    if flavour == Flavour::V3 {
        let held = held.to_lowercase();
        let words: Vec<&str> = held.split_whitespace().collect();
        return wanted
            .to_lowercase()
            .split_whitespace()
            .any(|word| words.contains(&word));
    }
    match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
        (Some(rest), Some(_)) => held.contains(rest.trim_end_matches('*')),
        (Some(rest), None) => held.ends_with(rest),
        (None, Some(rest)) => held.starts_with(rest),
        (None, None) => held == wanted,
    }
}

fn member<'a>(argument: &'a Value, name: &str) -> Result<&'a Value, Answer> {
    argument
        .get(name)
        .ok_or_else(|| bad(&format!("Invalid query: {name} is missing")))
}

fn text(value: &Value) -> Result<&str, Answer> {
    value.as_str().ok_or_else(|| bad("Invalid query: a text is expected"))
}

fn bad(message: &str) -> Answer {
    ApiError::bad_request(message).into()
}
