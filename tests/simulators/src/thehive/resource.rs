//! How is an entity read, changed and deleted by its id? The same way for every kind: find, authorise, check, change, record.
//!
//! A kind says in [`Resource`] only what is its own: its fields, its permissions, what a change brings with it. All changes are
//! planned before the first is made, so that a refused call leaves nothing behind.

use super::{
    app::{Hive, TheHive},
    body::Json,
    check::{self, Field},
    error::ApiError,
    kind::Kind,
    record::{record, record_removal},
    session::Session,
    store::{Author, wire_id},
    tags,
};
use axum::extract::{FromRequestParts, RawPathParams, State};
use http::{StatusCode, request::Parts};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A kind that can be addressed by its id.
pub trait Resource: 'static {
    const KIND: Kind;
    /// The path of one without its id.
    const PATH: &'static str;
    /// The permission for a change and for a removal; empty where [`Self::guard`] decides.
    const CHANGE: &'static str;
    const REMOVE: &'static str;
    /// What an update may name.
    const UPDATE: &'static [Field];

    /// Whether this session may change or remove this one.
    fn guard(_hive: &Hive, _session: &Session, _id: u64) -> Result<(), ApiError> {
        Ok(())
    }

    /// The entity after the change: null removes a field.
    fn changed(_hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        Ok(plan.simple())
    }

    /// Whether the planned changes can stand together.
    fn agree(_hive: &Hive, _session: &Session, _planned: &[(u64, Map<String, Value>)]) -> Result<(), ApiError> {
        Ok(())
    }

    /// What has to be done while it is still there.
    fn before_removal(_hive: &mut Hive, _id: u64) {}

    /// What follows from a removal.
    fn removed(_hive: &mut Hive, _gone: &Gone, _author: &Author<'_>) {}
}

/// One planned change.
pub struct Plan<'a> {
    pub id: u64,
    /// The entity as it is.
    pub body: Map<String, Value>,
    /// The checked input.
    pub changes: &'a Map<String, Value>,
    pub author: Author<'a>,
}

impl Plan<'_> {
    /// Every change as it is; null removes.
    pub fn simple(self) -> Map<String, Value> {
        let mut body = self.body;
        for (name, value) in self.changes {
            match value {
                Value::Null => drop(body.shift_remove(name)),
                value => drop(body.insert(name.clone(), value.clone())),
            }
        }
        body
    }
}

/// An entity that was removed.
pub struct Gone {
    pub id: u64,
    pub parent: Option<u64>,
    /// The alerts that belonged to it, if it was a case.
    pub alerts: Vec<u64>,
}

/// The last parameter of a path: the id or name of what the request is about.
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let parameters = parameters.map_err(|error| ApiError::bad_request(error.to_string()))?;
        let last = parameters.iter().last().map(|(_, value)| value.to_owned());
        last.map(Self).ok_or_else(|| ApiError::not_found("entity"))
    }
}

/// `GET {path}/{idOrName}`.
pub async fn get<R: Resource>(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Id(id): Id,
) -> Result<axum::Json<Value>, ApiError> {
    let hive = app.lock();
    let found = hive.find(R::KIND, &session, &id)?;
    Ok(axum::Json(hive.body(found)))
}

