//! Which words go with the numbers? Severity, TLP and PAP labels and the stages of alert statuses on 5.x (contract 2.1).

use serde_json::{Map, Value};

/// Sets the label beside each of `severity`, `tlp` and `pap` that is present.
pub fn set_labels(body: &mut Map<String, Value>) {
    for (field, label, names) in [
        (
            "severity",
            "severityLabel",
            &["", "LOW", "MEDIUM", "HIGH", "CRITICAL"][..],
        ),
        (
            "tlp",
            "tlpLabel",
            &["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"][..],
        ),
        ("pap", "papLabel", &["CLEAR", "GREEN", "AMBER", "RED"][..]),
    ] {
        let index = body
            .get(field)
            .and_then(Value::as_u64)
            .and_then(|value| usize::try_from(value).ok());
        if let Some(name) = index.and_then(|index| names.get(index)) {
            body.insert(label.to_owned(), (*name).into());
        }
    }
}

/// The stage of a built-in case status; None for one this server does not know.
pub fn case_stage(status: &str) -> Option<&'static str> {
    match status {
        "New" => Some("New"),
        "InProgress" => Some("InProgress"),
        "Indeterminate" | "FalsePositive" | "TruePositive" | "Other" | "Duplicated" => Some("Closed"),
        _ => None,
    }
}

/// The stage of a built-in alert status; None for one this server does not know.
pub fn alert_stage(status: &str) -> Option<&'static str> {
    match status {
        "New" => Some("New"),
        "InProgress" | "Pending" => Some("InProgress"),
        "Imported" => Some("Imported"),
        "Ignored" | "FalsePositive" | "Duplicate" => Some("Closed"),
        _ => None,
    }
}
