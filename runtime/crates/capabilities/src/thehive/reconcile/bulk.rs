//! Were the same fields of many objects set, and was it us? All of them are looked at when it is in doubt, and before 3 and 4 change them:
//! there what is not there must be known before the first is changed.

use serde::de::DeserializeOwned;
use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed, refused, unchanged};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{UpdateAlerts, UpdateCases, UpdateObservables, UpdateTasks};
use crate::thehive::client::{Client, Patch, not_sent};
use crate::thehive::owner::Belonging;
use crate::thehive::query::List;
use crate::thehive::types::{self, AlertRow, CaseRow, ObservableRow, TaskRow};
use crate::thehive::{check, permission};

/// How one of many objects looks to a change that is in doubt.
struct Look<'a> {
    id: &'a str,
    as_asked: bool,
    updated_at: Option<u64>,
}

/// The objects as they are, if that has to be known before they are changed.
async fn before<R: DeserializeOwned>(
    client: &Client,
    list: List,
    ids: &[String],
    is_limited: bool,
    effect: &EffectId,
) -> Result<Vec<R>, Failure> {
    let one_by_one = client.v0().await.map_err(not_sent)?.is_some();
    if !(effect.repeat || is_limited || one_by_one) {
        return Ok(Vec::new());
    }
    let rows = client.many(list, ids).await.map_err(|error| looked(effect, error))?;
    if rows.len() < ids.len() && !effect.repeat {
        return Err(refused(Error::NotFound));
    }
    Ok(rows)
}

/// Sets what is not as asked yet: at first everything, of a change in doubt what it left. One that is not as asked, and was changed by
/// somebody else since, is a conflict.
async fn set<'a>(
    client: &Client,
    (ids, patch): (&[String], Patch<'_>),
    looks: impl Iterator<Item = Look<'a>>,
    effect: &EffectId,
    start: Instant,
) -> Result<Done<()>, Failure> {
    let mut open = ids.to_vec();
    if effect.repeat {
        for look in looks {
            if look.as_asked {
                open.retain(|id| id != look.id);
            } else {
                unchanged(patch.kind(), look.id, look.updated_at, effect)?;
            }
        }
        if open.is_empty() {
            return Ok(adopted(()));
        }
    }
    client.update_many(&open, patch, start).await?;
    Ok(performed(()))
}

/// Sets fields of many alerts.
pub async fn update_alerts(
    client: &Client,
    call: &UpdateAlerts,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let major = client.scale().await.map_err(not_sent)?;
    let fields = &call.patch.custom_fields;
    check::marker_field("patch.custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    let body = types::alert_patch(&call.patch, major);
    let is_limited = permission::limits_alerts(scopes);
    let rows: Vec<AlertRow> = before(client, List::Alerts, &call.ids, is_limited, effect).await?;
    if rows
        .iter()
        .any(|row| !permission::admits(scopes, &row.kind, &row.source))
    {
        return Err(refused(Error::NotFound));
    }
    let looks = rows.iter().map(|row| Look {
        id: &row.id,
        as_asked: row.looks().are_as_asked(&body),
        updated_at: row.updated_at,
    });
    set(client, (&call.ids, Patch::Alerts(&call.patch)), looks, effect, start).await
}

/// Sets fields of many cases.
pub async fn update_cases(
    client: &Client,
    call: &UpdateCases,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let major = client.scale().await.map_err(not_sent)?;
    let fields = &call.patch.custom_fields;
    check::marker_field("patch.custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    let body = types::case_patch(&call.patch, major);
    let rows: Vec<CaseRow> = before(client, List::Cases, &call.ids, false, effect).await?;
    let looks = rows.iter().map(|row| Look {
        id: &row.id,
        as_asked: row.looks().are_as_asked(&body),
        updated_at: row.updated_at,
    });
    set(client, (&call.ids, Patch::Cases(&call.patch)), looks, effect, start).await
}

/// Sets fields of many tasks.
pub async fn update_tasks(
    client: &Client,
    call: &UpdateTasks,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let body = types::task_patch(&call.patch);
    let rows: Vec<TaskRow> = before(client, List::Tasks, &call.ids, false, effect).await?;
    let looks = rows.iter().map(|row| Look {
        id: &row.id,
        as_asked: row.is_as_asked(&body),
        updated_at: row.updated_at,
    });
    set(client, (&call.ids, Patch::Tasks(&call.patch)), looks, effect, start).await
}

/// Sets fields of many observables.
pub async fn update_observables(
    client: &Client,
    call: &UpdateObservables,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let major = client.scale().await.map_err(not_sent)?;
    for id in &call.ids {
        super::admitted(client, Belonging::Child("getObservable", id), scopes, effect).await?;
    }
    let body = types::observable_patch(&call.patch, major);
    let rows: Vec<ObservableRow> = before(client, List::Observables, &call.ids, false, effect).await?;
    let looks = rows.iter().map(|row| Look {
        id: &row.id,
        as_asked: row.is_as_asked(&body),
        updated_at: row.updated_at,
    });
    set(
        client,
        (&call.ids, Patch::Observables(&call.patch)),
        looks,
        effect,
        start,
    )
    .await
}
