//! Which attributes does an event name? At an update those that people changed, not what the server derives from them.

use crate::thehive::kind::Kind;
use serde_json::{Map, Value, json};

/// Set by the server as a consequence of something else.
const DERIVED: &[&str] = &[
    "_updatedAt",
    "_updatedBy",
    "updatedAt",
    "updatedBy",
    "isEdited",
    "severityLabel",
    "tlpLabel",
    "papLabel",
    "tacticLabel",
    "observableCount",
    "newDate",
    "inProgressDate",
    "closedDate",
    "importedDate",
    "timeToDetect",
    "timeToTriage",
    "timeToQualify",
    "timeToAcknowledge",
    "timeToResolve",
    "timeToHandle",
    "handlingDuration",
    "extraData",
];

/// The difference between two states of an entity; what is gone is null.
pub fn changed(kind: Kind, before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut details = Map::new();
    let names = after
        .keys()
        .chain(before.keys().filter(|name| !after.contains_key(*name)));
    for name in names.filter(|name| !DERIVED.contains(&name.as_str())) {
        let (old, new) = (before.get(name), after.get(name));
        if old != new {
            details.insert(name.clone(), new.cloned().unwrap_or_default());
        }
    }
    if let Some(fields) = details.get("customFields") {
        let changes = field_changes(before.get("customFields").unwrap_or(&Value::Null), fields);
        details.insert("customFieldChanges".into(), changes);
    }
    // Captures show only this when an alert is imported, although its status moves too.
    if kind == Kind::Alert && details.get("caseId").is_some_and(Value::is_string) {
        details.retain(|name, _| name == "caseId");
    }
    details
}

/// Added and removed values by field (documented since 5.5.9, contract 6.1).
fn field_changes(before: &Value, after: &Value) -> Value {
    let list = |fields: &Value| fields.as_array().cloned().unwrap_or_default();
    let (before, after) = (list(before), list(after));
    let missing_in = |ours: &[Value], theirs: &[Value], operation: &str| -> Vec<Value> {
        let is_there = |field: &Value| {
            theirs
                .iter()
                .any(|other| other["name"] == field["name"] && other["value"] == field["value"])
        };
        let missing = ours.iter().filter(|field| !is_there(field));
        missing
            .map(|field| json!({"operation": operation, "name": field["name"], "values": [field["value"]]}))
            .collect()
    };
    let mut changes = missing_in(&before, &after, "valuesRemoved");
    changes.extend(missing_in(&after, &before, "valuesAdded"));
    changes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn details_name_what_changed_and_null_what_is_gone_but_nothing_derived() {
        let before = map(&json!({"status": "New", "stage": "New", "summary": "s", "title": "t", "_updatedAt": 1}));
        let after = map(&json!({"status": "Other", "stage": "Closed", "title": "t", "_updatedAt": 2, "closedDate": 3}));
        let details = changed(Kind::Case, &before, &after);
        assert_eq!(
            Value::Object(details),
            json!({"status": "Other", "stage": "Closed", "summary": null})
        );
    }

    #[test]
    fn a_changed_custom_field_is_told_with_its_old_and_new_value() {
        let field = |value: &str| json!({"customFields": [{"name": "f", "value": value}]});
        let details = changed(Kind::Case, &map(&field("1")), &map(&field("2")));
        assert_eq!(
            details["customFieldChanges"],
            json!([{"operation": "valuesRemoved", "name": "f", "values": ["1"]},
                   {"operation": "valuesAdded", "name": "f", "values": ["2"]}])
        );
    }
}
