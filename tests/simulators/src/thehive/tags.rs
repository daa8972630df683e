//! How do tags change? They are a set in order of arrival; `addTags` and `removeTags` exist on 5.x only (contract 2.2).

use super::{
    app::Hive,
    check::{Field, LONG, Rule, optional},
    error::ApiError,
    kind::Kind,
    resource::{Plan, Resource},
    store::Author,
};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Tags without repetitions, in order.
pub fn unique(tags: Option<&Value>) -> Value {
    let mut seen = HashSet::new();
    let tags = tags
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|tag| seen.insert(tag.as_str()));
    tags.cloned().collect()
}

/// The tags of `body` after `addTags` and `removeTags` of a change.
pub fn changed(body: &Map<String, Value>, changes: &Map<String, Value>) -> Value {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let removed = list(changes.get("removeTags"));
    let mut tags = list(body.get("tags"));
    tags.extend(list(changes.get("addTags")));
    tags.retain(|tag| !removed.contains(tag));
    unique(Some(&Value::Array(tags)))
}

/// The tags of two entities together.
pub fn joined(one: Option<&Value>, other: Option<&Value>) -> Value {
    let both = [one, other].into_iter().flatten().filter_map(Value::as_array).flatten();
    unique(Some(&both.cloned().collect()))
}

/// Tags of 5.x are entities; a free one is known from its first use on (contract 2.8). `tags`: of what was just written.
pub fn register(hive: &mut Hive, organisation: u64, author: &Author<'_>, tags: Option<&Value>) {
    for tag in tags
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if organisation == 0 || hive.store.by_natural_key(Kind::Tag, organisation, &[tag]).is_some() {
            continue;
        }
        let fields = Map::from_iter([
            ("namespace".to_owned(), "_freetags".into()),
            ("predicate".to_owned(), tag.into()),
            ("colour".to_owned(), "#000000".into()),
            ("extraData".to_owned(), json!({})),
        ]);
        // At the simulator's limit a tag is used without being known.
        let _ = hive.insert(Kind::Tag, organisation, None, author, fields);
    }
}

/// The tags of an organisation, by id or name.
pub struct Tag;

impl Resource for Tag {
    const KIND: Kind = Kind::Tag;
    const PATH: &'static str = "/api/v1/tag";
    const CHANGE: &'static str = "manageTag";
    const REMOVE: &'static str = "manageTag";
    const UPDATE: &'static [Field] = &[
        optional("predicate", Rule::Text(1, 128)),
        optional("colour", Rule::Text(4, 9)),
        optional("description", Rule::Text(0, LONG)),
    ];

    /// A new name is the name everywhere.
    fn changed(hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        let organisation = hive.store.get(plan.id).map(|tag| tag.organisation).unwrap_or_default();
        let old = plan.body.get("predicate").cloned().unwrap_or_default();
        if let Some(new) = plan.changes.get("predicate").filter(|new| **new != old) {
            let name = new.as_str().unwrap_or_default();
            if hive.store.by_natural_key(Kind::Tag, organisation, &[name]).is_some() {
                let message = format!("Tag {name} already exists");
                return Err(ApiError::create(hive.settings.duplicate_status, message));
            }
            replace(hive, organisation, &old, Some(new));
        }
        Ok(plan.simple())
    }

    /// What is deleted is taken off everything.
    fn before_removal(hive: &mut Hive, id: u64) {
        if let Some((organisation, name)) = hive
            .store
            .get(id)
            .map(|tag| (tag.organisation, tag.body.get("predicate").cloned().unwrap_or_default()))
        {
            replace(hive, organisation, &name, None);
        }
    }
}

/// Puts another tag, or none, in the place of one wherever it is.
fn replace(hive: &mut Hive, organisation: u64, old: &Value, new: Option<&Value>) {
    for kind in [Kind::Alert, Kind::Case, Kind::Observable] {
        for id in hive.store.ids_with(kind, "tags", old).unwrap_or_default() {
            hive.store.amend(id, |entity| {
                let tags = entity.body.get("tags").and_then(Value::as_array).into_iter().flatten();
                let tags: Value = tags
                    .filter_map(|tag| if tag == old { new } else { Some(tag) })
                    .cloned()
                    .collect();
                if entity.organisation == organisation {
                    entity.body.insert("tags".into(), unique(Some(&tags)));
                }
            });
        }
    }
}
