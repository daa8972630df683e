//! Did it happen, and was it us? How an alert's creation or change is told from a stranger's (contract section 7).

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::{looked, refused, unchanged};
use crate::bindings::synapse::thehive::alerts::Alert;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};
use crate::thehive::calls::{CreateAlert, UpdateAlert};
use crate::thehive::client::{Client, Created, not_sent, unknown};
use crate::thehive::{check, permission, types};

/// Sends a new alert. If the server has one with its key, that is ours by its marker, or somebody else's.
pub async fn create(client: &Client, call: &CreateAlert, effect: &EffectId) -> Result<Done<Alert>, Failure> {
    let CreateAlert { source, alert } = call;
    check::marker_field("custom-fields", &alert.custom_fields, client.marker_field()).map_err(not_sent)?;
    let marker = effect.marker();
    let refusal = match client.create(source, alert, &marker).await {
        Ok(Created::New(row)) => {
            return Ok(Done {
                answer: client.shown(*row).map_err(unknown)?,
                how: How::Performed,
            });
        }
        Ok(Created::Exists(refusal)) => refusal,
        // A repeat that is refused for another reason (a key taken back, too many requests) says nothing about the sending before it.
        Err(refusal) if effect.repeat && refusal.certainty == Certainty::Refused => refusal,
        Err(failure) => return Err(failure),
    };
    let row = match client.by_key(&alert.type_, source, &alert.source_ref).await {
        Ok(row) => row,
        // Refused, but not for what is there: the refusal's own words are the answer.
        Err(Error::NotFound) => return Err(refusal),
        // Something is there and cannot be looked at: whose it is has to be settled later.
        Err(error) => return Err(unknown(error)),
    };
    if row.carries(&marker, client.marker_field()) {
        return Ok(Done {
            answer: client.shown(row).map_err(unknown)?,
            how: How::Adopted,
        });
    }
    Err(refused(Error::AlreadyExists(row.id)))
}

/// Sets fields of an alert. A repeat looks first: it may have happened, or somebody may have changed the alert since.
pub async fn update(
    client: &Client,
    call: &UpdateAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Alert>, Failure> {
    let start = Instant::now();
    let major = client.scale().await.map_err(not_sent)?;
    let body = types::alert_patch(&call.patch, major);
    check::marker_field("patch.custom-fields", &call.patch.custom_fields, client.marker_field()).map_err(not_sent)?;
    if effect.repeat || permission::limits_alerts(scopes) {
        let row = client.by_id(&call.id).await.map_err(|error| looked(effect, error))?;
        if !permission::admits(scopes, &row.kind, &row.source) {
            return Err(refused(Error::NotFound));
        }
        if effect.repeat && row.looks().are_as_asked(&body) {
            return Ok(Done {
                answer: client.shown(row).map_err(unknown)?,
                how: How::Adopted,
            });
        }
        if effect.repeat {
            unchanged("alert", &row.id, row.updated_at, effect)?;
        }
    }
    client.update(&call.id, &call.patch, start).await?;
    // It happened; what the alert is now has still to be read, and if that fails the gate comes back and reads it.
    let row = client.by_id(&call.id).await.map_err(unknown)?;
    Ok(Done {
        answer: client.shown(row).map_err(unknown)?,
        how: How::Performed,
    })
}
