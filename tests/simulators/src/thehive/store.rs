//! Where do the entities live? One table of JSON objects with indexes by id, kind, parent, natural key and chosen properties.
//!
//! Generic over [`Kind`]: nothing here knows what an alert is.

use super::kind::{Kind, Scope};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// Entities of all kinds. A benchmark makes thousands; the limit keeps a runaway client from eating the machine.
pub const MAX_ENTITIES: usize = 2_000_000;
/// Ids look like graph-database ids: large, even, with gaps.
const FIRST_ID: u64 = 40_960;
const ID_STEP: u64 = 8;

/// One entity. `body` is exactly what the API answers, `_id`, `_type` and audit fields included.
#[derive(Clone, Debug)]
pub struct Entity {
    pub id: u64,
    pub kind: Kind,
    /// Owning organisation; 0 = the platform.
    pub organisation: u64,
    pub parent: Option<u64>,
    /// When it was written by the real clock: decides when the search index sees it.
    pub written_ms: i64,
    pub body: Map<String, Value>,
}

/// Who writes what where; the time comes with it so that the store needs no clock.
pub struct Author<'a> {
    pub login: &'a str,
    pub now_ms: i64,
}

/// One change of a request, noted while somebody listens.
#[derive(Clone, Debug)]
pub struct Change {
    pub what: What,
    pub login: String,
    pub now_ms: i64,
}

/// What was done to an entity.
#[derive(Clone, Debug)]
pub enum What {
    Created(u64),
    /// With the body before.
    Updated(u64, Map<String, Value>),
    /// What it was; all below it went too.
    Removed(Box<Entity>),
}

