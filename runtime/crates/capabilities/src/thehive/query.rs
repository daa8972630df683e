//! How is an alert searched for? A v1 query pipeline (contract 3.1) from typed parts only: a value can never become an operator
//! (threat row 27).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::bindings::synapse::thehive::alerts::AlertKey;

/// Rows asked for per key: natural keys are unique, but two creators can race (contract section 7), and then the oldest counts.
const ROWS_PER_KEY: usize = 2;

/// `POST /api/v1/query`
#[derive(Debug, Serialize)]
pub(super) struct Query<'a> {
    query: Vec<Step<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "_name")]
enum Step<'a> {
    #[serde(rename = "listAlert")]
    Alerts,
    #[serde(rename = "listObservableType")]
    ObservableTypes,
    #[serde(rename = "filter")]
    Filter(Filter<'a>),
    #[serde(rename = "sort")]
    Sort {
        #[serde(rename = "_fields")]
        fields: [BTreeMap<&'static str, &'static str>; 1],
    },
    #[serde(rename = "page")]
    Page { from: usize, to: usize },
}

/// The operators that 4 and 5 share.
#[derive(Debug, Serialize)]
enum Filter<'a> {
    #[serde(rename = "_and")]
    And(Vec<Self>),
    #[serde(rename = "_or")]
    Or(Vec<Self>),
    #[serde(rename = "_is")]
    Is {
        #[serde(rename = "_field")]
        field: &'static str,
        #[serde(rename = "_value")]
        value: &'a str,
    },
    #[serde(rename = "_in")]
    In {
        #[serde(rename = "_field")]
        field: &'static str,
        #[serde(rename = "_values")]
        values: BTreeSet<&'a str>,
    },
}

/// All alerts with these keys, the oldest first, in one request. None: there is nothing to ask.
pub(super) fn alerts(keys: &[AlertKey]) -> Option<Query<'_>> {
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
    let oldest_first = Step::Sort {
        fields: [BTreeMap::from([("_createdAt", "asc")])],
    };
    let page = Step::Page {
        from: 0,
        to: keys.len().saturating_mul(ROWS_PER_KEY),
    };
    Some(Query {
        query: vec![Step::Alerts, Step::Filter(filter), oldest_first, page],
    })
}

fn of_group<'a>(kind: &'a str, source: &'a str, values: BTreeSet<&'a str>) -> Filter<'a> {
    Filter::And(vec![
        Filter::In {
            field: "sourceRef",
            values,
        },
        Filter::Is {
            field: "type",
            value: kind,
        },
        Filter::Is {
            field: "source",
            value: source,
        },
    ])
}

/// The types of observables that the organisation knows.
pub(super) fn observable_types() -> Query<'static> {
    Query {
        query: vec![Step::ObservableTypes],
    }
}
