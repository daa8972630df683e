//! What can a page ask for beside the fields of its entities? `extraData` of contract 3.1, as far as clients are known to use it.

use super::rows::View;
use crate::thehive::{
    alert,
    kind::Kind,
    store::{Entity, parse_id, wire_id},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The body of an entity with the wanted extra data; what is not known is left out.
pub fn with_extra(view: &View<'_>, entity: &Entity, wanted: &[&str]) -> Map<String, Value> {
    let mut body = entity.body.clone();
    let mut extra = Map::new();
    for name in wanted {
        if let Some(value) = value(view, entity, name) {
            extra.insert((*name).to_owned(), value);
        }
    }
    body.insert("extraData".into(), extra.into());
    body
}

fn value(view: &View<'_>, entity: &Entity, name: &str) -> Option<Value> {
    match (entity.kind, name) {
        (_, "isOwner") => Some(json!(entity.organisation == view.session.organisation)),
        (_, "shareCount") => Some(json!(0)),
        (_, "shares") => Some(json!([])),
        (_, "permissions") => Some(json!(view.session.permissions)),
        (Kind::Case, name) => of_case(view, entity, name),
        (Kind::Alert, name) => of_alert(view, entity, name),
        (Kind::Task, "case") | (Kind::Comment, "case") => above(view, entity, Kind::Case).map(shown),
        (Kind::Task, "caseId") => above(view, entity, Kind::Case).map(|case| json!(wire_id(case.id))),
        (Kind::Task, "actionRequired") => Some(json!(actions(view, entity).values().any(|open| *open))),
        (Kind::Task, "actionRequiredMap") => Some(json!(actions(view, entity))),
        (Kind::Log, "task") => above(view, entity, Kind::Task).map(shown),
        (Kind::Log, "taskId") => above(view, entity, Kind::Task).map(|task| json!(wire_id(task.id))),
        (Kind::Log, "case") => above(view, entity, Kind::Case).map(shown),
        (Kind::Log, "actionCount") => Some(json!(0)),
        (Kind::Observable, "links") => Some(links_of_observable(view, entity)),
        (Kind::Observable, "seenSummary") => {
            let alert = above(view, entity, Kind::Alert).is_some();
            Some(json!({"seen": true, "count": 1, "inAlert": alert, "inCase": !alert}))
        }
        _ => None,
    }
}

fn actions(view: &View<'_>, task: &Entity) -> BTreeMap<String, bool> {
    view.hive.action_required.get(&task.id).cloned().unwrap_or_default()
}

fn of_case(view: &View<'_>, case: &Entity, name: &str) -> Option<Value> {
    let store = &view.hive.store;
    let children = |kind| store.children(case.id, kind).filter_map(|id| store.get(id));
    let count = |kind| json!(store.count_children(case.id, kind));
    match name {
        "observableStats" => Some(json!({"total": count(Kind::Observable)})),
        "taskStats" => {
            let by_status = |status: &str| {
                children(Kind::Task)
                    .filter(|task| task.body.get("status") == Some(&status.into()))
                    .count()
            };
            Some(json!({
                "total": count(Kind::Task), "Waiting": by_status("Waiting"), "InProgress": by_status("InProgress"),
                "Completed": by_status("Completed"), "Cancel": by_status("Cancel"),
            }))
        }
        "alertCount" => Some(json!(alert::of_case(view.hive, case.id).len())),
        "alerts" => {
            let alerts = alert::of_case(view.hive, case.id);
            Some(alerts.into_iter().filter_map(|id| store.get(id)).map(shown).collect())
        }
        "procedureCount" => Some(count(Kind::Procedure)),
        "attachmentCount" => Some(count(Kind::Attachment)),
        "contributors" => {
            let mut all: Vec<&Value> = case.body.get("_createdBy").into_iter().collect();
            all.extend(
                case.body
                    .get("_updatedBy")
                    .filter(|other| Some(*other) != case.body.get("_createdBy")),
            );
            Some(json!(all))
        }
        "status" => Some(json!({"value": case.body.get("status"), "stage": case.body.get("stage")})),
        "links" => {
            let links = view.hive.links.get(&case.id).cloned().unwrap_or_default();
            let cases = links
                .cases
                .into_iter()
                .map(|(kind, id)| json!({"type": kind, "caseId": wire_id(id)}));
            let urls = links
                .urls
                .into_iter()
                .map(|(kind, url)| json!({"type": kind, "url": url}));
            Some(json!({"caseLinks": cases.collect::<Vec<_>>(), "externalLinks": urls.collect::<Vec<_>>()}))
        }
        _ => None,
    }
}

fn of_alert(view: &View<'_>, alert: &Entity, name: &str) -> Option<Value> {
    let case = || view.hive.store.get(parse_id(alert.body.get("caseId")?.as_str()?)?);
    match name {
        "importDate" => alert.body.get("importedDate").cloned(),
        "status" => Some(json!({"value": alert.body.get("status"), "stage": alert.body.get("stage")})),
        "procedureCount" => Some(json!(view.hive.store.count_children(alert.id, Kind::Procedure))),
        "caseNumber" => case()?.body.get("number").cloned(),
        "relatedCase" => {
            let number = case()?.body.get("number").cloned();
            Some(json!({"number": number, "accessKind": "OrganisationAccessKind", "isVisible": true}))
        }
        _ => None,
    }
}

/// The case or alert that an observable belongs to.
fn links_of_observable(view: &View<'_>, observable: &Entity) -> Value {
    let case = above(view, observable, Kind::Case).map(shown);
    let alert = above(view, observable, Kind::Alert).map(shown);
    json!({"case": case, "alert": alert})
}

fn shown(entity: &Entity) -> Value {
    entity.body.clone().into()
}

/// The nearest entity of a kind on the way up.
fn above<'a>(view: &View<'a>, entity: &Entity, kind: Kind) -> Option<&'a Entity> {
    let mut next = entity.parent;
    while let Some(found) = next.and_then(|id| view.hive.store.get(id)) {
        if found.kind == kind {
            return Some(found);
        }
        next = found.parent;
    }
    None
}
