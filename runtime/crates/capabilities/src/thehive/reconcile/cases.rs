//! Was this case made, changed or made of an alert, and was it us (contract section 7)?

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::{looked, refused, unchanged};
use crate::bindings::synapse::thehive::cases::Case;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};
use crate::thehive::calls::{CreateCase, PromoteAlert, UpdateCase};
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
    let start = Instant::now();
    let major = client.major().await.map_err(not_sent)?;
    let fields = &call.patch.custom_fields;
    check::marker_field("patch.custom-fields", fields, client.marker_field()).map_err(not_sent)?;
    if effect.repeat {
        let row = client.case(&call.id).await.map_err(|error| looked(effect, error))?;
        if row.looks().are_as_asked(&types::case_patch(&call.patch, major)) {
            return Ok(Done {
                answer: client.shown_case(row).map_err(unknown)?,
                how: How::Adopted,
            });
        }
        unchanged("case", &row.id, row.updated_at, effect)?;
    }
    client.update_case(&call.id, &call.patch, start).await?;
    // It happened; what the case is now has still to be read, and if that fails the gate comes back and reads it.
    let row = client.case(&call.id).await.map_err(unknown)?;
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
