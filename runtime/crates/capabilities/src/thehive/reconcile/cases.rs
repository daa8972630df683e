//! Was this case made, changed or made of an alert, and was it us (contract section 7)?

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::{looked, refused, unchanged};
use crate::bindings::synapse::thehive::cases::{Case, CasePatch};
use crate::bindings::synapse::thehive::statuses::Subject;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::gate::{Certainty, Done, EffectId, Failure};
use crate::thehive::calls::{CloseCase, CreateCase, PromoteAlert, ReopenCase, UpdateCase};
use crate::thehive::client::{Client, not_sent, unknown};
use crate::thehive::{check, permission, types};

/// Sends a new case.
pub async fn create_case(client: &Client, call: &CreateCase, effect: &EffectId) -> Result<Done<Case>, Failure> {
    let fields = &call.case.custom_fields;
    check::marker_field("custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    let row = client.create_case(&call.case, &effect.marker()).await?;
    Ok(Done {
        answer: client.shown_case(row).map_err(unknown)?,
        how: How::Performed,
    })
}

/// The case that this effect made. Of several (somebody copied the marker, or merged) the oldest is it.
pub async fn created_case(client: &Client, effect: &EffectId) -> Result<Option<Case>, Error> {
    let row = client.marked_case(&effect.marker()).await?;
    row.map(|row| client.shown_case(row)).transpose()
}

/// Sets fields of a case. A repeat looks first: it may have happened, or somebody may have changed the case since.
pub async fn update_case(client: &Client, call: &UpdateCase, effect: &EffectId) -> Result<Done<Case>, Failure> {
    let fields = &call.patch.custom_fields;
    check::marker_field("patch.custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    change_case(client, &call.id, &call.patch, effect, Instant::now()).await
}

/// Closes a case in a status whose stage says so (D26).
pub async fn close_case(client: &Client, call: &CloseCase, effect: &EffectId) -> Result<Done<Case>, Failure> {
    let start = Instant::now();
    let closing = &call.closing;
    let known = client.statuses(Subject::Case).await;
    let known = known.map_err(|error| looked(effect, error))?;
    let closed = |row: &&types::StatusRow| row.stage == types::CLOSED;
    let Some(status) = known.iter().filter(closed).find(|row| row.is_called(&closing.status)) else {
        let names: Vec<&str> = known.iter().filter(closed).map(|row| row.value.as_str()).collect();
        return Err(refused_argument(
            effect,
            "closing.status",
            format!(
                "`{}` closes no case here; use one of {}",
                closing.status,
                names.join(", ")
            ),
        ));
    };
    let patch = CasePatch {
        status: Some(status.value.clone()),
        impact: Some(closing.impact),
        summary: closing.summary.clone(),
        ..nothing()
    };
    change_case(client, &call.id, &patch, effect, start).await
}

/// Takes a case up again, in the first status of its stage.
pub async fn reopen_case(client: &Client, call: &ReopenCase, effect: &EffectId) -> Result<Done<Case>, Failure> {
    let start = Instant::now();
    let known = client.statuses(Subject::Case).await;
    let known = known.map_err(|error| looked(effect, error))?;
    let mut open = known.iter().filter(|row| row.stage == types::IN_PROGRESS);
    let Some(status) = open.clone().find(|row| !row.hidden).or_else(|| open.next()) else {
        return Err(looked(effect, types::unreadable("no status of the stage InProgress")));
    };
    let patch = CasePatch {
        status: Some(status.value.clone()),
        ..nothing()
    };
    change_case(client, &call.id, &patch, effect, start).await
}

/// An argument that only the server's own lists refuse. A repeat was sent before, so the lists have changed since.
fn refused_argument(effect: &EffectId, field: &str, reason: String) -> Failure {
    let error = Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason,
    });
    looked(effect, error)
}

fn nothing() -> CasePatch {
    CasePatch {
        title: None,
        description: None,
        severity: None,
        tlp: None,
        pap: None,
        status: None,
        summary: None,
        impact: None,
        assignee: None,
        flag: None,
        start_date: None,
        add_tags: Vec::new(),
        remove_tags: Vec::new(),
        custom_fields: Vec::new(),
    }
}

async fn change_case(
    client: &Client,
    id: &str,
    patch: &CasePatch,
    effect: &EffectId,
    start: Instant,
) -> Result<Done<Case>, Failure> {
    let major = client.scale().await.map_err(not_sent)?;
    if effect.repeat {
        let row = client.case(id).await.map_err(|error| looked(effect, error))?;
        if row.looks().are_as_asked(&types::case_patch(patch, major)) {
            return Ok(Done {
                answer: client.shown_case(row).map_err(unknown)?,
                how: How::Adopted,
            });
        }
        unchanged("case", &row.id, row.updated_at, effect)?;
    }
    client.update_case(id, patch, start).await?;
    // It happened; what the case is now has still to be read, and if that fails the gate comes back and reads it.
    let row = client.case(id).await.map_err(unknown)?;
    Ok(Done {
        answer: client.shown_case(row).map_err(unknown)?,
        how: How::Performed,
    })
}

/// Makes a case out of an alert. An alert that has one answers it (D25): a second promotion may make a second case.
pub async fn promote(
    client: &Client,
    call: &PromoteAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Case>, Failure> {
    let start = Instant::now();
    let _turn = client.turn([call.alert_id.as_str()]).await;
    let alert = client
        .by_id(&call.alert_id)
        .await
        .map_err(|error| looked(effect, error))?;
    if !permission::admits(scopes, &alert.kind, &alert.source) {
        return Err(refused(Error::NotFound));
    }
    if let Some(case) = alert.case_id {
        let row = client.case(&case).await.map_err(|error| looked(effect, error))?;
        return adopted(client, row);
    }
    match client.promote(call, start).await {
        Ok(row) => Ok(Done {
            answer: client.shown_case(row).map_err(unknown)?,
            how: How::Performed,
        }),
        // Somebody promoted it between the look and the sending: then its case is the answer, not the refusal.
        Err(refusal) if refusal.certainty == Certainty::Refused => match case_of(client, &call.alert_id).await {
            Ok(Some(row)) => adopted(client, row),
            Ok(None) | Err(_) => Err(refusal),
        },
        Err(failure) => Err(failure),
    }
}

/// The case of the alert, whoever made it.
pub async fn promoted(client: &Client, call: &PromoteAlert) -> Result<Option<Case>, Error> {
    let row = case_of(client, &call.alert_id).await?;
    row.map(|row| client.shown_case(row)).transpose()
}

async fn case_of(client: &Client, alert: &str) -> Result<Option<types::CaseRow>, Error> {
    match client.by_id(alert).await?.case_id {
        Some(case) => Ok(Some(client.case(&case).await?)),
        None => Ok(None),
    }
}

fn adopted(client: &Client, row: types::CaseRow) -> Result<Done<Case>, Failure> {
    Ok(Done {
        answer: client.shown_case(row).map_err(not_sent)?,
        how: How::Adopted,
    })
}