type IndexKey = (Kind, &'static str, String);
/// Kind, id of what it is unique in (0 = the platform), parts.
type NaturalKey = (Kind, u64, String);
/// Between the parts of a key; no part contains it.
const SEPARATOR: &str = "\u{1}";

/// All entities of one simulated server.
#[derive(Default)]
pub struct Store {
    entities: HashMap<u64, Entity>,
    by_kind: HashMap<Kind, BTreeSet<u64>>,
    children: HashMap<(u64, Kind), BTreeSet<u64>>,
    natural: HashMap<NaturalKey, u64>,
    index: HashMap<IndexKey, BTreeSet<u64>>,
    made: u64,
    last_created: HashMap<Kind, i64>,
    /// The other organisations that see a case, task or observable, by its id.
    shared: HashMap<u64, BTreeSet<u64>>,
    /// The changes since they were last taken; none while nobody listens.
    changes: Option<Vec<Change>>,
}

/// The id as the API shows it.
pub fn wire_id(id: u64) -> String {
    format!("~{id}")
}

/// The id behind `~<digits>`.
pub fn parse_id(id: &str) -> Option<u64> {
    let digits = id.strip_prefix('~')?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

impl Store {
    /// Notes changes from now on, or no longer.
    pub fn listen(&mut self, listen: bool) {
        match listen {
            true => drop(self.changes.get_or_insert_default()),
            false => self.changes = None,
        }
    }

    /// The changes since the last call.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn note(&mut self, author: &Author<'_>, what: impl FnOnce() -> What) {
        if let Some(changes) = &mut self.changes {
            changes.push(Change {
                what: what(),
                login: author.login.to_owned(),
                now_ms: author.now_ms,
            });
        }
    }

    /// Adds an entity: gives it an id, `_id`, `_type` and the created fields in front of `fields`. The creation time never
    /// goes back, so that sorting by it is the order of creation (contract 9.3, point 3); it strictly increases for what has
    /// no parent. What hangs below an alert may share a time, else a fast import would push it far into the future.
    pub fn insert(
        &mut self,
        kind: Kind,
        organisation: u64,
        parent: Option<u64>,
        author: &Author<'_>,
        fields: Map<String, Value>,
    ) -> u64 {
        let id = self.next_id();
        let last = self.last_created.entry(kind).or_insert(0);
        let created = author.now_ms.max(*last + i64::from(parent.is_none()));
        *last = created;
        let [created_at, created_by, ..] = kind.audit_fields();
        let mut body = Map::with_capacity(fields.len() + 6);
        body.insert("_id".into(), wire_id(id).into());
        body.extend(kind.wire_type().map(|name| ("_type".to_owned(), name.into())));
        body.insert(created_by.into(), author.login.into());
        body.insert(created_at.into(), created.into());
        body.extend(fields);
        let entity = Entity {
            id,
            kind,
            organisation,
            parent,
            written_ms: author.now_ms,
            body,
        };
        self.link(&entity);
        self.by_kind.entry(kind).or_default().insert(id);
        if let Some(parent) = parent {
            self.children.entry((parent, kind)).or_default().insert(id);
        }
        self.entities.insert(id, entity);
        self.note(author, || What::Created(id));
        id
    }

    /// Changes the body of an entity and stamps the updated fields. False if there is no such entity.
    pub fn update(&mut self, id: u64, author: &Author<'_>, change: impl FnOnce(&mut Map<String, Value>)) -> bool {
        let is_new = |change: &Change| match &change.what {
            What::Created(other) | What::Updated(other, _) => *other == id,
            What::Removed(_) => false,
        };
        // One request is one change of an entity, whatever it takes to make it.
        let is_known = self.changes.as_ref().is_none_or(|changes| changes.iter().any(is_new));
        if let Some(before) = self.get(id).filter(|_| !is_known).map(|entity| entity.body.clone()) {
            self.note(author, || What::Updated(id, before));
        }
        self.amend(id, |entity| {
            change(&mut entity.body);
            let [_, _, updated_at, updated_by] = entity.kind.audit_fields();
            entity.body.insert(updated_by.into(), author.login.into());
            entity.body.insert(updated_at.into(), author.now_ms.into());
        })
    }

    /// Changes an entity without a trace: for what the server derives. Its parent must stay; see [`Self::move_below`].
    pub fn amend(&mut self, id: u64, change: impl FnOnce(&mut Entity)) -> bool {
        let Some(mut entity) = self.entities.remove(&id) else {
            return false;
        };
        self.unlink(&entity);
        change(&mut entity);
        self.link(&entity);
        self.entities.insert(id, entity);
        true
    }

    /// Hangs an entity below another parent.
    pub fn move_below(&mut self, id: u64, parent: u64) {
        let Some((kind, old)) = self.get(id).map(|entity| (entity.kind, entity.parent)) else {
            return;
        };
        if let Some(siblings) = old.and_then(|old| self.children.get_mut(&(old, kind))) {
            siblings.remove(&id);
        }
        self.children.entry((parent, kind)).or_default().insert(id);
        self.amend(id, |entity| entity.parent = Some(parent));
    }

    /// An id that no entity has or will have: for objects that live inside the body of another.
    pub fn next_id(&mut self) -> u64 {
        let id = FIRST_ID + ID_STEP * self.made;
        self.made += 1;
        id
    }

    /// Removes an entity and everything below it.
    pub fn remove(&mut self, id: u64, author: &Author<'_>) {
        if let Some(entity) = self.get(id).filter(|_| self.changes.is_some()).cloned() {
            self.note(author, || What::Removed(Box::new(entity)));
        }
        self.take_out(id);
    }

    fn take_out(&mut self, id: u64) {
        let Some(entity) = self.entities.remove(&id) else {
            return;
        };
        self.unlink(&entity);
        self.shared.remove(&id);
        if let Some(ids) = self.by_kind.get_mut(&entity.kind) {
            ids.remove(&id);
        }
        let siblings = entity.parent.map(|parent| (parent, entity.kind));
        if let Some(siblings) = siblings.and_then(|key| self.children.get_mut(&key)) {
            siblings.remove(&id);
        }
        for kind in Kind::ALL {
            for child in self.children.remove(&(id, kind)).unwrap_or_default() {
                self.take_out(child);
            }
        }
    }

    /// The entity with this id.
    pub fn get(&self, id: u64) -> Option<&Entity> {
        self.entities.get(&id)
    }

    /// The entity of a kind by `~id` or natural name, within an organisation's view (0 = the platform).
    pub fn resolve(&self, kind: Kind, organisation: u64, id_or_name: &str) -> Option<&Entity> {
        if id_or_name.starts_with('~') {
            let entity = self.get(parse_id(id_or_name)?)?;
            return (entity.kind == kind && self.sees(organisation, entity)).then_some(entity);
        }
        let parts = kind.info().natural_key.len();
        let name: Vec<&str> = id_or_name.splitn(parts, ';').collect();
        if parts == 0 || name.len() != parts || kind.info().scope == Scope::Parent {
            return None;
        }
        self.by_natural_key(kind, organisation, &name)
            .or_else(|| self.shared_case(kind, organisation, id_or_name))
    }

    /// A case of another organisation by its number: all organisations share the sequence.
    fn shared_case(&self, kind: Kind, organisation: u64, number: &str) -> Option<&Entity> {
        let number: u64 = number.parse().ok().filter(|_| kind == Kind::Case)?;
        let ids = self.ids_with(kind, "number", &number.into())?;
        let mut cases = ids.into_iter().filter_map(|id| self.get(id));
        cases.find(|case| self.sees(organisation, case))
    }

    /// Whether an organisation sees an entity: its own, the platform's, and what was shared with it.
    pub fn sees(&self, organisation: u64, entity: &Entity) -> bool {
        !entity.kind.in_organisation()
            || entity.organisation == organisation
            || (!self.shared.is_empty() && self.is_shared(organisation, entity))
    }

    /// The nearest of case, task and observable on the way up decides.
    fn is_shared(&self, organisation: u64, entity: &Entity) -> bool {
        if [Kind::Case, Kind::Task, Kind::Observable].contains(&entity.kind) {
            return self
                .shared
                .get(&entity.id)
                .is_some_and(|with| with.contains(&organisation));
        }
        let above = entity.parent.and_then(|id| self.get(id));
        above.is_some_and(|above| self.is_shared(organisation, above))
    }

    /// Lets another organisation see a case, task or observable.
    pub fn share(&mut self, id: u64, organisation: u64) {
        self.shared.entry(id).or_default().insert(organisation);
    }

    /// The reverse.
    pub fn unshare(&mut self, id: u64, organisation: u64) {
        if let Some(with) = self.shared.get_mut(&id) {
            with.remove(&organisation);
        }
        self.shared.retain(|_, with| !with.is_empty());
    }

    /// The other organisations that see it.
    pub fn shared_with(&self, id: u64) -> impl Iterator<Item = u64> + '_ {
        self.shared.get(&id).into_iter().flatten().copied()
    }

    /// The entity of a kind by its natural key parts, within an organisation or a parent, whichever the kind's scope is.
    pub fn by_natural_key(&self, kind: Kind, within: u64, parts: &[&str]) -> Option<&Entity> {
        let within = if kind.in_organisation() { within } else { 0 };
        self.get(*self.natural.get(&(kind, within, parts.join(SEPARATOR)))?)
    }

    /// All ids of a kind in order of creation.
    pub fn ids(&self, kind: Kind) -> impl Iterator<Item = u64> + '_ {
        self.by_kind.get(&kind).into_iter().flatten().copied()
    }

    /// The ids of a kind whose indexed `property` (also `customFields.<name>`) has `value`; None if no index knows.
    pub fn ids_with(&self, kind: Kind, property: &str, value: &Value) -> Option<Vec<u64>> {
        let (root, field) = property.split_once('.').unwrap_or((property, ""));
        let property = *kind.info().indexed.iter().find(|indexed| **indexed == root)?;
        let value = indexed_text(value)?;
        let key = if field.is_empty() {
            value
        } else {
            [field, value.as_str()].join(SEPARATOR)
        };
        let ids = self.index.get(&(kind, property, key));
        Some(ids.map(|ids| ids.iter().copied().collect()).unwrap_or_default())
    }

    /// The children of a kind, in order of creation.
    pub fn children(&self, parent: u64, kind: Kind) -> impl Iterator<Item = u64> + '_ {
        self.children.get(&(parent, kind)).into_iter().flatten().copied()
    }

    /// How many children of a kind there are.
    pub fn count_children(&self, parent: u64, kind: Kind) -> usize {
        self.children.get(&(parent, kind)).map_or(0, BTreeSet::len)
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    fn link(&mut self, entity: &Entity) {
        for key in index_keys(entity) {
            self.index.entry(key).or_default().insert(entity.id);
        }
        if let Some(key) = natural_key(entity) {
            self.natural.insert(key, entity.id);
        }
    }

    fn unlink(&mut self, entity: &Entity) {
        for key in index_keys(entity) {
            if let Some(ids) = self.index.get_mut(&key) {
                ids.remove(&entity.id);
                if ids.is_empty() {
                    self.index.remove(&key);
                }
            }
        }
        if let Some(key) = natural_key(entity)
            && self.natural.get(&key) == Some(&entity.id)
        {
            self.natural.remove(&key);
        }
    }
}

