//! Which statuses does the fake organisation have, and what do they mean?

use super::invalid;
use crate::error::Error;
use crate::fake::Fake;
use crate::thehive::{CustomField, Status, Statuses, Subject};

/// Those that every TheHive 5 has: name and stage.
const CASES: [(&str, &str); 7] = [
    ("New", "New"),
    ("InProgress", "InProgress"),
    ("Indeterminate", "Closed"),
    ("FalsePositive", "Closed"),
    ("TruePositive", "Closed"),
    ("Other", "Closed"),
    ("Duplicated", "Closed"),
];
const ALERTS: [(&str, &str); 7] = [
    ("New", "New"),
    ("InProgress", "InProgress"),
    ("Pending", "InProgress"),
    ("Ignored", "Closed"),
    ("FalsePositive", "Closed"),
    ("Duplicate", "Closed"),
    ("Imported", "Imported"),
];

fn known(subject: Subject) -> &'static [(&'static str, &'static str)] {
    match subject {
        Subject::Case => &CASES,
        Subject::Alert => &ALERTS,
    }
}

/// The stage of a status.
pub(super) fn stage(subject: Subject, status: &str) -> Result<String, Error> {
    let found = known(subject).iter().find(|(name, _)| *name == status);
    let unknown = || invalid("status", format!("`{status}` is no status here"));
    Ok(found.ok_or_else(unknown)?.1.to_owned())
}

/// The status of the stage `Closed` that is meant by this name.
pub(super) fn closed(name: &str) -> Result<String, Error> {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let found = CASES
        .iter()
        .find(|(known, stage)| *stage == "Closed" && plain(known) == plain(name));
    let unknown = || invalid("closing.status", format!("`{name}` closes no case here"));
    Ok(found.ok_or_else(unknown)?.0.to_owned())
}

/// Sets fields by name; others stay.
pub(super) fn set_fields(fields: &mut Vec<CustomField>, set: &[CustomField]) {
    for field in set {
        fields.retain(|known| known.name != field.name);
        fields.push(field.clone());
    }
}

impl Statuses for Fake {
    fn list_statuses(&self, _: &String, subject: Subject) -> Result<Vec<Status>, Error> {
        self.call("thehive/statuses.list-statuses", &subject)?;
        let status = |(name, stage): &(&str, &str)| Status {
            name: (*name).to_owned(),
            stage: (*stage).to_owned(),
            hidden: false,
        };
        Ok(known(subject).iter().map(status).collect())
    }
}
