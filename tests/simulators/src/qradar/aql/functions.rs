//! Which scalar functions are there, and what do they return for one event?

use serde_json::Value;

use super::super::error::ApiError;
use super::super::events::Event;
use super::ast::Expr;
use super::catalog::Catalog;
use super::time;

/// What expressions are evaluated against.
pub struct Scope<'a> {
    /// Column defaults.
    pub catalog: &'a Catalog,
    /// Names for DOMAINNAME().
    pub domain_name: &'a dyn Fn(i64) -> String,
}

/// Look-up functions: name, the id column they take, the event key that holds the looked-up text.
const LOOKUPS: [(&str, &str, &str); 8] = [
    ("QIDNAME", "qid", "qidname"),
    ("QIDDESCRIPTION", "qid", "qiddescription"),
    ("LOGSOURCENAME", "logsourceid", "logsourcename"),
    ("LOGSOURCETYPENAME", "devicetype", "logsourcetypename"),
    ("CATEGORYNAME", "category", "categoryname"),
    ("CATEGORYNAME", "highlevelcategory", "highlevelcategoryname"),
    ("RULENAME", "creeventlist", "rulenames"),
    ("PROTOCOLNAME", "protocolid", "protocolname"),
];

const OTHERS: [(&str, usize); 6] = [
    ("UTF8", 1),
    ("DOMAINNAME", 1),
    ("DATEFORMAT", 2),
    ("LOWER", 1),
    ("UPPER", 1),
    ("LONG", 1),
];

/// Refuses unknown functions and wrong arguments.
pub fn check(name: &str, args: &[Expr], catalog: &Catalog) -> Result<(), ApiError> {
    let upper = name.to_ascii_uppercase();
    if LOOKUPS.iter().any(|(function, ..)| *function == upper) {
        return match args {
            [Expr::Column(column)] if lookup(&upper, column).is_some() => Ok(()),
            _ => Err(ApiError::aql(format!(
                "Function \"{upper}\" does not accept these arguments"
            ))),
        };
    }
    let Some((_, arity)) = OTHERS.iter().find(|(function, _)| *function == upper) else {
        return Err(ApiError::aql(format!("Function \"{name}\" does not exist")));
    };
    if args.len() != *arity {
        return Err(ApiError::aql(format!(
            "Function \"{upper}\" takes {arity} arguments, not {}",
            args.len()
        )));
    }
    let bytes = args
        .iter()
        .any(|arg| matches!(arg, Expr::Column(column) if catalog.is_bytes(column)));
    if bytes && upper != "UTF8" {
        return Err(wrong_bytes());
    }
    Ok(())
}

/// Raw bytes where a text is needed [R].
pub fn wrong_bytes() -> ApiError {
    ApiError::aql("Wrong argument type: \"byte[]\". \"String\" is required.")
}

fn lookup(upper: &str, column: &str) -> Option<&'static str> {
    LOOKUPS
        .iter()
        .find(|(f, id, _)| *f == upper && id.eq_ignore_ascii_case(column))
        .map(|(_, _, key)| *key)
}

/// The value of an expression for one event.
pub fn value(expr: &Expr, event: &Event, scope: &Scope<'_>) -> Value {
    match expr {
        Expr::Literal(value) => value.clone(),
        Expr::Column(name) => event.get(&name.to_ascii_lowercase(), scope.catalog),
        Expr::Call(name, args) => call(&name.to_ascii_uppercase(), args, event, scope),
    }
}

fn call(upper: &str, args: &[Expr], event: &Event, scope: &Scope<'_>) -> Value {
    if let [Expr::Column(column)] = args
        && let Some(key) = lookup(upper, column)
    {
        return event.get(key, scope.catalog);
    }
    let first = args.first().map_or(Value::Null, |arg| value(arg, event, scope));
    match (upper, first) {
        ("UTF8", text) => text,
        ("DOMAINNAME", Value::Number(id)) => Value::from((scope.domain_name)(id.as_i64().unwrap_or_default())),
        ("LOWER", Value::String(text)) => Value::from(text.to_lowercase()),
        ("UPPER", Value::String(text)) => Value::from(text.to_uppercase()),
        ("LONG", Value::String(text)) => text.parse::<i64>().map_or(Value::Null, Value::from),
        ("LONG", number @ Value::Number(_)) => number,
        ("DATEFORMAT", Value::Number(ms)) => match args.get(1) {
            Some(Expr::Literal(Value::String(pattern))) => {
                Value::from(time::format(ms.as_i64().unwrap_or_default(), pattern))
            }
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}
