//! Which observables does the server accept? Unknown types become `other` (D15), equal ones become one (D14): otherwise the whole
//! alert would be refused.

use std::collections::HashMap;

use super::types::{ObservableBody, ObservableTypeRow};
use crate::bindings::synapse::thehive::alerts::Observable;

/// The type that every server has and that holds any text.
const OTHER: &str = "other";

/// The types that an organisation knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownTypes(Vec<ObservableTypeRow>);

impl KnownTypes {
    pub fn new(rows: Vec<ObservableTypeRow>) -> Self {
        Self(rows)
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|row| row.name.clone()).collect()
    }

    /// Does the type exist, and does it hold text rather than a file?
    fn holds_text(&self, name: &str) -> bool {
        self.0.iter().any(|row| row.name == name && !row.is_attachment)
    }
}

/// The observables of a new alert as they are sent. They carry the alert's own TLP and PAP, so that none is less guarded than it.
pub(super) fn prepare(observables: &[Observable], known: &KnownTypes, tlp: u8, pap: u8) -> Vec<ObservableBody> {
    let mut kept: Vec<ObservableBody> = Vec::with_capacity(observables.len());
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for observable in observables {
        let mut tags = observable.tags.clone();
        let mut data_type = observable.data_type.as_str();
        if !known.holds_text(data_type) {
            tags.push(format!("type:{data_type}"));
            data_type = OTHER;
        }
        // Two unknown types may become equal only here, so this comes after the guest's own merging.
        let place = places
            .entry((data_type.to_owned(), observable.data.clone()))
            .or_insert(kept.len());
        match kept.get_mut(*place) {
            Some(earlier) => merge(earlier, observable, tags),
            None => kept.push(ObservableBody {
                data_type: data_type.to_owned(),
                data: observable.data.clone(),
                message: observable.message.clone(),
                tags: unique(tags),
                ioc: observable.ioc,
                ignore_similarity: observable.ignore_similarity,
                tlp,
                pap,
            }),
        }
    }
    kept
}

/// The union of two observables with the same type and data.
fn merge(earlier: &mut ObservableBody, later: &Observable, tags: Vec<String>) {
    earlier.tags.extend(tags);
    earlier.tags = unique(std::mem::take(&mut earlier.tags));
    earlier.ioc |= later.ioc;
    // One of them should be found by similarity, so the one that is left should.
    earlier.ignore_similarity &= later.ignore_similarity;
    earlier.message = match (earlier.message.take(), later.message.clone()) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}\n{other}")),
        (one, other) => one.or(other),
    };
}

fn unique(tags: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}
