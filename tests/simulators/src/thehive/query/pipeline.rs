//! In which steps is a query run? initial, traversals, filters, sort, then page or count; `X-Total` when a page asks for it.

use super::{
    extra::with_extra,
    filter::Filter,
    property::{Property, compare},
    rows::{Rows, View, unknown_step},
};
use crate::thehive::{app::TheHive, body::Json, error::ApiError, session::Session, store::Entity};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderName;
use serde_json::{Map, Value};
use std::{cmp::Ordering, sync::Arc};

/// Steps of one query.
const MAX_STEPS: usize = 64;

/// What a pipeline ends in.
enum Outcome<'a> {
    /// The entities, their total if it was asked for, and what extra data they shall carry.
    Rows(Vec<&'a Entity>, Option<usize>, Vec<&'a str>),
    Count(usize),
}

/// `POST /api/v1/query {"query": [..], "excludeFields": [..]}`: an array, or a bare number after `count`.
pub async fn handler(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<Response, ApiError> {
    let steps = body.get("query").and_then(Value::as_array);
    let steps = steps.ok_or_else(|| ApiError::bad_request("query: a list of steps is expected"))?;
    if steps.len() > MAX_STEPS {
        return Err(ApiError::bad_request(format!("query: more than {MAX_STEPS} steps")));
    }
    let excluded: Vec<&str> = match body.get("excludeFields") {
        Some(list) => list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect(),
        None => Vec::new(),
    };
    let hive = app.lock();
    let view = View {
        hive: &hive,
        session: &session,
        now_ms: app.control.now_ms(),
    };
    match run(&view, steps)? {
        Outcome::Count(count) => Ok(axum::Json(count).into_response()),
        Outcome::Rows(rows, total, extra) => {
            let mut response = if excluded.is_empty() && extra.is_empty() {
                axum::Json(rows.iter().map(|row| &row.body).collect::<Vec<_>>()).into_response()
            } else {
                let changed = |row: &&Entity| -> Map<String, Value> {
                    let mut body = if extra.is_empty() {
                        row.body.clone()
                    } else {
                        with_extra(&view, row, &extra)
                    };
                    body.retain(|name, _| !excluded.contains(&name.as_str()));
                    body
                };
                axum::Json(rows.iter().map(changed).collect::<Vec<_>>()).into_response()
            };
            if let Some(total) = total {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static("x-total"), total.into());
            }
            Ok(response)
        }
    }
}

fn run<'a>(view: &View<'a>, steps: &'a [Value]) -> Result<Outcome<'a>, ApiError> {
    let mut steps = steps.iter().map(step);
    let (name, first) = steps.next().ok_or_else(|| ApiError::bad_request("query: no step"))??;
    let mut steps = steps.peekable();
    let mut rows = match View::list_kind(name) {
        Some(kind) => {
            // Peeked at for an index, and run as a step all the same.
            let filter = match steps.peek() {
                Some(Ok(("filter", step))) => Some(Filter::parse(kind, step)?),
                _ => None,
            };
            view.list(
                kind,
                filter.and_then(|filter| filter.candidates(&view.hive.store, kind)),
            )
        }
        None => view.initial(name, first)?,
    };
    while let Some(step) = steps.next() {
        let (name, step) = step?;
        match name {
            "filter" => {
                let filter = Filter::parse(rows.kind, step)?;
                rows.entities.retain(|entity| filter.keeps(entity));
            }
            "sort" => sort(&mut rows, step)?,
            "page" | "count" | "limitedCount" => {
                if steps.next().is_some() {
                    return Err(ApiError::bad_request(format!("query: nothing may follow {name}")));
                }
                return if name == "page" {
                    page(rows, step)
                } else {
                    Ok(Outcome::Count(rows.entities.len()))
                };
            }
            name => rows = view.traverse(&rows, name)?,
        }
    }
    // Without a page everything is returned: there is no default limit (contract 3.1).
    Ok(Outcome::Rows(rows.entities, None, Vec::new()))
}

fn step(value: &Value) -> Result<(&str, &Map<String, Value>), ApiError> {
    let step = value
        .as_object()
        .ok_or_else(|| ApiError::bad_request("query: every step is an object"))?;
    let name = step.get("_name").and_then(Value::as_str);
    Ok((name.ok_or_else(|| unknown_step("a step without _name"))?, step))
}

fn sort(rows: &mut Rows<'_>, step: &Map<String, Value>) -> Result<(), ApiError> {
    let wrong = || ApiError::bad_request("sort: _fields must be a list of {field: \"asc\" or \"desc\"}");
    let mut keys = Vec::new();
    for field in step.get("_fields").and_then(Value::as_array).ok_or_else(wrong)? {
        for (name, direction) in field.as_object().ok_or_else(wrong)? {
            let ascending = match direction.as_str() {
                Some("asc") => true,
                Some("desc") => false,
                _ => return Err(wrong()),
            };
            keys.push((Property::new(rows.kind, name)?, ascending));
        }
    }
    // Stable: equal keys stay in order of creation. Entities without the property come last.
    rows.entities.sort_by(|one, other| {
        let by_key = |(property, ascending): &(Property, bool)| {
            let order = match (property.of(&one.body), property.of(&other.body)) {
                (Some(one), Some(other)) => compare(one, other).unwrap_or(Ordering::Equal),
                (None, None) => Ordering::Equal,
                (None, Some(_)) => return Ordering::Greater,
                (Some(_), None) => return Ordering::Less,
            };
            if *ascending { order } else { order.reverse() }
        };
        keys.iter()
            .map(by_key)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

/// `from` inclusive, `to` exclusive.
fn page<'a>(rows: Rows<'a>, step: &'a Map<String, Value>) -> Result<Outcome<'a>, ApiError> {
    let bound = |name: &str| {
        let value = step
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|value| usize::try_from(value).ok());
        value.ok_or_else(|| ApiError::bad_request(format!("page: {name} must be a number from 0")))
    };
    let (from, to) = (bound("from")?, bound("to")?);
    let wanted = step.get("extraData").and_then(Value::as_array).into_iter().flatten();
    let mut extra: Vec<&str> = wanted.filter_map(Value::as_str).collect();
    let total = extra.contains(&"total").then_some(rows.entities.len());
    extra.retain(|name| *name != "total");
    let entities = rows
        .entities
        .into_iter()
        .skip(from)
        .take(to.saturating_sub(from))
        .collect();
    Ok(Outcome::Rows(entities, total, extra))
}
