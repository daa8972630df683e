//! Was this offense closed, and was it us? A closed offense is final and tells by whom, why and when (contract 3.1, 5).

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::looked;
use crate::bindings::synapse::qradar::closing::ClosingReason;
use crate::bindings::synapse::qradar::offenses::{Offense, Status};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::qradar::calls::CloseOffense;
use crate::qradar::client::{Client, Identity, odd, refused, unknown};
use crate::qradar::permission::{self, Domains};
use crate::qradar::query::invalid;

/// How much earlier than our intent the console's clock may say that we closed something: clocks differ, and it keeps whole seconds. Too
/// long would only adopt what another run of ours closed with the same reason shortly before.
const CLOCK_SKEW_MS: u64 = 600_000;
/// Reasons that a refusal names.
const NAMED: usize = 50;

const WHAT: &str = "the closing of an offense";

/// Closes an offense. It is read first: what is closed already is not sent to, and a domain that is not ours is not there.
pub async fn close(
    client: &Client,
    call: &CloseOffense,
    scopes: &Scopes,
    domains: &Domains,
    effect: &EffectId,
) -> Result<Done<Offense>, Failure> {
    let start = Instant::now();
    let id = call.id;
    let found = client
        .offense(id, domains)
        .await
        .map_err(|error| looked(effect, error))?;
    let us = client
        .identity()
        .await
        .map_err(|fault| looked(effect, fault.into_error(WHAT)))?;
    if found.status == Status::Closed {
        return settled(found, call, &us, effect);
    }
    let reasons = client.closing_reasons().await.map_err(|error| looked(effect, error))?;
    usable(&reasons, call, scopes).map_err(refused)?;
    let fields = [
        ("status", "CLOSED".to_owned()),
        ("closing_reason_id", call.closing_reason_id.to_string()),
    ];
    match client.set(WHAT, id, &fields, start).await {
        Ok(row) => {
            let now = client.changed(id, row, domains)?;
            if now.status != Status::Closed {
                return Err(odd(format!("QRadar accepted {WHAT}, and offense {id} is not closed")));
            }
            // Some consoles answer 200 to a second close (contract 5): whose it was is in the answer. It was open a moment ago, so the console's
            // clock does not matter.
            match judge(&now, call, &us, 0) {
                Ok(()) => Ok(Done {
                    answer: now,
                    how: How::Performed,
                }),
                Err(conflict) => Err(refused(conflict)),
            }
        }
        // 409/1008: its state forbids it. What that state is says whether it was us.
        Err(unchanged) if unchanged.is_status(409) => {
            let now = client.offense(id, domains).await.map_err(|error| match error {
                Error::NotFound => refused(error),
                error => unknown(error),
            })?;
            if now.status == Status::Closed {
                settled(now, call, &us, effect)
            } else {
                Err(unchanged.into_failure(WHAT))
            }
        }
        Err(unchanged) => Err(unchanged.into_failure(WHAT)),
    }
}

/// What an offense that is closed already means: before the first sending it cannot have been us.
fn settled(found: Offense, call: &CloseOffense, us: &Identity, effect: &EffectId) -> Result<Done<Offense>, Failure> {
    let verdict = if effect.repeat {
        judge(&found, call, us, effect.since)
    } else {
        Err(closed_already(&found))
    };
    match verdict {
        Ok(()) => Ok(Done {
            answer: found,
            how: How::Adopted,
        }),
        Err(conflict) => Err(refused(conflict)),
    }
}

/// Did we close it: for our reason, under our name, not before this moment?
fn judge(found: &Offense, call: &CloseOffense, us: &Identity, since: u64) -> Result<(), Error> {
    let earliest = since.saturating_sub(CLOCK_SKEW_MS);
    let ours = found.closing_reason_id == Some(call.closing_reason_id)
        && us.is(found.closing_user.as_deref())
        && found.close_time.is_none_or(|time| time >= earliest);
    if ours { Ok(()) } else { Err(closed_already(found)) }
}

fn closed_already(found: &Offense) -> Error {
    let by = found.closing_user.as_deref().unwrap_or("somebody");
    let reason = found
        .closing_reason_id
        .map_or_else(|| "no reason".to_owned(), |reason| format!("closing reason {reason}"));
    let at = found
        .close_time
        .map_or_else(|| "an unknown time".to_owned(), |time| format!("{time} ms since 1970"));
    Error::Conflict(format!(
        "offense {} is closed already: by `{by}`, with {reason}, at {at}",
        found.id
    ))
}

/// D12: a reason that the console has, can be used, and the grant covers.
fn usable(reasons: &[ClosingReason], call: &CloseOffense, scopes: &Scopes) -> Result<(), Error> {
    let wanted = call.closing_reason_id;
    let usable = || reasons.iter().filter(|reason| !reason.reserved && !reason.deleted);
    let Some(found) = usable().find(|reason| reason.id == wanted) else {
        let known: Vec<String> = usable()
            .filter(|reason| permission::allows_reason(scopes, reason))
            .take(NAMED)
            .map(|reason| format!("{} `{}`", reason.id, reason.text))
            .collect();
        let state = match reasons.iter().find(|reason| reason.id == wanted) {
            Some(reason) if reason.deleted => "is deleted",
            Some(_) => "is reserved",
            None => "does not exist",
        };
        return Err(invalid(
            "closing-reason-id",
            format!("closing reason {wanted} {state}; the console has {}", known.join(", ")),
        ));
    };
    if permission::allows_reason(scopes, found) {
        Ok(())
    } else {
        Err(Error::Denied(format!(
            "no grant covers closing reason {wanted} `{}`; an operator can widen the grant's scope `{}`",
            found.text,
            permission::CLOSING_REASON
        )))
    }
}
