//! Which entities does a query start from, and where do its traversals lead?

use crate::thehive::{app::Hive, error::ApiError, kind::Kind, session::Session, store::Entity, user};
use serde_json::{Map, Value, json};

/// The entities a pipeline works on, all of one kind.
pub struct Rows<'a> {
    pub kind: Kind,
    pub entities: Vec<&'a Entity>,
}

/// The server as one session sees it.
pub struct View<'a> {
    pub hive: &'a Hive,
    pub session: &'a Session,
    pub now_ms: i64,
}

impl<'a> View<'a> {
    /// Whether the session may see an entity.
    fn sees(&self, entity: &Entity) -> bool {
        match entity.kind {
            Kind::User => user::sees(self.hive, self.session, entity.id),
            Kind::Organisation => self.session.is_admin || entity.id == self.session.organisation,
            kind => !kind.info().organisation_scoped || entity.organisation == self.session.organisation,
        }
    }

    /// Whether the search index has an entity already (contract 8: it lags behind the writes).
    fn indexed(&self, entity: &Entity) -> bool {
        self.hive.settings.index_lag_ms == 0 || entity.written_ms + self.hive.settings.index_lag_ms <= self.now_ms
    }

    /// All visible entities of a kind, or those of `ids` if the caller knows that only they matter.
    pub fn list(&self, kind: Kind, ids: Option<Vec<u64>>) -> Rows<'a> {
        let keep = |entity: &&Entity| entity.kind == kind && self.sees(entity) && self.indexed(entity);
        let store = &self.hive.store;
        let entities = match ids {
            Some(ids) => ids.into_iter().filter_map(|id| store.get(id)).filter(keep).collect(),
            None => store.ids(kind).filter_map(|id| store.get(id)).filter(keep).collect(),
        };
        Rows { kind, entities }
    }

    /// The kind a `list<Kind>` step starts from.
    pub fn list_kind(name: &str) -> Option<Kind> {
        kind_named(name.strip_prefix("list")?)
    }

    /// The first step of a pipeline other than `list<Kind>`.
    pub fn initial(&self, name: &str, step: &Map<String, Value>) -> Result<Rows<'a>, ApiError> {
        if name == "currentUser" {
            let own = self.hive.store.get(self.session.user);
            return Ok(Rows {
                kind: Kind::User,
                entities: own.into_iter().collect(),
            });
        }
        let kind = name
            .strip_prefix("get")
            .and_then(kind_named)
            .ok_or_else(|| unknown_step(name))?;
        let id = step.get("idOrName").and_then(Value::as_str);
        let id = id.ok_or_else(|| ApiError::bad_request(format!("query: {name} needs idOrName")))?;
        // By id or name the answer is consistent at once; not found and not visible are an empty list, not a 404.
        let found = self
            .hive
            .store
            .resolve(kind, self.session.organisation, id)
            .filter(|entity| self.sees(entity));
        Ok(Rows {
            kind,
            entities: found.into_iter().collect(),
        })
    }

    /// A traversal from the rows so far. Consistent at once: it follows edges, not the index.
    pub fn traverse(&self, rows: &Rows<'a>, name: &str) -> Result<Rows<'a>, ApiError> {
        let store = &self.hive.store;
        let children = |kind: Kind| {
            let ids = rows.entities.iter().flat_map(|entity| store.children(entity.id, kind));
            Rows {
                kind,
                entities: ids.filter_map(|id| store.get(id)).collect(),
            }
        };
        let all_of = |kind: Kind, belongs: &dyn Fn(&Entity, u64) -> bool| {
            let wanted = |entity: &&Entity| {
                rows.entities
                    .iter()
                    .any(|organisation| belongs(entity, organisation.id))
            };
            Rows {
                kind,
                entities: store.ids(kind).filter_map(|id| store.get(id)).filter(wanted).collect(),
            }
        };
        match (rows.kind, name) {
            (Kind::Alert, "observables") => Ok(children(Kind::Observable)),
            (Kind::Alert, "comments") => Ok(children(Kind::Comment)),
            (Kind::Observable | Kind::Comment, "alert") => {
                let parents = rows.entities.iter().filter_map(|entity| store.get(entity.parent?));
                Ok(Rows {
                    kind: Kind::Alert,
                    entities: parents.collect(),
                })
            }
            (Kind::Organisation, "alerts") => Ok(all_of(Kind::Alert, &|alert, organisation| {
                alert.organisation == organisation
            })),
            (Kind::Organisation, "users") => Ok(all_of(Kind::User, &|user, organisation| {
                let account = self.hive.accounts.get(user.id);
                account.is_some_and(|account| account.memberships.iter().any(|(id, _)| *id == organisation))
            })),
            _ => Err(unknown_step(name)),
        }
    }
}

fn kind_named(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.info().name == name)
}

/// 400 for a step that does not exist here.
pub fn unknown_step(name: &str) -> ApiError {
    ApiError::attributes(vec![json!({
        "name": "query", "type": "InvalidFormatAttributeError", "format": "query step", "acceptedInput": [], "field": name,
    })])
}
