//! Which entities does a filter keep? The operators of 5.x (contract 3.1); what 5.x is not known to accept is refused.

use super::property::{Property, compare, same};
use crate::thehive::{
    error::ApiError,
    kind::Kind,
    store::{Entity, Store, parse_id},
};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// Nesting of `_and`, `_or`, `_not`.
const MAX_DEPTH: usize = 32;

/// A parsed and checked filter.
pub enum Filter {
    Any,
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Is(Property, Value),
    Order(Property, Value, fn(Ordering) -> bool),
    Between(Property, Value, Value),
    In(Property, Vec<Value>),
    Text(Property, String, fn(&str, &str) -> bool),
    Has(Property),
    Id(Option<u64>),
}

impl Filter {
    /// Reads the operator of a filter step (`_name` is the step's own).
    pub fn parse(kind: Kind, step: &Map<String, Value>) -> Result<Self, ApiError> {
        object(kind, step, 0)
    }

    /// Whether the entity passes.
    pub fn keeps(&self, entity: &Entity) -> bool {
        let body = &entity.body;
        match self {
            Self::Any => true,
            Self::And(all) => all.iter().all(|one| one.keeps(entity)),
            Self::Or(any) => any.iter().any(|one| one.keeps(entity)),
            Self::Not(one) => !one.keeps(entity),
            Self::Is(property, wanted) => property.any(body, |value| same(value, wanted)),
            Self::Order(property, wanted, test) => {
                property.any(body, |value| compare(value, wanted).is_some_and(*test))
            }
            // From inclusive, to exclusive.
            Self::Between(property, from, to) => property.any(body, |value| {
                compare(value, from).is_some_and(Ordering::is_ge) && compare(value, to).is_some_and(Ordering::is_lt)
            }),
            Self::In(property, wanted) => property.any(body, |value| wanted.iter().any(|wanted| same(value, wanted))),
            Self::Text(property, wanted, test) => {
                property.any(body, |value| value.as_str().is_some_and(|value| test(value, wanted)))
            }
            Self::Has(property) => property.of(body).is_some(),
            Self::Id(id) => *id == Some(entity.id),
        }
    }

    /// The only ids that can pass, if an index knows them: keeps lookups by `sourceRef` or tag from scanning everything.
    pub fn candidates(&self, store: &Store, kind: Kind) -> Option<Vec<u64>> {
        match self {
            Self::And(all) => all.iter().find_map(|one| one.candidates(store, kind)),
            Self::Is(property, value) => store.ids_with(kind, property.name(), value),
            Self::In(property, values) => {
                let mut ids = Vec::new();
                for value in values {
                    ids.extend(store.ids_with(kind, property.name(), value)?);
                }
                ids.sort_unstable();
                ids.dedup();
                Some(ids)
            }
            Self::Id(id) => Some(id.iter().copied().collect()),
            _ => None,
        }
    }
}

fn object(kind: Kind, object: &Map<String, Value>, depth: usize) -> Result<Filter, ApiError> {
    let mut operators = object.iter().filter(|(key, _)| *key != "_name");
    match (operators.next(), operators.next()) {
        (Some((name, argument)), None) if depth <= MAX_DEPTH => operator(kind, name, argument, depth),
        (Some(_), None) => Err(ApiError::bad_request(format!("filter: nested deeper than {MAX_DEPTH}"))),
        (None, _) => Err(ApiError::bad_request("filter: an operator is missing")),
        // The bare {_field, _value} form is not known to work on 5.x: refused, so that nobody relies on it.
        (Some((one, _)), Some((two, _))) => Err(ApiError::bad_request(format!(
            "filter: exactly one operator expected, found {one} and {two}"
        ))),
    }
}

