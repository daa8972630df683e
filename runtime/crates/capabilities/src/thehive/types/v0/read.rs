//! What does an answer of 3 or 4 say in the words of v1? Names by the table of contract 2.1, TLP by label, the stage derived.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::fields;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::types::{CLOSED, IN_PROGRESS, unreadable};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::thehive) enum Kind {
    /// `case`
    Case,
    /// `alert`
    Alert,
    /// `case_task`
    Task,
    /// `case_task_log`
    Log,
    /// `case_artifact`
    Observable,
    /// `user`
    User,
}

/// Who and when, under both names.
const AUDIT: [(&str, &str); 4] = [
    ("createdAt", "_createdAt"),
    ("createdBy", "_createdBy"),
    ("updatedAt", "_updatedAt"),
    ("updatedBy", "_updatedBy"),
];
/// Red on 3 and 4, and on 5, whose 3 is amber and strict.
const RED: (i64, i64) = (3, 4);

/// Reads a row as v1's.
pub(in crate::thehive) fn read<T: DeserializeOwned>(kind: Kind, row: Value) -> Result<T, Error> {
    serde_json::from_value(Value::Object(v1(kind, row)?)).map_err(|error| {
        unreadable(&format!(
            "JSON of another shape ({:?}); is it TheHive 3 or 4?",
            error.classify()
        ))
    })
}

/// An answer to new observables in the words of v1, whichever of its three shapes it has.
pub(in crate::thehive) fn added(answer: Value) -> Result<Value, Error> {
    let one = |row: Value| v1(Kind::Observable, row).map(Value::Object);
    match answer {
        Value::Array(rows) => rows.into_iter().map(one).collect(),
        Value::Object(mut parts) if parts.contains_key("success") || parts.contains_key("failure") => {
            let success = parts.remove("success").map(added).transpose()?;
            parts.extend(success.map(|rows| ("success".to_owned(), rows)));
            Ok(Value::Object(parts))
        }
        row => one(row),
    }
}

/// The row in the words of v1.
fn v1(kind: Kind, row: Value) -> Result<Map<String, Value>, Error> {
    let Value::Object(mut row) = row else {
        return Err(unreadable("a row that is no object"));
    };
    // 4 says null for what is not set, and so may 3.
    row.retain(|_, value| !value.is_null());
    if let Some(id) = row.get("id").cloned() {
        row.entry("_id").or_insert(id);
    }
    for (from, to) in AUDIT {
        rename(&mut row, from, to);
    }
    match kind {
        Kind::Case => case(&mut row),
        Kind::Alert => alert(&mut row),
        Kind::Task => rename(&mut row, "owner", "assignee"),
        Kind::Log => log(&mut row),
        // On 3 those of an alert are no objects of their own.
        Kind::Observable => {
            row.entry("_createdAt").or_insert_with(|| 0.into());
        }
        Kind::User => user(&mut row),
    }
    if row.get("tlp").and_then(Value::as_i64) == Some(RED.0) {
        row.insert("tlp".to_owned(), RED.1.into());
    }
    Ok(row)
}

fn case(row: &mut Map<String, Value>) {
    rename(row, "caseId", "number");
    rename(row, "owner", "assignee");
    // A reopened case keeps how it had ended (D20): only a closed one ended so.
    let resolution = row.remove("resolutionStatus");
    let closed = match row.get("status").and_then(Value::as_str) {
        Some("Resolved") => {
            row.extend(resolution.map(|word| ("status".to_owned(), word)));
            true
        }
        Some("Duplicated" | "Deleted") => true,
        _ => false,
    };
    let stage = if closed { CLOSED } else { IN_PROGRESS };
    row.insert("stage".to_owned(), stage.into());
    let end = row.get("endDate").cloned().filter(|_| closed);
    row.extend(end.map(|end| ("closedDate".to_owned(), end)));
    let fields = fields::list(row.remove("customFields"));
    row.insert("customFields".to_owned(), fields);
}

fn alert(row: &mut Map<String, Value>) {
    rename(row, "case", "caseId");
    let stage = match (row.contains_key("caseId"), row.get("status").and_then(Value::as_str)) {
        (true, _) | (false, Some("Imported")) => "Imported",
        (false, Some("Ignored")) => CLOSED,
        (false, _) => "New",
    };
    row.insert("stage".to_owned(), stage.into());
    let fields = fields::list(row.remove("customFields"));
    row.insert("customFields".to_owned(), fields);
    let count = row.get("artifacts").and_then(Value::as_array).map_or(0, Vec::len);
    row.insert("observableCount".to_owned(), count.into());
}

fn log(row: &mut Map<String, Value>) {
    rename(row, "startDate", "date");
    let file = row.remove("attachment");
    row.insert(
        "attachments".to_owned(),
        file.map_or_else(|| json!([]), |file| json!([file])),
    );
}

fn user(row: &mut Map<String, Value>) {
    // On 3 the id is the login.
    if let Some(id) = row.get("_id").cloned() {
        row.entry("login").or_insert(id);
    }
    let locked = row.get("status").and_then(Value::as_str) == Some("Locked");
    row.insert("locked".to_owned(), locked.into());
}

fn rename(row: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = row.remove(from) {
        row.insert(to.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case_with(status: &str, resolution: &Value) -> (String, String) {
        let row = json!({"_id": "~1", "status": status, "resolutionStatus": resolution});
        let row = v1(Kind::Case, row).unwrap();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (text("status"), text("stage"))
    }

    #[test]
    fn d20_a_reopened_case_is_open_whatever_it_had_ended_as() {
        let both = |status: &str, stage: &str| (status.to_owned(), stage.to_owned());
        assert_eq!(case_with("Open", &json!("FalsePositive")), both("Open", "InProgress"));
        assert_eq!(
            case_with("Resolved", &json!("FalsePositive")),
            both("FalsePositive", "Closed")
        );
        assert_eq!(case_with("Resolved", &Value::Null), both("Resolved", "Closed"));
        assert_eq!(case_with("Duplicated", &Value::Null), both("Duplicated", "Closed"));
    }

    #[test]
    fn the_stage_of_an_alert_follows_its_case_and_its_read_flag() {
        let stage = |status: &str, case: Value| {
            let row = v1(Kind::Alert, json!({"id": "a", "status": status, "case": case})).unwrap();
            (row["stage"].as_str().unwrap().to_owned(), row.contains_key("caseId"))
        };
        assert_eq!(stage("New", Value::Null), ("New".to_owned(), false));
        assert_eq!(stage("Updated", Value::Null), ("New".to_owned(), false));
        assert_eq!(stage("Ignored", Value::Null), ("Closed".to_owned(), false));
        assert_eq!(stage("Imported", json!("~2")), ("Imported".to_owned(), true));
        assert_eq!(stage("Updated", json!("~2")), ("Imported".to_owned(), true));
    }

    #[test]
    fn red_is_a_3_there_and_a_4_here() {
        for (there, here) in [(0, 0), (1, 1), (2, 2), (3, 4)] {
            let row = v1(Kind::Observable, json!({"_id": "~1", "tlp": there})).unwrap();
            assert_eq!(row["tlp"], here);
        }
    }
}
