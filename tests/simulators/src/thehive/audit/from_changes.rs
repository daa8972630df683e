//! Which events follow from the changes of one request? In the order of the changes; the first is the main one (contract 6.1).

use super::{
    details,
    event::{Action, Event, Node},
    shown,
};
use crate::thehive::{
    app::Hive,
    kind::Kind,
    store::{Change, Entity, What, parse_id, wire_id},
    v0::{DELETED, Flavour},
};
use serde_json::{Map, Value, json};

/// What the server tells about; everything else is configuration.
const TOLD: [Kind; 10] = [
    Kind::Alert,
    Kind::Case,
    Kind::Task,
    Kind::Log,
    Kind::Observable,
    Kind::Comment,
    Kind::Attachment,
    Kind::Procedure,
    Kind::Job,
    Kind::Action,
];

/// The events of a request with the number `request`.
pub fn events(hive: &mut Hive, changes: &[Change], request: u64) -> Vec<Event> {
    let merged_cases = merged(changes);
    let mut events: Vec<Event> = Vec::new();
    let request_id = format!("{request:016x}:51a1a7e:19a0000:-8000:{request}");
    for change in changes {
        let Some(mut event) = event(hive, change, &merged_cases) else {
            continue;
        };
        event.main = events.is_empty();
        event.request_id.clone_from(&request_id);
        if event.action == Action::Create {
            from_alert(hive, &mut event, changes);
        }
        let alert = |other: &Event| other.kind == Kind::Alert && other.action == Action::Create;
        event.within_alert = event.action == Action::Create && events.iter().any(alert);
        event.id = wire_id(hive.store.next_id());
        let share = share(hive, &event);
        events.push(event);
        events.extend(share);
    }
    events
}

fn event(hive: &Hive, change: &Change, merged: &[Value]) -> Option<Event> {
    let (action, kind, id, details, organisation, parent) = match &change.what {
        What::Created(id) => {
            let entity = hive.store.get(*id)?;
            let (action, details) = match entity.kind {
                Kind::Case if !merged.is_empty() => (Action::Merge, Map::from_iter([("cases".into(), json!(merged))])),
                Kind::Comment => (Action::Create, author(entity)),
                _ => (Action::Create, entity.body.clone()),
            };
            (action, entity.kind, *id, details, entity.organisation, entity.parent)
        }
        What::Updated(id, before) => {
            let entity = hive.store.get(*id)?;
            let mut details = details::changed(entity.kind, before, &entity.body);
            let deleted =
                |body: &Map<String, Value>| body.get("extraData").is_some_and(|extra| extra.get(DELETED).is_some());
            let action = if deleted(&entity.body) && !deleted(before) {
                Action::Delete
            } else if details.is_empty() {
                return None;
            } else {
                Action::Update
            };
            if entity.kind == Kind::Comment {
                details = author(entity);
            }
            (action, entity.kind, *id, details, entity.organisation, entity.parent)
        }
        // The cases that became another one are told by that one.
        What::Removed(entity) if entity.kind == Kind::Case && !merged.is_empty() => return None,
        What::Removed(entity) => {
            let kept = |name: &&str| entity.kind == Kind::Case && entity.body.contains_key(*name);
            let kept = ["number", "title"].into_iter().filter(kept);
            let details = kept
                .filter_map(|name| Some((name.to_owned(), entity.body.get(name)?.clone())))
                .collect();
            (
                Action::Delete,
                entity.kind,
                entity.id,
                details,
                entity.organisation,
                entity.parent,
            )
        }
    };
    let parent = parent
        .and_then(|id| Node::of(hive, id))
        .filter(|node| node.kind != Kind::Organisation);
    let is_root = [Kind::Alert, Kind::Case].contains(&kind);
    // Files are told where they are attached to a case or an alert; elsewhere they belong to their log or observable.
    let above = parent.as_ref().map(|parent| parent.kind);
    // On 3 observables of an alert are a part of it, of which no audit tells.
    let is_part = hive.settings.flavour == Flavour::V3 && kind == Kind::Observable && above == Some(Kind::Alert);
    let is_told = TOLD.contains(&kind)
        && !is_part
        && (is_root || above.is_some())
        && (kind != Kind::Attachment || matches!(above, Some(Kind::Case | Kind::Alert)));
    if !is_told {
        return None;
    }
    let shown = match &change.what {
        What::Removed(entity) => shown::gone(hive, entity),
        What::Created(_) | What::Updated(..) => shown::after(hive, kind, id, &details),
    };
    let object = Node::of(hive, id).filter(|_| action != Action::Delete);
    let (context, root) = surroundings(hive, kind, object.as_ref(), parent, organisation)?;
    Some(Event {
        id: String::new(),
        action,
        kind,
        object_id: id,
        object,
        context,
        root,
        details,
        organisation: (organisation, hive.organisation_name(organisation).to_owned()),
        author: change.login.clone(),
        at_ms: change.now_ms,
        main: false,
        request_id: String::new(),
        flavour: hive.settings.flavour,
        shown,
        within_alert: false,
    })
}

