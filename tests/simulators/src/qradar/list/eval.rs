//! Is a filter true for one object?
//!
//! NULL semantics [D, contract 2.2]: on a null field the positive operators are false, the negated ones are true.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::filter::{Filter, Literal, Op};
use super::like::like;

/// What the names of a filter are looked up in.
#[derive(Clone, Copy)]
enum Node<'a> {
    Row(&'a Map<String, Value>),
    Element(&'a Value),
}

/// Evaluates a bound filter on one row.
pub fn matches(filter: &Filter, row: &Map<String, Value>) -> bool {
    eval(filter, Node::Row(row))
}

fn eval(filter: &Filter, node: Node<'_>) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| eval(term, node)),
        Filter::Or(terms) => terms.iter().any(|term| eval(term, node)),
        Filter::Not(term) => !eval(term, node),
        Filter::Compare(path, op, literal) => match field(path, node) {
            Value::Null => *op == Op::Ne,
            value => holds(*op, compare(value, &literal.value)),
        },
        Filter::In { path, values, negated } => match field(path, node) {
            Value::Null => *negated,
            value => values.iter().any(|literal| equal(value, literal)) != *negated,
        },
        Filter::Between {
            path,
            low,
            high,
            negated,
        } => match field(path, node) {
            Value::Null => *negated,
            value => {
                let inside = compare(value, &low.value).is_some_and(Ordering::is_ge)
                    && compare(value, &high.value).is_some_and(Ordering::is_le);
                inside != *negated
            }
        },
        Filter::IsNull { path, negated } => field(path, node).is_null() != *negated,
        Filter::Like {
            path,
            pattern,
            insensitive,
            negated,
        } => match field(path, node).as_str() {
            None => *negated,
            Some(text) => like(text, &pattern.raw, *insensitive) != *negated,
        },
        Filter::ContainsValue(path, literal) => elements(path, node).iter().any(|element| equal(element, literal)),
        Filter::ContainsMatch(path, inner) => elements(path, node)
            .iter()
            .any(|element| eval(inner, Node::Element(element))),
    }
}

fn field<'a>(path: &[String], node: Node<'a>) -> &'a Value {
    const NULL: &Value = &Value::Null;
    match (path.first(), node) {
        (None, Node::Element(element)) => element,
        (Some(name), Node::Row(row)) => row.get(name.as_str()).unwrap_or(NULL),
        (Some(name), Node::Element(element)) => element.get(name.as_str()).unwrap_or(NULL),
        (None, Node::Row(_)) => NULL,
    }
}

fn elements<'a>(path: &[String], node: Node<'a>) -> &'a [Value] {
    field(path, node).as_array().map(Vec::as_slice).unwrap_or_default()
}

fn equal(value: &Value, literal: &Literal) -> bool {
    compare(value, &literal.value) == Some(Ordering::Equal)
}

/// Orders two values of the same type; `None` when they cannot be compared.
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn holds(op: Op, ordering: Option<Ordering>) -> bool {
    match (op, ordering) {
        (Op::Ne, None) => true,
        (_, None) => false,
        (Op::Eq, Some(o)) => o.is_eq(),
        (Op::Ne, Some(o)) => o.is_ne(),
        (Op::Lt, Some(o)) => o.is_lt(),
        (Op::Gt, Some(o)) => o.is_gt(),
        (Op::Le, Some(o)) => o.is_le(),
        (Op::Ge, Some(o)) => o.is_ge(),
    }
}
