//! In which order does a list come? (`sort=-last_persisted_time,+id`, contract 2.3)

use std::cmp::Ordering;

use serde_json::Value;

use super::super::error::ApiError;
use super::columns::{Column, find};
use super::eval::compare;
use super::table::Row;

/// One sort key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Field name.
    pub name: &'static str,
    /// `-` in the parameter.
    pub descending: bool,
}

/// Parses the parameter. Every key needs its sign (an unescaped `+` arrives as a space and is refused, as documented);
/// `code` differs per endpoint: 1030 for offenses, 1012 for offense types.
pub fn parse(text: &str, columns: &'static [Column], code: i64) -> Result<Vec<Key>, ApiError> {
    let refused = || {
        ApiError::endpoint(
            422,
            code,
            "An error occurred while sorting.",
            "The sort parameter is not valid.",
        )
    };
    text.split(',')
        .map(|key| {
            let key = key.trim_end();
            let (descending, name) = match key.split_at_checked(1) {
                Some(("-", name)) => (true, name),
                Some(("+", name)) => (false, name),
                _ => return Err(refused()),
            };
            let column = find(columns, name).filter(|column| column.sort).ok_or_else(refused)?;
            Ok(Key {
                name: column.name,
                descending,
            })
        })
        .collect()
}

/// Sorts candidates that come in ascending id order; nulls last when ascending.
pub fn sort(rows: &mut [&Row], keys: &[Key]) {
    match keys {
        [
            Key {
                name: "id",
                descending: false,
            },
            ..,
        ] => {}
        [
            Key {
                name: "id",
                descending: true,
            },
            ..,
        ] => rows.reverse(),
        _ => rows.sort_by(|a, b| {
            keys.iter()
                .map(|key| order(a, b, *key))
                .find(|o| o.is_ne())
                .unwrap_or(Ordering::Equal)
        }),
    }
}

fn order(a: &Row, b: &Row, key: Key) -> Ordering {
    let (a, b) = (
        a.get(key.name).unwrap_or(&Value::Null),
        b.get(key.name).unwrap_or(&Value::Null),
    );
    let ascending = match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare(a, b).unwrap_or(Ordering::Equal),
    };
    if key.descending { ascending.reverse() } else { ascending }
}
