//! How are alerts found by their natural keys?

use std::collections::{BTreeMap, BTreeSet};

use super::{Filter, Query, Step};
use crate::bindings::synapse::thehive::alerts::AlertKey;

/// Rows asked for per key: natural keys are unique, but two creators can race (contract section 7), and then the oldest counts.
const ROWS_PER_KEY: usize = 2;

/// All alerts with these keys, the oldest first, in one request. None: there is nothing to ask.
pub fn alerts(keys: &[AlertKey]) -> Option<Query<'_>> {
    let mut groups: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for key in keys {
        groups
            .entry((&key.type_, &key.source))
            .or_default()
            .insert(&key.source_ref);
    }
    let mut filters: Vec<_> = groups
        .into_iter()
        .map(|((kind, source), references)| of_group(kind, source, references))
        .collect();
    // One group is the usual case, and plain for the server's index.
    let filter = if filters.len() > 1 {
        Filter::Or(filters)
    } else {
        filters.pop()?
    };
    let page = Step::Page {
        from: 0,
        to: keys.len().saturating_mul(ROWS_PER_KEY),
    };
    Some(Query {
        query: vec![Step::Alerts, Step::Filter(filter), Step::oldest_first(), page],
    })
}

fn of_group<'a>(kind: &str, source: &str, values: BTreeSet<&'a str>) -> Filter<'a> {
    Filter::And(vec![
        Filter::In {
            field: "sourceRef",
            values,
        },
        Filter::is("type", kind),
        Filter::is("source", source),
    ])
}
