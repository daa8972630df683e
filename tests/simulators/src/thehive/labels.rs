//! Which words go with the numbers? Severity, TLP and PAP labels on 5.x (contract 2.1).

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
