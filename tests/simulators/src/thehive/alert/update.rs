//! What happens when an alert is changed? 204 and no body; absolute values, except `addTags` and `removeTags`.

use super::{
    create::{check_assignee, refuse_duplicate, stage},
    fields::UPDATE,
};
use crate::thehive::{
    app::{Hive, TheHive},
    check::Field,
    custom_field,
    error::ApiError,
    kind::Kind,
    labels,
    record::record,
    resource::{self, Plan, Resource},
    session::Session,
    store::wire_id,
    tags,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::{collections::HashSet, sync::Arc};

/// Alerts by id or `type;source;sourceRef`.
pub struct Alert;

impl Resource for Alert {
    const KIND: Kind = Kind::Alert;
    const PATH: &'static str = "/api/v1/alert";
    const CHANGE: &'static str = "manageAlert/update";
    const REMOVE: &'static str = "manageAlert/delete";
    const UPDATE: &'static [Field] = UPDATE;

    fn changed(hive: &mut Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
        changed(hive, plan)
    }

    fn agree(hive: &Hive, session: &Session, planned: &[(u64, Map<String, Value>)]) -> Result<(), ApiError> {
        let mut triples = HashSet::new();
        for (id, body) in planned {
            refuse_duplicate(hive, session.organisation, body, Some(*id))?;
            if !triples.insert(["type", "source", "sourceRef"].map(|name| body.get(name).cloned())) {
                return Err(ApiError::bad_request(
                    "the change would give several alerts the same type, source, sourceRef",
                ));
            }
        }
        Ok(())
    }
}

/// `POST /api/v1/alert/{idOrTriple}/follow`.
pub async fn follow(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    set_follow(&app, &session, id, true)
}

/// `POST /api/v1/alert/{idOrTriple}/unfollow`.
pub async fn unfollow(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    set_follow(&app, &session, id, false)
}

fn set_follow(app: &TheHive, session: &Session, id: String, follow: bool) -> Result<StatusCode, ApiError> {
    let changes = Map::from_iter([("follow".to_owned(), Value::Bool(follow))]);
    let verb = if follow { "follow" } else { "unfollow" };
    let mut hive = app.lock();
    let found = resource::change::<Alert>(app, &mut hive, session, &[id], &changes)?;
    let id = found.first().map(|id| wire_id(*id)).unwrap_or_default();
    record(
        app,
        &hive,
        "POST",
        &format!("/api/v1/alert/{id}/{verb}"),
        Value::Null,
        &found,
    );
    Ok(StatusCode::NO_CONTENT)
}

/// The alert after the change.
fn changed(hive: &Hive, plan: Plan<'_>) -> Result<Map<String, Value>, ApiError> {
    let mut body = plan.body;
    check_assignee(hive, plan.changes.get("assignee"))?;
    for (name, value) in plan.changes {
        match (name.as_str(), value) {
            ("addTags" | "removeTags" | "lastSyncDate", _) => {}
            ("customFields", value) => {
                let current = body.get("customFields").cloned().unwrap_or_else(|| json!([]));
                body.insert("customFields".into(), custom_field::apply(hive, &current, value)?);
            }
            ("status", Value::String(status)) => set_status(hive, &mut body, status, plan.author.now_ms)?,
            (_, Value::Null) => drop(body.shift_remove(name)),
            (_, value) => drop(body.insert(name.clone(), value.clone())),
        }
    }
    let tags = tags::changed(&body, plan.changes);
    body.insert("tags".into(), tags);
    labels::set_labels(&mut body);
    Ok(body)
}

fn set_status(hive: &Hive, body: &mut Map<String, Value>, status: &str, now_ms: i64) -> Result<(), ApiError> {
    let stage = stage(hive, status)?;
    let closed = stage == "Closed";
    match stage.as_str() {
        "InProgress" => drop(body.entry("inProgressDate").or_insert_with(|| now_ms.into())),
        "Closed" => drop(body.insert("closedDate".into(), now_ms.into())),
        _ => {}
    }
    body.insert("status".into(), status.into());
    body.insert("stage".into(), stage.into());
    if !closed {
        body.shift_remove("closedDate");
    }
    Ok(())
}
