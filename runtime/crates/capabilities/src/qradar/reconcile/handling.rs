//! Is an offense as it was asked to be? Absolute values: what is as asked is adopted, everything else is sent again (contract 5).

use synapse_domain::run::How;
use tokio::time::Instant;

use super::looked;
use crate::bindings::synapse::qradar::offenses::{Offense, Status};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::qradar::calls::Assign;
use crate::qradar::client::{Client, Fault, odd, refused};
use crate::qradar::permission::Domains;
use crate::qradar::query::invalid;

/// One field, as it shall be.
pub struct Wanted {
    /// Which call, for people.
    pub what: &'static str,
    /// Its name and value on the wire.
    pub field: (&'static str, String),
    /// Is an offense as asked?
    pub holds: fn(&Offense, &str) -> bool,
}

/// Assigns an offense. A user that the console does not know is the guest's mistake.
pub async fn assign(
    client: &Client,
    call: &Assign,
    domains: &Domains,
    effect: &EffectId,
) -> Result<Done<Offense>, Failure> {
    let wanted = Wanted {
        what: "the assignment of an offense",
        field: ("assigned_to", call.user.clone()),
        holds: |offense, user| {
            let assigned = offense.assigned_to.as_deref().unwrap_or_default();
            assigned.eq_ignore_ascii_case(user)
        },
    };
    set(client, call.id, &wanted, domains, effect).await
}

/// Sets one field of an offense. It is read first where a domain or an earlier sending has to be looked at.
pub async fn set(
    client: &Client,
    id: u64,
    wanted: &Wanted,
    domains: &Domains,
    effect: &EffectId,
) -> Result<Done<Offense>, Failure> {
    let start = Instant::now();
    let Wanted { what, field, holds } = wanted;
    if effect.repeat || *domains != Domains::All {
        let found = client
            .offense(id, domains)
            .await
            .map_err(|error| looked(effect, error))?;
        if effect.repeat && holds(&found, &field.1) {
            return Ok(Done {
                answer: found,
                how: How::Adopted,
            });
        }
    }
    // A larger number than any id has no offense.
    if i64::try_from(id).is_err() {
        return Err(refused(Error::NotFound));
    }
    let row = client
        .set(what, id, std::slice::from_ref(field), start)
        .await
        .map_err(|unchanged| match &unchanged.fault {
            // 422/1005: the value is not one that the console takes.
            Fault::Refused(refusal) if refusal.status == 422 && refusal.code == 1005 => {
                refused(invalid(field.0.replace('_', "-"), unchanged.fault.said(what)))
            }
            _ => unchanged.into_failure(what),
        })?;
    let now = client.changed(id, row, domains)?;
    if holds(&now, &field.1) {
        return Ok(Done {
            answer: now,
            how: How::Performed,
        });
    }
    if field.0 == "status" && now.status == Status::Closed {
        return Err(refused(Error::Conflict(format!(
            "offense {id} is closed, and that is final"
        ))));
    }
    Err(odd(format!("QRadar accepted {what} {id}, and it is not as asked")))
}
