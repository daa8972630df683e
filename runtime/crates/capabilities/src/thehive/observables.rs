//! Which observables does the server accept? Unknown types become `other` (D15), equal ones become one (D14): otherwise the whole
//! alert would be refused.

use std::collections::HashMap;

use super::types::{self, ObservableBody, ObservableTypeRow};
use crate::bindings::synapse::thehive::alerts::Observable;
use crate::bindings::synapse::thehive::observables::FileObservable;

/// The type that every server has and that holds any text.
const OTHER: &str = "other";

/// The type whose values are files.
const FILE: &str = "file";

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
        let body = one(observable, known, tlp, pap);
        // Two unknown types may become equal only here, so this comes after the guest's own merging.
        let place = places
            .entry((body.data_type.clone(), observable.data.clone()))
            .or_insert(kept.len());
        match kept.get_mut(*place) {
            Some(earlier) => merge(earlier, body),
            None => kept.push(body),
        }
    }
    kept
}

/// One observable as it is sent.
pub(super) fn one(observable: &Observable, known: &KnownTypes, tlp: u8, pap: u8) -> ObservableBody {
    let mut tags = observable.tags.clone();
    let mut data_type = observable.data_type.as_str();
    if !known.holds_text(data_type) {
        tags.push(typed(data_type));
        data_type = OTHER;
    }
    ObservableBody {
        data_type: data_type.to_owned(),
        data: Some(observable.data.clone()),
        message: observable.message.clone(),
        tags: unique(tags),
        ioc: observable.ioc,
        ignore_similarity: observable.ignore_similarity,
        tlp,
        pap,
    }
}

/// A text that is too long for a value, as the description of a file (D17).
pub(super) fn as_file(observable: &Observable, tlp: u8, pap: u8) -> ObservableBody {
    let mut tags = observable.tags.clone();
    tags.push(typed(&observable.data_type));
    ObservableBody {
        data_type: FILE.to_owned(),
        data: None,
        message: observable.message.clone(),
        tags: unique(tags),
        ioc: observable.ioc,
        ignore_similarity: observable.ignore_similarity,
        tlp,
        pap,
    }
}

/// The description of a file. A name that is not sent as it is stands in the message (D16).
pub(super) fn of_file(observable: &FileObservable, name: &str, tlp: u8, pap: u8) -> ObservableBody {
    let note = types::note(name);
    let lines: Vec<&str> = observable
        .message
        .as_deref()
        .into_iter()
        .chain(note.as_deref())
        .collect();
    ObservableBody {
        data_type: FILE.to_owned(),
        data: None,
        message: (!lines.is_empty()).then(|| lines.join("\n\n")),
        tags: unique(observable.tags.clone()),
        ioc: observable.ioc,
        ignore_similarity: observable.ignore_similarity,
        tlp,
        pap,
    }
}

/// The tag that keeps the name of a type.
fn typed(data_type: &str) -> String {
    format!("type:{data_type}")
}

/// The union of two observables with the same type and data.
fn merge(earlier: &mut ObservableBody, later: ObservableBody) {
    earlier.tags.extend(later.tags);
    earlier.tags = unique(std::mem::take(&mut earlier.tags));
    earlier.ioc |= later.ioc;
    // One of them should be found by similarity, so the one that is left should.
    earlier.ignore_similarity &= later.ignore_similarity;
    earlier.message = match (earlier.message.take(), later.message) {
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
