//! What happens when an alert is changed? 204 and no body; absolute values, except `addTags` and `removeTags`.

use super::{
    create::{check_assignee, refuse_duplicate, stage},
    fields::UPDATE,
};
use crate::thehive::{
    app::{Hive, TheHive},
    body::Json,
    check, custom_field,
    error::ApiError,
    kind::Kind,
    labels,
    record::record,
    session::Session,
    store::wire_id,
    tags,
};
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::{Map, Value, json};
use std::{collections::HashSet, sync::Arc};

/// `PATCH /api/v1/alert/{idOrTriple}`.
pub async fn one(
    State(app): State<Arc<TheHive>>,
    session: Session,
    Path(id): Path<String>,
    Json(body): Json,
) -> Result<StatusCode, ApiError> {
    let changes = check::update(body.clone(), UPDATE)?;
    apply(&app, &session, &[id], &changes, |hive, ids| {
        let id = ids.first().map(|id| wire_id(*id)).unwrap_or_default();
        record(&app, hive, "PATCH", &format!("/api/v1/alert/{id}"), body, ids);
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH /api/v1/alert/_bulk {ids, ...}`.
pub async fn bulk(State(app): State<Arc<TheHive>>, session: Session, Json(body): Json) -> Result<StatusCode, ApiError> {
    let (ids, rest) = take_ids(body.clone())?;
    let changes = check::update(rest, UPDATE)?;
    apply(&app, &session, &ids, &changes, |hive, ids| {
        record(&app, hive, "PATCH", "/api/v1/alert/_bulk", body, ids);
    })?;
    Ok(StatusCode::NO_CONTENT)
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
    apply(app, session, &[id], &changes, |hive, ids| {
        let id = ids.first().map(|id| wire_id(*id)).unwrap_or_default();
        record(
            app,
            hive,
            "POST",
            &format!("/api/v1/alert/{id}/{verb}"),
            Value::Null,
            ids,
        );
    })?;
    Ok(StatusCode::NO_CONTENT)
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

/// Checks the change against every alert, then makes it: all or nothing. `record` runs under the lock with the alerts' ids,
/// so that the effects log has the order of the changes.
fn apply(
    app: &TheHive,
    session: &Session,
    ids: &[String],
    changes: &Map<String, Value>,
    record: impl FnOnce(&Hive, &[u64]),
) -> Result<(), ApiError> {
    session.require("manageAlert/update", "update alert")?;
    let mut hive = app.lock();
    let mut planned: Vec<(u64, Map<String, Value>)> = Vec::new();
    let mut triples = HashSet::new();
    for id in ids {
        let alert = hive.store.resolve(Kind::Alert, session.organisation, id);
        let alert = alert.ok_or_else(|| ApiError::not_found("Alert"))?;
        let body = changed(&hive, &alert.body, changes, app.control.now_ms())?;
        refuse_duplicate(&hive, session.organisation, &body, Some(alert.id))?;
        if !triples.insert(["type", "source", "sourceRef"].map(|name| body.get(name).cloned())) {
            return Err(ApiError::bad_request(
                "the change would give several alerts the same type, source, sourceRef",
            ));
        }
        planned.push((alert.id, body));
    }
    let author = session.author(app.control.now_ms());
    let found: Vec<u64> = planned.iter().map(|(id, _)| *id).collect();
    for (id, body) in planned {
        hive.store.update(id, &author, |old| *old = body);
    }
    record(&hive, &found);
    Ok(())
}

/// The alert after the change.
fn changed(
    hive: &Hive,
    alert: &Map<String, Value>,
    changes: &Map<String, Value>,
    now_ms: i64,
) -> Result<Map<String, Value>, ApiError> {
    let mut body = alert.clone();
    check_assignee(hive, changes.get("assignee"))?;
    for (name, value) in changes {
        match (name.as_str(), value) {
            ("addTags" | "removeTags" | "lastSyncDate", _) => {}
            ("customFields", value) => {
                let current = alert.get("customFields").cloned().unwrap_or_else(|| json!([]));
                body.insert("customFields".into(), custom_field::apply(hive, &current, value)?);
            }
            ("status", Value::String(status)) => set_status(&mut body, status, now_ms)?,
            (_, Value::Null) => drop(body.shift_remove(name)),
            (_, value) => drop(body.insert(name.clone(), value.clone())),
        }
    }
    let tags = tags::changed(&body, changes);
    body.insert("tags".into(), tags);
    labels::set_labels(&mut body);
    Ok(body)
}

fn set_status(body: &mut Map<String, Value>, status: &str, now_ms: i64) -> Result<(), ApiError> {
    let stage = stage(status)?;
    body.insert("status".into(), status.into());
    body.insert("stage".into(), stage.into());
    match stage {
        "InProgress" => drop(body.entry("inProgressDate").or_insert_with(|| now_ms.into())),
        "Closed" => drop(body.insert("closedDate".into(), now_ms.into())),
        _ => {}
    }
    if stage != "Closed" {
        body.shift_remove("closedDate");
    }
    Ok(())
}
