//! How is what was created or changed since a moment asked for, oldest first?

use std::collections::BTreeSet;

use super::{Filter, Query, Step};

/// Rows from this moment on, without the first `seen` of them. By time and not by offset alone: what is changed meanwhile moves to the
/// end, and must not push another row out of sight (contract section 8).
pub fn changes<'a>(alerts: bool, field: &'static str, closed: bool, from: u64, seen: usize, rows: usize) -> Query<'a> {
    let mut all = vec![Filter::AtLeast { field, value: from }];
    if closed {
        all.push(Filter::In {
            field: "stage",
            values: BTreeSet::from(["Closed"]),
        });
    }
    let page = Step::Page {
        from: seen,
        to: seen.saturating_add(rows),
    };
    let list = if alerts { Step::Alerts } else { Step::Cases };
    Query {
        query: vec![list, Step::Filter(Filter::And(all)), Step::by(field, "asc"), page],
    }
}
