//! How does TheHive spell the statuses that an organisation has (contract 2.1)?

use serde::Deserialize;

use crate::bindings::synapse::thehive::statuses::{Status, Subject};

/// The stage of what is done with.
pub const CLOSED: &str = "Closed";
/// The stage of what somebody works on.
pub const IN_PROGRESS: &str = "InProgress";

/// The statuses of cases that every TheHive 5 has, by stage.
const CASES: [(&str, &[&str]); 3] = [
    ("New", &["New"]),
    (IN_PROGRESS, &["InProgress"]),
    (
        CLOSED,
        &["Indeterminate", "FalsePositive", "TruePositive", "Other", "Duplicated"],
    ),
];
/// The statuses of alerts that every TheHive 5 has, by stage.
const ALERTS: [(&str, &[&str]); 4] = [
    ("New", &["New"]),
    (IN_PROGRESS, &["InProgress", "Pending"]),
    (CLOSED, &["Ignored", "FalsePositive", "Duplicate"]),
    ("Imported", &["Imported"]),
];

/// How a case of 3 and 4 can end, and what it is until then; and the read flag of their alerts.
const CASES_OF_V0: [(&str, &[&str]); 2] = [
    (IN_PROGRESS, &["Open"]),
    (
        CLOSED,
        &["Indeterminate", "FalsePositive", "TruePositive", "Other", "Duplicated"],
    ),
];
const ALERTS_OF_V0: [(&str, &[&str]); 3] = [
    ("New", &["New", "Updated"]),
    (CLOSED, &["Ignored"]),
    ("Imported", &["Imported"]),
];

/// `OutputCaseStatus` and `OutputAlertStatus`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StatusRow {
    pub value: String,
    pub stage: String,
    #[serde(default)]
    pub hidden: bool,
    #[serde(default)]
    pub order: i64,
}

impl StatusRow {
    /// Is it meant by this name? Case, blanks and what stands between words do not matter (D26).
    pub fn is_called(&self, name: &str) -> bool {
        plain(&self.value) == plain(name)
    }

    /// As guests see it.
    pub fn into_status(self) -> Status {
        Status {
            name: self.value,
            stage: self.stage,
            hidden: self.hidden,
        }
    }
}

/// The statuses that every server has.
pub fn built_in(subject: Subject) -> Vec<StatusRow> {
    let stages: &[(&str, &[&str])] = match subject {
        Subject::Case => &CASES,
        Subject::Alert => &ALERTS,
    };
    rows(stages)
}

/// The statuses of 3 and 4: they are fixed.
pub fn of_v0(subject: Subject) -> Vec<StatusRow> {
    rows(match subject {
        Subject::Case => &CASES_OF_V0,
        Subject::Alert => &ALERTS_OF_V0,
    })
}

fn rows(stages: &[(&str, &[&str])]) -> Vec<StatusRow> {
    let row = |stage: &str, name: &str| StatusRow {
        value: name.to_owned(),
        stage: stage.to_owned(),
        hidden: false,
        order: 0,
    };
    let rows = stages
        .iter()
        .flat_map(|(stage, names)| names.iter().map(|name| row(stage, name)));
    rows.collect()
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}
