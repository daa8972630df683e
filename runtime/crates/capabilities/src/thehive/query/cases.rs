//! How are cases found: by what a guest knows of them, and by the marker of an effect?

use std::collections::BTreeSet;

use serde_json::Value;

use super::cursor::Place;
use super::{Filter, Query, Step};
use crate::bindings::synapse::thehive::cases::CaseFilter;
use crate::thehive::types;

/// Cases of one page.
pub const CASES: usize = 100;
/// The stages of a case that is not closed. Organisations name their own statuses, so the stage decides (contract 2.1).
const OPEN: [&str; 2] = ["New", "InProgress"];

/// `rows` cases that fit, newest first, from this place on.
pub fn cases<'a>(filter: &CaseFilter, place: Option<&Place>, rows: usize) -> Query<'a> {
    let CaseFilter {
        tags,
        title,
        custom_fields,
        open,
    } = filter;
    let mut all: Vec<_> = tags.iter().map(|tag| Filter::is("tags", tag)).collect();
    all.extend(title.as_deref().map(|title| Filter::is("title", title)));
    all.extend(
        custom_fields
            .iter()
            .map(|field| Filter::custom(&field.name, types::value(&field.value))),
    );
    if *open {
        all.push(Filter::In {
            field: "stage",
            values: BTreeSet::from(OPEN),
        });
    }
    // By time and not by offset alone: what is created or deleted meanwhile moves no case out of sight (contract section 8).
    all.extend(place.map(|place| Filter::AtMost {
        field: "_createdAt",
        value: place.created_at,
    }));
    let from = place.map_or(0, |place| place.seen);
    let page = Step::Page {
        from,
        to: from.saturating_add(rows),
    };
    Query {
        query: vec![Step::Cases, Step::Filter(Filter::And(all)), Step::newest_first(), page],
    }
}

/// The oldest case with this marker, in the custom field or else as a tag.
pub fn marked_case<'a>(marker: &str, marker_field: Option<&str>) -> Query<'a> {
    let filter = match marker_field {
        Some(name) => Filter::custom(name, Value::from(marker)),
        None => Filter::is("tags", marker),
    };
    let first = Step::Page { from: 0, to: 1 };
    Query {
        query: vec![Step::Cases, Step::Filter(filter), Step::oldest_first(), first],
    }
}