fn natural_key(entity: &Entity) -> Option<NaturalKey> {
    let info = entity.kind.info();
    let parts: Option<Vec<String>> = info
        .natural_key
        .iter()
        .map(|part| key_part(&entity.body, part))
        .collect();
    let parts = parts.filter(|parts| !parts.is_empty())?;
    let within = match info.scope {
        Scope::Platform => 0,
        Scope::Organisation => entity.organisation,
        Scope::Parent => entity.parent?,
    };
    Some((entity.kind, within, parts.join(SEPARATOR)))
}

fn key_part(body: &Map<String, Value>, part: &str) -> Option<String> {
    let mut alternatives = part.split('|').filter_map(|path| match path.split_once('.') {
        None => body.get(path),
        Some((root, name)) => body.get(root)?.get(name),
    });
    alternatives.find_map(indexed_text)
}

/// Texts and numbers can be looked up.
fn indexed_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        // 7 and 7.0 are the same number to a filter.
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => Some(float.to_string()),
            _ => Some(number.to_string()),
        },
        _ => None,
    }
}

fn index_keys(entity: &Entity) -> Vec<IndexKey> {
    let mut keys = Vec::new();
    for property in entity.kind.info().indexed {
        match entity.body.get(*property) {
            Some(Value::Array(values)) if *property == "customFields" => {
                let texts = values.iter().filter_map(|field| {
                    let value = indexed_text(field.get("value")?)?;
                    Some([field.get("name")?.as_str()?, value.as_str()].join(SEPARATOR))
                });
                keys.extend(texts.map(|text| (entity.kind, *property, text)));
            }
            Some(Value::Array(values)) => {
                let texts = values.iter().filter_map(indexed_text);
                keys.extend(texts.map(|value| (entity.kind, *property, value)));
            }
            value => keys.extend(
                value
                    .and_then(indexed_text)
                    .map(|value| (entity.kind, *property, value)),
            ),
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn natural_keys_and_indexes_follow_updates_and_removals() {
        let mut store = Store::default();
        let author = Author {
            login: "a@b",
            now_ms: 5,
        };
        let alert = json!({"type": "t", "source": "s", "sourceRef": "1", "tags": ["x"]});
        let id = store.insert(Kind::Alert, 7, None, &author, fields(&alert));
        let child = store.insert(Kind::Comment, 7, Some(id), &author, Map::new());
        assert_eq!(store.resolve(Kind::Alert, 7, "t;s;1").map(|entity| entity.id), Some(id));
        assert!(
            store.resolve(Kind::Alert, 8, "t;s;1").is_none(),
            "another organisation sees nothing"
        );
        assert!(store.resolve(Kind::Alert, 8, &wire_id(id)).is_none());
        store.update(id, &author, |body| {
            body.insert("sourceRef".into(), "2".into());
        });
        assert!(store.resolve(Kind::Alert, 7, "t;s;1").is_none());
        assert_eq!(store.ids_with(Kind::Alert, "sourceRef", &json!("2")), Some(vec![id]));
        assert_eq!(store.ids_with(Kind::Alert, "tags", &json!("x")), Some(vec![id]));
        store.remove(id, &author);
        assert!(store.get(child).is_none() && store.len() == 0);
        assert_eq!(store.ids_with(Kind::Alert, "tags", &json!("x")), Some(vec![]));
    }

    #[test]
    fn creation_times_of_a_kind_strictly_increase_within_one_millisecond() {
        let mut store = Store::default();
        let author = Author {
            login: "a@b",
            now_ms: 5,
        };
        let times: Vec<_> = (0..3)
            .map(|_| {
                let id = store.insert(Kind::Alert, 1, None, &author, Map::new());
                store.get(id).unwrap().body["_createdAt"].as_i64().unwrap()
            })
            .collect();
        assert_eq!(times, [5, 6, 7]);
    }
}
