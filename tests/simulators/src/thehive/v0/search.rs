//! How does `_search` answer? Range and sort from the query string, ten rows without one (D19), the number of rows in a header.

use super::{
    Flavour,
    call::{Answer, Call},
    filter::{Row, keeps},
    show,
};
use crate::thehive::{error::ApiError, kind::Kind};
use axum::response::{IntoResponse, Response};
use http::HeaderName;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Rows without a range.
const DEFAULT: usize = 10;
/// From this number on 4 counts no further and answers it negative (`query.limitedCountThreshold`).
const COUNTED: usize = 1_000;

/// The asked part of the rows of a kind that pass; only those below `parent` if it is given.
pub fn rows(call: &Call, kind: Kind, parent: Option<(Kind, &str)>) -> Result<Response, Answer> {
    let mut found = found(call, kind, parent)?;
    sort(call, &mut found);
    let total = total(call.flavour, found.len());
    let (from, to) = range(call)?;
    let page: Vec<Value> = found.into_iter().skip(from).take(to.saturating_sub(from)).collect();
    Ok(([(HeaderName::from_static("x-total"), total)], axum::Json(page)).into_response())
}

/// All rows of a kind that pass, in no order.
pub fn found(call: &Call, kind: Kind, parent: Option<(Kind, &str)>) -> Result<Vec<Value>, Answer> {
    let hive = call.app.lock();
    let parent = match parent {
        Some((kind, id)) => Some(call.find(&hive, kind, id)?),
        None => None,
    };
    let nothing = json!({});
    let filter = call.form.json.get("query").unwrap_or(&nothing);
    let mut found: Vec<Value> = Vec::new();
    for id in hive.store.ids(kind) {
        let Some(entity) = hive.store.get(id) else { continue };
        let foreign = kind.in_organisation() && entity.organisation != call.session.organisation;
        let above = entity.parent.and_then(|parent| hive.store.get(parent));
        // What belongs to an alert is inside the alert, and no artifact of a case.
        let inside = kind == Kind::Observable && above.is_none_or(|above| above.kind != Kind::Case);
        if foreign || inside || parent.is_some_and(|parent| entity.parent != Some(parent)) {
            continue;
        }
        let shown = show::entity(&hive, call.flavour, id);
        let above = above.map(|above| show::entity(&hive, call.flavour, above.id));
        let below = || {
            let kinds = [Kind::Task, Kind::Log, Kind::Observable];
            let ids = kinds.into_iter().flat_map(|kind| hive.store.children(id, kind));
            ids.map(|id| show::entity(&hive, call.flavour, id)).collect()
        };
        let row = Row {
            shown: &shown,
            parent: above.as_ref(),
            children: &below,
        };
        if keeps(call.flavour, filter, &row)? {
            found.push(shown);
        }
    }
    Ok(found)
}

fn total(flavour: Flavour, rows: usize) -> String {
    if flavour == Flavour::V4 && rows >= COUNTED {
        format!("-{COUNTED}")
    } else {
        rows.to_string()
    }
}

/// `all`, or from inclusive to exclusive; an empty one is ten rows.
fn range(call: &Call) -> Result<(usize, usize), Answer> {
    let given = call.query.iter().find(|(name, _)| name == "range");
    let Some((_, text)) = given else {
        return Ok((0, DEFAULT));
    };
    if text == "all" {
        return Ok((0, usize::MAX));
    }
    let numbers = text
        .split_once('-')
        .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let (from, to): (usize, usize) = numbers.ok_or_else(|| Answer::from(ApiError::bad_request("range: a-b or all")))?;
    Ok(if to <= from {
        (from, from.saturating_add(DEFAULT))
    } else {
        (from, to)
    })
}

fn sort(call: &Call, rows: &mut [Value]) {
    let keys: Vec<String> = call
        .query
        .iter()
        .filter(|(name, _)| name == "sort")
        .flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    rows.sort_by(|one, other| {
        let by = |key: &String| {
            let name = key.trim_start_matches(['+', '-', ' ']);
            let order = compare(&one[name], &other[name]);
            if key.starts_with('-') { order.reverse() } else { order }
        };
        keys.iter()
            .map(by)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
}

fn compare(one: &Value, other: &Value) -> Ordering {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => one.as_str().cmp(&other.as_str()),
    }
}