/// `PATCH {path}/{idOrName}`: 204.
pub async fn patch<R: Resource>(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Id(id): Id,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let changes = check::update(body.clone(), R::UPDATE)?;
    let mut hive = app.lock();
    let found = change::<R>(&app, &mut hive, &session, &[id], &changes)?;
    record(&app, &hive, "PATCH", &path::<R>(&found), body, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH {path}/_bulk {ids, ..}`: 204; all or nothing.
pub async fn patch_bulk<R: Resource>(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let (ids, rest) = take_ids(body.clone())?;
    let changes = check::update(rest, R::UPDATE)?;
    let mut hive = app.lock();
    let found = change::<R>(&app, &mut hive, &session, &ids, &changes)?;
    record(&app, &hive, "PATCH", &format!("{}/_bulk", R::PATH), body, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE {path}/{idOrName}`: 204; the second time 404, which a client may take as success.
pub async fn delete<R: Resource>(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    let mut hive = app.lock();
    let found = removable::<R>(&hive, &session, &[id])?;
    remove::<R>(&mut hive, &found, &session.author(app.control.now_ms()));
    record_removal(&app, "DELETE", &path::<R>(&found), Value::Null, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// `POST {path}/delete/_bulk {ids}`: 204; all or nothing.
pub async fn delete_bulk<R: Resource>(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let (ids, _) = take_ids(body.clone())?;
    let mut hive = app.lock();
    let found = removable::<R>(&hive, &session, &ids)?;
    remove::<R>(&mut hive, &found, &session.author(app.control.now_ms()));
    record_removal(&app, "POST", &format!("{}/delete/_bulk", R::PATH), body, &found);
    Ok(StatusCode::NO_CONTENT)
}

/// Changes entities as a request does; answers their ids. Direct use: status calls that are no `PATCH`, such as following.
pub fn change<R: Resource>(
    app: &TheHive,
    hive: &mut Hive,
    session: &Session,
    ids: &[String],
    changes: &Map<String, Value>,
) -> Result<Vec<u64>, ApiError> {
    require(session, R::CHANGE, "update", R::KIND)?;
    let now_ms = app.control.now_ms();
    let mut planned = Vec::new();
    for id in ids {
        let id = hive.find(R::KIND, session, id)?;
        R::guard(hive, session, id)?;
        let body = hive.store.get(id).map(|entity| entity.body.clone()).unwrap_or_default();
        let author = session.author(now_ms);
        let plan = Plan {
            id,
            body,
            changes,
            author,
        };
        planned.push((id, R::changed(hive, plan)?));
    }
    R::agree(hive, session, &planned)?;
    let found = planned.iter().map(|(id, _)| *id).collect();
    let author = session.author(now_ms);
    for (id, body) in planned {
        if R::KIND.has_tags() {
            tags::register(hive, session.organisation, &author, body.get("tags"));
        }
        hive.store.update(id, &author, |old| *old = body);
    }
    Ok(found)
}

fn removable<R: Resource>(hive: &Hive, session: &Session, ids: &[String]) -> Result<Vec<u64>, ApiError> {
    require(session, R::REMOVE, "delete", R::KIND)?;
    let one = |id: &String| {
        let found = hive.find(R::KIND, session, id)?;
        R::guard(hive, session, found)?;
        Ok(found)
    };
    ids.iter().map(one).collect()
}

fn remove<R: Resource>(hive: &mut Hive, ids: &[u64], author: &Author<'_>) {
    for id in ids {
        R::before_removal(hive, *id);
        let gone = Gone {
            id: *id,
            parent: hive.store.get(*id).and_then(|entity| entity.parent),
            alerts: super::alert::of_case(hive, *id),
        };
        hive.store.remove(*id, author);
        R::removed(hive, &gone, author);
    }
}

fn path<R: Resource>(found: &[u64]) -> String {
    let id = found.first().map(|id| wire_id(*id)).unwrap_or_default();
    format!("{}/{id}", R::PATH)
}

fn require(session: &Session, permission: &str, verb: &str, kind: Kind) -> Result<(), ApiError> {
    if permission.is_empty() {
        return Ok(());
    }
    session.require(permission, &format!("{verb} {}", kind.words()))
}

/// Splits `ids` off a bulk body.
pub fn take_ids(body: Value) -> Result<(Vec<String>, Value), ApiError> {
    let Value::Object(mut body) = body else {
        return Err(ApiError::bad_request("Invalid Json: expected an object"));
    };
    let ids = body
        .remove("ids")
        .ok_or_else(|| ApiError::attributes(vec![json!({"name": "ids", "type": "MissingAttributeError"})]))?;
    let ids = serde_json::from_value(ids).map_err(|error| ApiError::bad_request(format!("ids: {error}")))?;
    Ok((ids, Value::Object(body)))
}
