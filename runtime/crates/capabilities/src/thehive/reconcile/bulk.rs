//! Were the same fields of many objects set, and was it us? One request for all of them, so all are looked at when it is in doubt.

use serde::de::DeserializeOwned;
use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed, refused, unchanged};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{UpdateAlerts, UpdateCases, UpdateObservables, UpdateTasks};
use crate::thehive::client::{Client, not_sent};
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

/// Are all of them as asked? One that is not, and was changed by somebody else since, is a conflict.
fn all_as_asked<'a>(
    kind: &str,
    ids: &[String],
    looks: impl Iterator<Item = Look<'a>>,
    effect: &EffectId,
) -> Result<bool, Failure> {
    let (mut found, mut all) = (0usize, true);
    for look in looks {
        found = found.saturating_add(1);
        if !look.as_asked {
            all = false;
            unchanged(kind, look.id, look.updated_at, effect)?;
        }
    }
    Ok(all && found == ids.len())
}

/// The objects as they are now.
async fn rows<R: DeserializeOwned>(
    client: &Client,
    list: List,
    ids: &[String],
    effect: &EffectId,
) -> Result<Vec<R>, Failure> {
    client.many(list, ids).await.map_err(|error| looked(effect, error))
}

/// Did an earlier sending, whose outcome nobody knows, make all of them as asked?
async fn done_before<R: DeserializeOwned>(
    client: &Client,
    (list, kind): (List, &str),
    ids: &[String],
    effect: &EffectId,
    look: impl for<'r> Fn(&'r R) -> Look<'r>,
) -> Result<bool, Failure> {
    if !effect.repeat {
        return Ok(false);
    }
    let rows: Vec<R> = rows(client, list, ids, effect).await?;
    all_as_asked(kind, ids, rows.iter().map(look), effect)
}

/// Sets fields of many alerts.
pub async fn update_alerts(
    client: &Client,
    call: &UpdateAlerts,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let major = client.major().await.map_err(not_sent)?;
    let fields = &call.patch.custom_fields;
    check::marker_field("patch.custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    let body = types::alert_patch(&call.patch, major);
    if effect.repeat || permission::limits_alerts(scopes) {
        let rows: Vec<AlertRow> = rows(client, List::Alerts, &call.ids, effect).await?;
        let outside = |row: &AlertRow| !permission::admits(scopes, &row.kind, &row.source);
        if rows.iter().any(outside) || (rows.len() < call.ids.len() && !effect.repeat) {
            return Err(refused(Error::NotFound));
        }
        let looks = rows.iter().map(|row| Look {
            id: &row.id,
            as_asked: row.looks().are_as_asked(&body),
            updated_at: row.updated_at,
        });
        if effect.repeat && all_as_asked("alert", &call.ids, looks, effect)? {
            return Ok(adopted(()));
        }
    }
    client.update_many("alert", &call.ids, body, start).await?;
    Ok(performed(()))
}

/// Sets fields of many cases.
pub async fn update_cases(
    client: &Client,
    call: &UpdateCases,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let major = client.major().await.map_err(not_sent)?;
    let fields = &call.patch.custom_fields;
    check::marker_field("patch.custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    let body = types::case_patch(&call.patch, major);
    let of = (List::Cases, "case");
    let look = done_before(client, of, &call.ids, effect, |row: &CaseRow| Look {
        id: &row.id,
        as_asked: row.looks().are_as_asked(&body),
        updated_at: row.updated_at,
    });
    if look.await? {
        return Ok(adopted(()));
    }
    client.update_many("case", &call.ids, body, start).await?;
    Ok(performed(()))
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
    let of = (List::Tasks, "task");
    let look = done_before(client, of, &call.ids, effect, |row: &TaskRow| Look {
        id: &row.id,
        as_asked: row.is_as_asked(&body),
        updated_at: row.updated_at,
    });
    if look.await? {
        return Ok(adopted(()));
    }
    client.update_many("task", &call.ids, body, start).await?;
    Ok(performed(()))
}

/// Sets fields of many observables.
pub async fn update_observables(
    client: &Client,
    call: &UpdateObservables,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let major = client.major().await.map_err(not_sent)?;
    for id in &call.ids {
        super::admitted(client, Belonging::Child("getObservable", id), scopes, effect).await?;
    }
    let body = types::observable_patch(&call.patch, major);
    let of = (List::Observables, "observable");
    let look = done_before(client, of, &call.ids, effect, |row: &ObservableRow| Look {
        id: &row.id,
        as_asked: row.is_as_asked(&body),
        updated_at: row.updated_at,
    });
    if look.await? {
        return Ok(adopted(()));
    }
    client.update_many("observable", &call.ids, body, start).await?;
    Ok(performed(()))
}