fn operator(kind: Kind, name: &str, argument: &Value, depth: usize) -> Result<Filter, ApiError> {
    let inner = |argument: &Value| match argument {
        Value::Object(map) => object(kind, map, depth + 1),
        _ => Err(ApiError::bad_request(format!("filter: {name} expects an object"))),
    };
    let list = || -> Result<Vec<Filter>, ApiError> {
        let list = argument
            .as_array()
            .ok_or_else(|| ApiError::bad_request(format!("filter: {name} expects a list")))?;
        list.iter().map(inner).collect()
    };
    let field = |key: &str| argument.get(key).ok_or_else(|| missing(name, key));
    let property = || {
        let name = field("_field")?.as_str().ok_or_else(|| missing(name, "_field"))?;
        Property::new(kind, name)
    };
    let text = |test: fn(&str, &str) -> bool| {
        let wanted = field("_value")?.as_str().ok_or_else(|| missing(name, "_value"))?;
        Ok(Filter::Text(property()?, wanted.to_owned(), test))
    };
    let order = |test: fn(Ordering) -> bool| Ok(Filter::Order(property()?, comparable(name, field("_value")?)?, test));
    let has = || {
        Ok(Filter::Has(Property::new(
            kind,
            argument.as_str().ok_or_else(|| missing(name, "field name"))?,
        )?))
    };
    match name {
        "_any" => Ok(Filter::Any),
        "_and" => Ok(Filter::And(list()?)),
        "_or" => Ok(Filter::Or(list()?)),
        "_not" => Ok(Filter::Not(Box::new(inner(argument)?))),
        "_is" | "_eq" => Ok(Filter::Is(property()?, field("_value")?.clone())),
        "_ne" => Ok(Filter::Not(Box::new(Filter::Is(property()?, field("_value")?.clone())))),
        "_lt" => order(Ordering::is_lt),
        "_lte" => order(Ordering::is_le),
        "_gt" => order(Ordering::is_gt),
        "_gte" => order(Ordering::is_ge),
        "_between" => {
            let (from, to) = (comparable(name, field("_from")?)?, comparable(name, field("_to")?)?);
            Ok(Filter::Between(property()?, from, to))
        }
        "_in" => {
            let values = field("_values")?.as_array().ok_or_else(|| missing(name, "_values"))?;
            Ok(Filter::In(property()?, values.clone()))
        }
        "_like" | "_wildcard" => text(like),
        "_match" => text(matches_words),
        "_startsWith" => text(|value, wanted| value.starts_with(wanted)),
        "_endsWith" => text(|value, wanted| value.ends_with(wanted)),
        "_has" | "_contains" => has(),
        "_id" => Ok(Filter::Id(parse_id(
            argument.as_str().ok_or_else(|| missing(name, "id"))?,
        ))),
        _ => Err(ApiError::attributes(vec![json!({
            "name": name, "type": "InvalidFormatAttributeError", "format": "filter", "acceptedInput": [], "field": argument,
        })])),
    }
}

fn missing(operator: &str, key: &str) -> ApiError {
    ApiError::bad_request(format!("filter: {operator} needs {key}"))
}

fn comparable(operator: &str, value: &Value) -> Result<Value, ApiError> {
    match value {
        Value::Object(_) => Err(ApiError::bad_request(format!(
            "filter: {operator}: relative dates are not simulated yet"
        ))),
        Value::Array(_) | Value::Null => Err(ApiError::bad_request(format!("filter: {operator}: not a single value"))),
        value => Ok(value.clone()),
    }
}

/// Case-sensitive; with stars a pattern over the whole value, without a substring (contract 3.1, column 5).
fn like(value: &str, wanted: &str) -> bool {
    let mut pieces = wanted.split('*');
    let first = pieces.next().unwrap_or_default();
    let rest: Vec<&str> = pieces.collect();
    let Some((last, middle)) = rest.split_last() else {
        return value.contains(wanted);
    };
    let Some(mut value) = value.strip_prefix(first) else {
        return false;
    };
    for piece in middle {
        let Some((_, after)) = value.split_once(piece) else {
            return false;
        };
        value = after;
    }
    value.ends_with(last)
}

/// Every word of `wanted` is a word of the value, whatever the case.
fn matches_words(value: &str, wanted: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let value = words(value);
    let wanted = words(wanted);
    !wanted.is_empty() && wanted.iter().all(|word| value.contains(word))
}
