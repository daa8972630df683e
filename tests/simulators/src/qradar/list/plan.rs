//! Which ids can match at all? Turns `id in (…)`, `id = n` and `id > n` into look-ups instead of scans.

use std::ops::Bound;

use super::filter::{Filter, Literal, Op};

/// Superset of the matching ids.
#[derive(Debug, PartialEq, Eq)]
pub enum Ids {
    /// Only these, ascending and without repeats.
    Listed(Vec<i64>),
    /// Everything between the bounds.
    Between(Bound<i64>, Bound<i64>),
}

/// Looks at the conditions that must all hold; the full filter is still evaluated on every candidate.
pub fn ids(filter: Option<&Filter>) -> Ids {
    let mut low = Bound::Unbounded;
    let mut high = Bound::Unbounded;
    for condition in filter.map(conditions).unwrap_or_default() {
        match condition {
            Filter::Compare(path, op, literal) if is_id(path) => {
                let Some(n) = literal.value.as_i64() else { continue };
                match op {
                    Op::Eq => return Ids::Listed(vec![n]),
                    Op::Gt => low = later(low, Bound::Excluded(n)),
                    Op::Ge => low = later(low, Bound::Included(n)),
                    Op::Lt => high = Bound::Excluded(n),
                    Op::Le => high = Bound::Included(n),
                    Op::Ne => {}
                }
            }
            Filter::In {
                path,
                values,
                negated: false,
            } if is_id(path) => return Ids::Listed(listed(values)),
            _ => {}
        }
    }
    // `id > 9 and id < 3`: nothing; a reversed range would panic in BTreeMap.
    match (edge(low), edge(high)) {
        (Some(from), Some(to)) if from >= to => Ids::Listed(between(low, high)),
        _ => Ids::Between(low, high),
    }
}

fn conditions(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::And(terms) => terms.iter().flat_map(conditions).collect(),
        other => vec![other],
    }
}

fn is_id(path: &[String]) -> bool {
    matches!(path, [name] if name == "id")
}

fn listed(values: &[Literal]) -> Vec<i64> {
    let mut ids: Vec<i64> = values.iter().filter_map(|literal| literal.value.as_i64()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn edge(bound: Bound<i64>) -> Option<i64> {
    match bound {
        Bound::Included(n) | Bound::Excluded(n) => Some(n),
        Bound::Unbounded => None,
    }
}

fn later(old: Bound<i64>, new: Bound<i64>) -> Bound<i64> {
    if edge(old) > edge(new) { old } else { new }
}

fn between(low: Bound<i64>, high: Bound<i64>) -> Vec<i64> {
    match (low, high) {
        (Bound::Included(a), Bound::Included(b)) if a == b => vec![a],
        _ => Vec::new(),
    }
}