/// The context and the root of an event.
fn surroundings(
    hive: &Hive,
    kind: Kind,
    object: Option<&Node>,
    parent: Option<Node>,
    organisation: u64,
) -> Option<(Node, u64)> {
    let root = |node: &Node| parse_id(node.top().id());
    match (kind, object, parent) {
        // An alert that belongs to a case is told in the context of that case.
        (Kind::Alert, Some(object), _) => {
            let case = object.body.get("caseId").and_then(Value::as_str).and_then(parse_id);
            let context = case.and_then(|id| Node::of(hive, id)).unwrap_or_else(|| object.clone());
            let root = root(&context)?;
            Some((context, root))
        }
        (Kind::Case, Some(object), _) => Some((object.clone(), root(object)?)),
        (Kind::Case | Kind::Alert, None, _) => Some((Node::of(hive, organisation)?, organisation)),
        // Captures: the context of a case's observable is the observable itself, that of an alert's one is the alert.
        (Kind::Observable | Kind::Task, Some(object), Some(parent)) if parent.kind == Kind::Case => {
            Some((object.clone(), root(object)?))
        }
        (_, _, Some(parent)) => {
            let root = root(&parent)?;
            Some((parent, root))
        }
        (_, _, None) => None,
    }
}

fn author(comment: &Entity) -> Map<String, Value> {
    let author = comment.body.get("createdBy").cloned().unwrap_or_default();
    Map::from_iter([("author".to_owned(), author)])
}

/// A case that was made from an alert says so.
fn from_alert(hive: &Hive, event: &mut Event, changes: &[Change]) {
    if event.kind != Kind::Case {
        return;
    }
    let case = Value::from(wire_id(event.object_id));
    let alert = changes.iter().find_map(|change| match &change.what {
        What::Updated(id, before) if before.get("caseId") != Some(&case) => hive
            .store
            .get(*id)
            .filter(|alert| alert.kind == Kind::Alert && alert.body.get("caseId") == Some(&case)),
        _ => None,
    });
    if let Some(alert) = alert {
        let named = ["_id", "type", "source", "sourceRef", "title"];
        let named = named
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), alert.body.get(name)?.clone())));
        let named: Map<String, Value> = named.collect();
        event.details.insert("fromAlert".into(), named.into());
    }
}

/// A new case is shared with its own organisation: a second event of the same request, with the older time.
fn share(hive: &mut Hive, event: &Event) -> Option<Event> {
    let is_new = event.kind == Kind::Case && [Action::Create, Action::Merge].contains(&event.action);
    // 3 has no organisations to share with.
    if !is_new || event.flavour == Flavour::V3 {
        return None;
    }
    let share = json!({"organisation": event.organisation.1, "profile": "org-admin"});
    Some(Event {
        id: wire_id(hive.store.next_id()),
        action: Action::Update,
        details: Map::from_iter([("share".to_owned(), share)]),
        at_ms: event.at_ms - 1,
        main: false,
        ..event.clone()
    })
}

/// The cases that became one: several are gone and one is new.
fn merged(changes: &[Change]) -> Vec<Value> {
    let gone = changes.iter().filter_map(|change| match &change.what {
        What::Removed(entity) if entity.kind == Kind::Case => Some(entity),
        _ => None,
    });
    let gone: Vec<Value> = gone
        .map(
            |case| json!({"_id": wire_id(case.id), "number": case.body.get("number"), "title": case.body.get("title")}),
        )
        .collect();
    let is_new = |change: &Change| matches!(change.what, What::Created(_));
    if changes.iter().any(is_new) { gone } else { Vec::new() }
}
