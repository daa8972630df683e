//! Were alerts and cases brought together, or apart, and was it us? The alert's case says so (D25); a merged case is told by its title and
//! number once its parts are gone.

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed, refused};
use crate::bindings::synapse::thehive::cases::{Case, MergedObservables};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};
use crate::thehive::calls::{
    ApplyTemplate, FollowAlert, ImportAlert, MergeAlert, MergeAlerts, MergeCases, MergeObservables, Parts, UnlinkAlert,
};
use crate::thehive::client::{Client, Into as How, not_sent, unknown};
use crate::thehive::owner::Belonging;
use crate::thehive::permission;
use crate::thehive::types::{AlertRow, CaseRow};

/// What a merged case will be told by.
pub async fn parts(client: &Client, ids: &[String]) -> Result<Parts, Error> {
    let mut parts = Parts {
        titles: Vec::with_capacity(ids.len()),
        newest: 0,
    };
    for id in ids {
        let row = client.case(id).await?;
        parts.newest = parts.newest.max(row.number);
        parts.titles.push(row.title);
    }
    Ok(parts)
}

impl Parts {
    /// Is it the title of a case that was made of these? In which order a server joins them is not sure.
    fn make(&self, title: &str) -> bool {
        let joined = self.titles.join(" / ");
        joined.len() == title.len() && self.titles.iter().all(|part| title.contains(part.as_str()))
    }
}

