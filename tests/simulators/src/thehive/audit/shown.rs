//! How do 3 and 4 show the object of an event (contract 6.1)?

use crate::thehive::{
    app::Hive,
    kind::Kind,
    store::{Entity, parse_id},
    v0::{self, Flavour},
};
use serde_json::{Map, Value, json};

/// The object after the event. 4 nests parents, and shows the case instead of an alert that was imported into it.
pub fn after(hive: &Hive, kind: Kind, id: u64, details: &Map<String, Value>) -> Value {
    match hive.settings.flavour {
        Flavour::V3 => v0::entity(hive, Flavour::V3, id),
        Flavour::V4 => {
            let case = details.get("caseId").and_then(Value::as_str).and_then(parse_id);
            with_parents(hive, case.filter(|_| kind == Kind::Alert).unwrap_or(id))
        }
        Flavour::V5 => Value::Null,
    }
}

/// What was removed: 3 shows it as it was, 4 an empty object.
pub fn gone(hive: &Hive, entity: &Entity) -> Value {
    match hive.settings.flavour {
        Flavour::V3 => v0::as_it_was(hive, Flavour::V3, entity),
        Flavour::V4 => json!({}),
        Flavour::V5 => Value::Null,
    }
}

fn with_parents(hive: &Hive, id: u64) -> Value {
    let mut shown = v0::entity(hive, Flavour::V4, id);
    let above = hive.store.get(id).and_then(|entity| hive.store.get(entity.parent?));
    // What an organisation holds does not repeat the organisation.
    if let (Some(row), Some(above)) = (
        shown.as_object_mut(),
        above.filter(|above| above.kind != Kind::Organisation),
    ) {
        row.insert(v0::name(above.kind), with_parents(hive, above.id));
    }
    shown
}
