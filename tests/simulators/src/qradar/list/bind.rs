//! Does a filter fit the endpoint: known fields, right types, permitted operators?

use serde_json::Value;

use super::super::error::ApiError;
use super::columns::{Column, Kind, find};
use super::filter::{Filter, Literal, Op};
use super::lexer::unescape;

/// What names mean at one place of the tree: fields of a row or of an element, or the element itself.
#[derive(Clone, Copy)]
enum Scope {
    Fields(&'static [Column]),
    Element(Kind),
}

/// Checks the filter against the columns and turns its values into the columns' types; 422/1010 otherwise.
pub fn bind(filter: &mut Filter, columns: &'static [Column]) -> Result<(), ApiError> {
    bind_in(filter, Scope::Fields(columns))
}

fn bind_in(filter: &mut Filter, scope: Scope) -> Result<(), ApiError> {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter_mut().try_for_each(|term| bind_in(term, scope)),
        Filter::Not(term) => bind_in(term, scope),
        Filter::Compare(path, op, literal) => {
            let kind = kind_of(path, scope)?;
            if matches!(kind, Kind::Enum(_) | Kind::Bool) && !matches!(op, Op::Eq | Op::Ne) {
                return Err(ApiError::filter_refused());
            }
            convert(literal, kind)
        }
        Filter::In { path, values, .. } => {
            let kind = kind_of(path, scope)?;
            values.iter_mut().try_for_each(|value| convert(value, kind))
        }
        Filter::Between { path, low, high, .. } => match kind_of(path, scope)? {
            kind @ (Kind::Int | Kind::Text) => convert(low, kind).and_then(|()| convert(high, kind)),
            _ => Err(ApiError::filter_refused()),
        },
        Filter::IsNull { path, .. } => kind_of(path, scope).map(|_| ()),
        Filter::Like { path, .. } => match kind_of(path, scope)? {
            Kind::Text => Ok(()),
            _ => Err(ApiError::filter_refused()),
        },
        Filter::ContainsValue(path, literal) => match kind_of(path, scope)? {
            Kind::Ints => convert(literal, Kind::Int),
            Kind::Texts => convert(literal, Kind::Text),
            _ => Err(ApiError::filter_refused()),
        },
        Filter::ContainsMatch(path, inner) => match kind_of(path, scope)? {
            Kind::Ints => bind_in(inner, Scope::Element(Kind::Int)),
            Kind::Texts => bind_in(inner, Scope::Element(Kind::Text)),
            Kind::Objects(fields) => bind_in(inner, Scope::Fields(fields)),
            _ => Err(ApiError::filter_refused()),
        },
    }
}

fn kind_of(path: &[String], scope: Scope) -> Result<Kind, ApiError> {
    match (scope, path) {
        (Scope::Element(kind), []) => Ok(kind),
        (Scope::Fields(columns), [name]) => {
            find(columns, name)
                .filter(|column| column.filter)
                .map(|column| column.kind)
        }
        .ok_or_else(ApiError::filter_refused),
        _ => Err(ApiError::filter_refused()),
    }
}

fn convert(literal: &mut Literal, kind: Kind) -> Result<(), ApiError> {
    let text = if literal.quoted {
        unescape(&literal.raw)
    } else {
        literal.raw.clone()
    };
    literal.value = match kind {
        Kind::Int => number(&text)?,
        Kind::Text => Value::from(text),
        Kind::Bool if text.eq_ignore_ascii_case("true") => Value::from(true),
        Kind::Bool if text.eq_ignore_ascii_case("false") => Value::from(false),
        Kind::Enum(names) if names.contains(&text.as_str()) => Value::from(text),
        _ => return Err(ApiError::filter_refused()),
    };
    Ok(())
}

fn number(text: &str) -> Result<Value, ApiError> {
    if let Ok(whole) = text.trim_start_matches('+').parse::<i64>() {
        return Ok(Value::from(whole));
    }
    text.parse::<f64>()
        .ok()
        .filter(|n| n.is_finite())
        .map(Value::from)
        .ok_or_else(ApiError::filter_refused)
}