/// Makes one case of several.
pub async fn merge_cases(
    client: &Client,
    call: &MergeCases,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<Case>, Failure> {
    let row = client.merge_cases(&call.ids, Instant::now()).await?;
    Ok(performed(client.shown_case(row).map_err(unknown)?))
}

/// The case that was made of these. While the first of them is there, none was.
pub async fn merged_cases(client: &Client, call: &MergeCases, _effect: &EffectId) -> Result<Option<Case>, Error> {
    let first = call.ids.first().map(String::as_str).unwrap_or_default();
    match client.case(first).await {
        Ok(_) => return Ok(None),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    let wanted = |row: &CaseRow| call.parts.make(&row.title);
    match client.case_after(call.parts.newest, wanted).await? {
        Some(row) => client.shown_case(row).map(Some),
        None => Err(Error::Unavailable(
            "the cases are gone, and one that was made of them is not found".to_owned(),
        )),
    }
}

/// Merges an alert into a case.
pub async fn merge_alert(
    client: &Client,
    call: &MergeAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Case>, Failure> {
    bring(client, How::Merge, &call.alert_id, &call.case_id, scopes, effect).await
}

/// The case, if the alert is in it.
pub async fn merged_alert(client: &Client, call: &MergeAlert, _effect: &EffectId) -> Result<Option<Case>, Error> {
    brought(client, &call.alert_id, &call.case_id).await
}

/// Takes an alert's observables and techniques over into a case.
pub async fn import_alert(
    client: &Client,
    call: &ImportAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Case>, Failure> {
    bring(client, How::Import, &call.alert_id, &call.case_id, scopes, effect).await
}

/// The case, if the alert is in it.
pub async fn imported_alert(client: &Client, call: &ImportAlert, _effect: &EffectId) -> Result<Option<Case>, Error> {
    brought(client, &call.alert_id, &call.case_id).await
}

async fn bring(
    client: &Client,
    how: How,
    alert: &str,
    case: &str,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Case>, Failure> {
    let start = Instant::now();
    let _turn = client.turn([alert]).await;
    let row = client.by_id(alert).await.map_err(|error| looked(effect, error))?;
    if is_in(&row, case, scopes)? {
        return found(client, case, effect).await;
    }
    match client.bring(how, alert, case, start).await {
        Ok(row) => Ok(performed(client.shown_case(row).map_err(unknown)?)),
        // Somebody was faster between the look and the sending: then the alert's case is the answer, not the refusal.
        Err(refusal) if refusal.certainty == Certainty::Refused => match client.by_id(alert).await {
            Ok(row) if is_in(&row, case, scopes)? => found(client, case, effect).await,
            Ok(_) | Err(_) => Err(refusal),
        },
        Err(failure) => Err(failure),
    }
}

async fn brought(client: &Client, alert: &str, case: &str) -> Result<Option<Case>, Error> {
    if client.by_id(alert).await?.case_id.as_deref() == Some(case) {
        client.shown_case(client.case(case).await?).map(Some)
    } else {
        Ok(None)
    }
}

/// Is the alert in this case already? One in another case stays there.
fn is_in(alert: &AlertRow, case: &str, scopes: &Scopes) -> Result<bool, Failure> {
    if !permission::admits(scopes, &alert.kind, &alert.source) {
        return Err(refused(Error::NotFound));
    }
    match alert.case_id.as_deref() {
        None => Ok(false),
        Some(own) if own == case => Ok(true),
        Some(other) => {
            let why = format!("alert {} is in case {other} already", alert.id);
            Err(refused(Error::Conflict(why)))
        }
    }
}

async fn found(client: &Client, case: &str, effect: &EffectId) -> Result<Done<Case>, Failure> {
    let row = client.case(case).await.map_err(|error| looked(effect, error))?;
    Ok(adopted(client.shown_case(row).map_err(not_sent)?))
}

/// Merges many alerts into a case. Those that are in it already are left out.
pub async fn merge_alerts(
    client: &Client,
    call: &MergeAlerts,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Case>, Failure> {
    let start = Instant::now();
    let case = call.case_id.as_str();
    let _turns = client.turn(call.alert_ids.iter().map(String::as_str)).await;
    let rows = client.each_alert(&call.alert_ids).await;
    let mut open = Vec::new();
    for row in &rows.map_err(|error| looked(effect, error))? {
        if !is_in(row, case, scopes)? {
            open.push(row.id.clone());
        }
    }
    if open.is_empty() {
        return found(client, case, effect).await;
    }
    let open: Vec<&str> = open.iter().map(String::as_str).collect();
    let row = client.bring_many(&open, case, start).await?;
    Ok(performed(client.shown_case(row).map_err(unknown)?))
}

/// The case, if all of the alerts are in it.
pub async fn merged_alerts(client: &Client, call: &MergeAlerts, _effect: &EffectId) -> Result<Option<Case>, Error> {
    let rows = client.each_alert(&call.alert_ids).await?;
    let is_in = |row: &AlertRow| row.case_id.as_deref() == Some(call.case_id.as_str());
    if rows.iter().all(is_in) {
        client.shown_case(client.case(&call.case_id).await?).map(Some)
    } else {
        Ok(None)
    }
}

/// Takes an alert out of a case.
pub async fn unlink_alert(
    client: &Client,
    call: &UnlinkAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let _turn = client.turn([call.alert_id.as_str()]).await;
    let alert = client.by_id(&call.alert_id).await;
    let alert = alert.map_err(|error| looked(effect, error))?;
    if !permission::admits(scopes, &alert.kind, &alert.source) {
        return Err(refused(Error::NotFound));
    }
    if alert.case_id.as_deref() != Some(call.case_id.as_str()) {
        return if effect.repeat {
            Ok(adopted(()))
        } else {
            Err(refused(Error::NotFound))
        };
    }
    let path = vec!["api", "v1", "case", &call.case_id, "alert", &call.alert_id];
    client.remove(path, start).await?;
    Ok(performed(()))
}

/// Follows an alert's source, or not any more: the same twice.
pub async fn follow_alert(
    client: &Client,
    call: &FollowAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    super::admitted(client, Belonging::Alert(&call.id), scopes, effect).await?;
    client.follow(&call.id, call.follow, start).await?;
    Ok(performed(()))
}

/// Makes one of observables that are the same: a second time there are none left.
pub async fn merge_observables(
    client: &Client,
    call: &MergeObservables,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<MergedObservables>, Failure> {
    let merged = client.merge_observables(&call.case_id, Instant::now()).await?;
    Ok(performed(merged))
}

/// Applies a template.
pub async fn apply_template(
    client: &Client,
    call: &ApplyTemplate,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    client
        .apply_template(&call.case_ids, &call.template, &call.parts, start)
        .await?;
    Ok(performed(()))
}
