//! Did it happen, and was it us? How an alert's creation or change is told from a stranger's (design G3, contract section 7).

use serde_json::Value;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::calls::{CreateAlert, UpdateAlert};
use super::client::{Client, Created, not_sent, unknown};
use super::permission;
use super::types::{self, AlertRow, PatchBody};
use crate::bindings::synapse::thehive::alerts::Alert;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};
use crate::gate::{Certainty, Done, EffectId, Failure};

/// Sends a new alert. If the server has one with its key, that is ours by its marker, or somebody else's.
pub(super) async fn create(client: &Client, call: &CreateAlert, effect: &EffectId) -> Result<Done<Alert>, Failure> {
    let CreateAlert { source, alert } = call;
    if let Some(name) = client.marker_field()
        && alert.custom_fields.iter().any(|field| field.name == name)
    {
        let reason = format!("the custom field `{name}` belongs to the platform");
        return Err(not_sent(Error::Invalid(InvalidArgument {
            field: "custom-fields".to_owned(),
            reason,
        })));
    }
    let marker = effect.marker();
    let refused = match client.create(source, alert, &marker).await {
        Ok(Created::New(row)) => {
            return Ok(Done {
                answer: client.shown(*row).map_err(unknown)?,
                how: How::Performed,
            });
        }
        Ok(Created::Exists(refused)) => refused,
        // A repeat that is refused for another reason (a key taken back, too many requests) says nothing about the sending before it.
        Err(refused) if effect.repeat && refused.certainty == Certainty::Refused => refused,
        Err(failure) => return Err(failure),
    };
    let row = match client.by_key(&alert.type_, source, &alert.source_ref).await {
        Ok(row) => row,
        // Refused, but not for what is there: the refusal's own words are the answer.
        Err(Error::NotFound) => return Err(refused),
        // Something is there and cannot be looked at: whose it is has to be settled later.
        Err(error) => return Err(unknown(error)),
    };
    if is_ours(&row, &marker, client.marker_field()) {
        return Ok(Done {
            answer: client.shown(row).map_err(unknown)?,
            how: How::Adopted,
        });
    }
    Err(Failure {
        error: Error::AlreadyExists(row.id),
        certainty: Certainty::Refused,
    })
}

/// Does an alert carry the marker of this effect?
pub(super) fn is_ours(row: &AlertRow, marker: &str, marker_field: Option<&str>) -> bool {
    match marker_field {
        Some(name) => row
            .custom_fields
            .iter()
            .any(|field| field.name == name && field.value.as_str() == Some(marker)),
        None => row.tags.iter().any(|tag| tag == marker),
    }
}

/// Sets fields of an alert. A repeat looks first: it may have happened, or somebody may have changed the alert since.
pub(super) async fn update(
    client: &Client,
    call: &UpdateAlert,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Alert>, Failure> {
    let start = Instant::now();
    let major = client.major().await.map_err(not_sent)?;
    let body = types::patch(&call.patch, major);
    if let Some(name) = client.marker_field()
        && body.custom_fields.contains_key(name)
    {
        let reason = format!("the custom field `{name}` belongs to the platform");
        return Err(not_sent(Error::Invalid(InvalidArgument {
            field: "patch.custom-fields".to_owned(),
            reason,
        })));
    }
    if effect.repeat || permission::limits_alerts(scopes) {
        // An error here says nothing about an earlier sending.
        let looked = |error: Error| Failure {
            certainty: looked_certainty(effect, &error),
            error,
        };
        let row = client.by_id(&call.id).await.map_err(looked)?;
        if !permission::admits(scopes, &row.kind, &row.source) {
            return Err(Failure {
                error: Error::NotFound,
                certainty: Certainty::Refused,
            });
        }
        if effect.repeat && is_as_asked(&row, &body) {
            return Ok(Done {
                answer: client.shown(row).map_err(unknown)?,
                how: How::Adopted,
            });
        }
        if effect.repeat && row.updated_at.is_some_and(|at| at > effect.since) {
            let why = format!(
                "alert {} was changed by somebody else after the update was first sent",
                row.id
            );
            return Err(Failure {
                error: Error::Conflict(why),
                certainty: Certainty::Refused,
            });
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

/// Before the first sending a failed look means that nothing was sent; afterwards only "no such alert" is an end.
fn looked_certainty(effect: &EffectId, error: &Error) -> Certainty {
    match (effect.repeat, error) {
        (false, _) => Certainty::NotSent,
        (true, Error::NotFound) => Certainty::Refused,
        (true, _) => Certainty::Unknown,
    }
}

/// Does an alert already look as the change would leave it?
pub(super) fn is_as_asked(row: &AlertRow, body: &PatchBody<'_>) -> bool {
    let PatchBody {
        title,
        description,
        severity,
        tlp,
        pap,
        status,
        summary,
        add_tags,
        remove_tags,
        custom_fields,
    } = body;
    let field = |name: &str, value: &Value| {
        row.custom_fields
            .iter()
            .any(|field| field.name == name && equal(&field.value, value))
    };
    title.is_none_or(|title| row.title == title)
        && description.is_none_or(|description| row.description == description)
        && severity.is_none_or(|severity| row.severity == i64::from(severity))
        && tlp.is_none_or(|tlp| row.tlp == i64::from(tlp))
        && pap.is_none_or(|pap| row.pap == i64::from(pap))
        && status.is_none_or(|status| row.status == status)
        && summary.is_none_or(|summary| row.summary.as_deref().unwrap_or_default() == summary)
        && add_tags.iter().all(|tag| row.tags.contains(tag))
        && !remove_tags.iter().any(|tag| row.tags.contains(tag))
        && custom_fields.iter().all(|(name, value)| field(name, value))
}

/// `1` and `1.0` are one number.
fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}
