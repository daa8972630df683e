//! What does `GET /_sim/state` show? Everything a test wants to count: entities with what hangs below them.

use crate::thehive::{app::Hive, kind::Kind};
use serde_json::{Value, json};

/// The state for tests to look at: alerts and cases with their organisation and all below them.
pub fn dump(hive: &Hive) -> Value {
    let platform = |kind| hive.store.ids(kind).map(|id| hive.body(id)).collect::<Vec<_>>();
    let owned = |kind| {
        let ids = hive.store.ids(kind);
        ids.map(|id| with_organisation(hive, id)).collect::<Vec<_>>()
    };
    json!({
        "users": platform(Kind::User), "organisations": platform(Kind::Organisation),
        "custom_fields": platform(Kind::CustomField), "observable_types": platform(Kind::ObservableType),
        "alerts": owned(Kind::Alert), "cases": owned(Kind::Case), "case_templates": owned(Kind::CaseTemplate),
        "duplicate_status": hive.settings.duplicate_status.as_u16(), "index_lag_ms": hive.settings.index_lag_ms,
        "ascii_filenames_only": hive.settings.ascii_filenames_only,
    })
}

fn with_organisation(hive: &Hive, id: u64) -> Value {
    let mut body = with_children(hive, id);
    if let Some(entity) = hive.store.get(id) {
        body["organisation"] = hive.organisation_name(entity.organisation).into();
    }
    body
}

/// The body with a list of each kind of child that the kind can have.
fn with_children(hive: &Hive, id: u64) -> Value {
    let kind = hive.store.get(id).map(|entity| entity.kind);
    let lists: &[(&str, Kind)] = match kind {
        Some(Kind::Alert) => &[
            ("observables", Kind::Observable),
            ("comments", Kind::Comment),
            ("attachments", Kind::Attachment),
            ("procedures", Kind::Procedure),
        ],
        Some(Kind::Case) => &[
            ("observables", Kind::Observable),
            ("tasks", Kind::Task),
            ("comments", Kind::Comment),
            ("attachments", Kind::Attachment),
            ("procedures", Kind::Procedure),
            ("pages", Kind::Page),
            ("shares", Kind::Share),
        ],
        Some(Kind::Observable) => &[("jobs", Kind::Job)],
        Some(Kind::Task) => &[("logs", Kind::Log)],
        _ => &[],
    };
    let mut body = hive.body(id);
    for (name, kind) in lists {
        let children = hive.store.children(id, *kind);
        body[*name] = children.map(|child| with_children(hive, child)).collect();
    }
    body
}
