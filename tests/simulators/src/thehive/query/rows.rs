//! Which entities does a query start from, and where do its traversals lead?

use crate::thehive::{
    alert,
    app::Hive,
    error::ApiError,
    kind::Kind,
    session::Session,
    store::{Entity, parse_id},
};
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
        self.hive.sees(self.session, entity)
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
        if let ("waitingTasks" | "myTasks", tasks) = (name, Kind::Task) {
            let mut rows = self.list(tasks, None);
            rows.entities.retain(|task| match name {
                "waitingTasks" => task.body.get("status") == Some(&"Waiting".into()),
                _ => task.body.get("assignee") == Some(&self.session.login.as_str().into()),
            });
            return Ok(rows);
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
        let mut found = self.step(rows, name)?;
        // Not everything below a shared case is shared.
        found.entities.retain(|entity| self.sees(entity));
        Ok(found)
    }

    fn step(&self, rows: &Rows<'a>, name: &str) -> Result<Rows<'a>, ApiError> {
        let store = &self.hive.store;
        let children = |kind: Kind| {
            let ids = rows.entities.iter().flat_map(|entity| store.children(entity.id, kind));
            Rows {
                kind,
                entities: ids.filter_map(|id| store.get(id)).collect(),
            }
        };
        let parents = |kind: Kind| {
            let mut entities: Vec<&Entity> = Vec::new();
            let ids = rows.entities.iter().filter_map(|entity| entity.parent);
            for parent in ids.filter_map(|id| store.get(id)).filter(|parent| parent.kind == kind) {
                if !entities.iter().any(|known| known.id == parent.id) {
                    entities.push(parent);
                }
            }
            Rows { kind, entities }
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
        let owned = |kind: Kind| all_of(kind, &|entity, organisation| entity.organisation == organisation);
        let member = |user: &Entity, organisation: u64| {
            let account = self.hive.accounts.get(user.id);
            account.is_some_and(|account| account.memberships.iter().any(|(id, _)| *id == organisation))
        };
        match (rows.kind, name) {
            (Kind::Alert | Kind::Case, "observables") => Ok(children(Kind::Observable)),
            (Kind::Alert | Kind::Case, "comments") => Ok(children(Kind::Comment)),
            (Kind::Alert | Kind::Case, "procedures") => Ok(children(Kind::Procedure)),
            (Kind::Alert | Kind::Case | Kind::Log | Kind::Organisation, "attachments") => {
                Ok(children(Kind::Attachment))
            }
            (Kind::Case, "tasks") => Ok(children(Kind::Task)),
            (Kind::Case, "shares") => Ok(children(Kind::Share)),
            (Kind::Observable, "similar") => {
                let like = |other: &Entity, one: &&Entity| {
                    let same = |name: &str| one.body.get(name).is_some() && one.body.get(name) == other.body.get(name);
                    one.id != other.id && same("dataType") && (same("data") || same("attachment"))
                };
                let similar = |other: &&Entity| self.sees(other) && rows.entities.iter().any(|one| like(other, one));
                let all = store.ids(Kind::Observable).filter_map(|id| store.get(id));
                Ok(Rows {
                    kind: Kind::Observable,
                    entities: all.filter(similar).collect(),
                })
            }
            (Kind::Observable, "jobs") => Ok(children(Kind::Job)),
            (Kind::Case | Kind::Alert | Kind::Task | Kind::Log | Kind::Observable, "actions") => {
                Ok(children(Kind::Action))
            }
            (Kind::Job, "observable") => Ok(parents(Kind::Observable)),
            (Kind::Case, "pages") => Ok(children(Kind::Page)),
            (Kind::Case, "alerts") => Ok(self.alerts_of(rows)),
            (Kind::Case, "allComments") => {
                let mut all = children(Kind::Comment);
                all.entities
                    .extend(self.traverse(&self.alerts_of(rows), "comments")?.entities);
                Ok(all)
            }
            (Kind::Case | Kind::Alert | Kind::Task, "assignableUsers") => {
                Ok(all_of(Kind::User, &|user, _| member(user, self.session.organisation)))
            }
            (Kind::Alert, "case") => {
                let ids = rows
                    .entities
                    .iter()
                    .filter_map(|alert| parse_id(alert.body.get("caseId")?.as_str()?));
                Ok(Rows {
                    kind: Kind::Case,
                    entities: ids.filter_map(|id| store.get(id)).collect(),
                })
            }
            (Kind::Task, "logs") => Ok(children(Kind::Log)),
            (Kind::Log, "task") => Ok(parents(Kind::Task)),
            (Kind::Observable | Kind::Comment, "alert") => Ok(parents(Kind::Alert)),
            (Kind::Observable | Kind::Comment | Kind::Task | Kind::Procedure | Kind::Page, "case") => {
                Ok(parents(Kind::Case))
            }
            (Kind::CaseTemplate, "pageTemplates") => Ok(self.page_templates_of(rows)),
            (Kind::Organisation, "alerts") => Ok(owned(Kind::Alert)),
            (Kind::Organisation, "cases") => Ok(owned(Kind::Case)),
            (Kind::Organisation, "caseTemplates") => Ok(owned(Kind::CaseTemplate)),
            (Kind::Organisation, "users") => Ok(all_of(Kind::User, &member)),
            _ => Err(unknown_step(name)),
        }
    }

    /// The alerts that belong to the cases.
    fn alerts_of(&self, rows: &Rows<'a>) -> Rows<'a> {
        let ids = rows.entities.iter().flat_map(|case| alert::of_case(self.hive, case.id));
        Rows {
            kind: Kind::Alert,
            entities: ids.filter_map(|id| self.hive.store.get(id)).collect(),
        }
    }

    /// The page templates that are linked to case templates.
    fn page_templates_of(&self, rows: &Rows<'a>) -> Rows<'a> {
        let ids = rows.entities.iter().flat_map(|template| {
            self.hive
                .page_templates
                .get(&template.id)
                .into_iter()
                .flatten()
                .copied()
        });
        Rows {
            kind: Kind::PageTemplate,
            entities: ids.filter_map(|id| self.hive.store.get(id)).collect(),
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
