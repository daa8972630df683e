//! Which rows does a query return?

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::super::events::{Event, Events};
use super::super::list::eval::compare;
use super::ast::{Aggregate, Cell, Expr, Query, Window};
use super::condition::{holds, offense};
use super::functions::{Scope, value};

/// When and for whom a query runs.
pub struct Run<'a> {
    /// The event store.
    pub events: &'a Events,
    /// Column defaults and domain names.
    pub scope: Scope<'a>,
    /// Time of the search, epoch milliseconds; STOP without a value.
    pub now_ms: i64,
    /// Events become searchable so long after their start (contract 5, search lag).
    pub index_delay_ms: i64,
    /// Domains of the caller; `None` = all.
    pub domains: Option<&'a [i64]>,
}

/// Result rows, and how many events were looked at.
pub fn run(query: &Query, run: &Run<'_>) -> (Vec<Map<String, Value>>, usize) {
    let (start, stop) = match query.window {
        Window::Last(ms) => (run.now_ms.saturating_sub(ms), run.now_ms),
        Window::Between(start, stop) => (start, stop.unwrap_or(run.now_ms)),
    };
    let candidates = run.events.candidates(offense(query.condition.as_ref()));
    let looked_at = candidates.len();
    let mut hits: Vec<&Event> = candidates
        .into_iter()
        .filter(|event| (start..=stop).contains(&event.starttime))
        .filter(|event| event.starttime.saturating_add(run.index_delay_ms) <= run.now_ms || run.index_delay_ms == 0)
        .filter(|event| run.domains.is_none_or(|own| own.contains(&event.domain_id)))
        .filter(|event| {
            query
                .condition
                .as_ref()
                .is_none_or(|condition| holds(condition, event, &run.scope))
        })
        .collect();
    // Without ORDER BY newest first [R].
    hits.sort_by_key(|event| std::cmp::Reverse(event.starttime));
    let mut rows: Vec<Vec<Value>> = if query.grouped() {
        groups(query, &hits, &run.scope)
            .iter()
            .map(|group| grouped_row(query, group, &run.scope))
            .collect()
    } else {
        if query.order_by.is_empty() {
            hits.truncate(query.limit.unwrap_or(usize::MAX));
        }
        hits.iter().map(|event| plain_row(query, event, &run.scope)).collect()
    };
    if !query.order_by.is_empty() {
        rows.sort_by(|a, b| order(query, a, b));
    }
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    let named = |row: Vec<Value>| {
        let visible = query.items.iter().take(query.visible);
        visible
            .zip(row)
            .map(|(item, value)| (item.name.clone(), value))
            .collect()
    };
    (rows.into_iter().map(named).collect(), looked_at)
}

fn order(query: &Query, a: &[Value], b: &[Value]) -> Ordering {
    for (at, descending) in &query.order_by {
        let (a, b) = (a.get(*at).unwrap_or(&Value::Null), b.get(*at).unwrap_or(&Value::Null));
        let ascending = match (a.is_null(), b.is_null()) {
            (false, false) => compare(a, b).unwrap_or(Ordering::Equal),
            (a, b) => a.cmp(&b),
        };
        let ordering = if *descending { ascending.reverse() } else { ascending };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

fn plain_row(query: &Query, event: &Event, scope: &Scope<'_>) -> Vec<Value> {
    let cell = |cell: &Cell| match cell {
        Cell::Plain(expr) => value(expr, event, scope),
        Cell::Aggregate(..) => Value::Null,
    };
    query.items.iter().map(|item| cell(&item.cell)).collect()
}

/// Groups in order of their first (newest) event; without GROUP BY one group, even when it is empty.
fn groups<'a>(query: &Query, hits: &[&'a Event], scope: &Scope<'_>) -> Vec<Vec<&'a Event>> {
    if query.group_by.is_empty() {
        return vec![hits.to_vec()];
    }
    let mut groups: Vec<Vec<&Event>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for event in hits {
        let key: Vec<Value> = query.group_by.iter().map(|expr| value(expr, event, scope)).collect();
        let place = *places.entry(Value::Array(key).to_string()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place) {
            group.push(event);
        }
    }
    groups
}

fn grouped_row(query: &Query, group: &[&Event], scope: &Scope<'_>) -> Vec<Value> {
    let cell = |cell: &Cell| match cell {
        Cell::Plain(expr) => group.first().map_or(Value::Null, |event| value(expr, event, scope)),
        Cell::Aggregate(aggregate, inner) => aggregated(*aggregate, inner.as_ref(), group, scope),
    };
    query.items.iter().map(|item| cell(&item.cell)).collect()
}

/// Aggregates are doubles, also counts (contract 4).
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of events in memory are far below 2^53"
)]
fn aggregated(aggregate: Aggregate, inner: Option<&Expr>, group: &[&Event], scope: &Scope<'_>) -> Value {
    let Some(inner) = inner else {
        return Value::from(group.len() as f64);
    };
    let values: Vec<Value> = group
        .iter()
        .map(|event| value(inner, event, scope))
        .filter(|v| !v.is_null())
        .collect();
    let numbers = || values.iter().filter_map(Value::as_f64);
    match aggregate {
        Aggregate::Count => Value::from(values.len() as f64),
        Aggregate::Sum => Value::from(numbers().sum::<f64>()),
        Aggregate::Avg if numbers().next().is_none() => Value::Null,
        Aggregate::Avg => Value::from(numbers().sum::<f64>() / numbers().count() as f64),
        Aggregate::Min => numbers().reduce(f64::min).map_or(Value::Null, Value::from),
        Aggregate::Max => numbers().reduce(f64::max).map_or(Value::Null, Value::from),
        Aggregate::UniqueCount => {
            let distinct: HashSet<String> = values.iter().map(Value::to_string).collect();
            Value::from(distinct.len() as f64)
        }
        Aggregate::First => values.first().cloned().unwrap_or(Value::Null),
        Aggregate::Last => values.last().cloned().unwrap_or(Value::Null),
    }
}
