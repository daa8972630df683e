//! Was a case, task or observable shared, or given away, and was it us? The shares say so.

use http::Method;
use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed, refused};
use crate::bindings::synapse::thehive::shares::{Share, Shared};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{AddShares, ChangeOwner, RemoveShares, SetAccess, SetShareProfile, SetShares, ShareWith};
use crate::thehive::client::{Client, unknown};
use crate::thehive::types::{OwnerBody, ShareRow};

/// Shares a case with more organisations.
pub async fn add_shares(
    client: &Client,
    call: &AddShares,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Vec<Share>>, Failure> {
    let start = Instant::now();
    if effect.repeat {
        let rows = now(client, &Shared::Case(call.case_id.clone()), effect).await?;
        if call.shares.iter().all(|new| has(&rows, &new.organisation)) {
            return Ok(adopted(shown(rows)));
        }
    }
    let (case, new) = (&call.case_id, &call.shares);
    let rows = client.share_case(Method::POST, case, new, start).await?;
    Ok(performed(shown(rows)))
}

/// Shares a case with these organisations and no others: the same twice.
pub async fn set_shares(
    client: &Client,
    call: &SetShares,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<Vec<Share>>, Failure> {
    let start = Instant::now();
    let (case, new) = (&call.case_id, &call.shares);
    let rows = client.share_case(Method::PUT, case, new, start).await?;
    Ok(performed(shown(rows)))
}

/// Shares a task or observable.
pub async fn share_with(
    client: &Client,
    call: &ShareWith,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    if effect.repeat {
        let rows = now(client, &call.shared, effect).await?;
        if call.organisations.iter().all(|name| has(&rows, name)) {
            return Ok(adopted(()));
        }
    }
    let (shared, names) = (&call.shared, &call.organisations);
    client.change_shares(Method::POST, shared, names, start).await?;
    Ok(performed(()))
}

/// Takes it from organisations.
pub async fn remove_shares(
    client: &Client,
    call: &RemoveShares,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    let (shared, names) = (&call.shared, &call.organisations);
    if let Shared::Case(_) = shared {
        // A case's organisations would have to be named by ids, which other organisations' users cannot ask for; its shares have ids as well.
        let mut rows = now(client, shared, effect).await?;
        rows.retain(|row| names.contains(&row.organisation_name));
        if rows.is_empty() {
            return if effect.repeat {
                Ok(adopted(()))
            } else {
                Err(refused(Error::NotFound))
            };
        }
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        client.remove_case_shares(&ids, start).await?;
        return Ok(performed(()));
    }
    if effect.repeat {
        let rows = now(client, shared, effect).await?;
        if !names.iter().any(|name| has(&rows, name)) {
            return Ok(adopted(()));
        }
    }
    client.change_shares(Method::DELETE, shared, names, start).await?;
    Ok(performed(()))
}

/// Sets the profile that an organisation has in a case.
pub async fn set_share_profile(
    client: &Client,
    call: &SetShareProfile,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Share>, Failure> {
    let start = Instant::now();
    let shared = Shared::Case(call.case_id.clone());
    let of_other = |rows: Vec<ShareRow>| rows.into_iter().find(|row| row.organisation_name == call.other);
    let Some(row) = of_other(now(client, &shared, effect).await?) else {
        return Err(refused(Error::NotFound));
    };
    if effect.repeat && row.profile_name == call.profile {
        return Ok(adopted(row.into_share()));
    }
    client.set_share_profile(&row.id, &call.profile, start).await?;
    let rows = client.shares(&shared).await.map_err(unknown)?;
    let row = of_other(rows).ok_or_else(|| unknown(Error::NotFound))?;
    Ok(performed(row.into_share()))
}

/// Gives a case to another organisation. The old owner may not see it any more.
pub async fn change_owner(
    client: &Client,
    call: &ChangeOwner,
    _scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    if effect.repeat {
        let is_owner = |row: &ShareRow| row.owner && row.organisation_name == call.owner;
        match client.shares(&Shared::Case(call.case_id.clone())).await {
            Ok(rows) if rows.iter().any(is_owner) => return Ok(adopted(())),
            Ok(_) => {}
            Err(Error::NotFound) if call.keep_profile.is_none() => return Ok(adopted(())),
            Err(error) => return Err(looked(effect, error)),
        }
    }
    let body = OwnerBody {
        organisation: &call.owner,
        keep_profile: call.keep_profile.as_deref(),
    };
    client.change_owner(&call.case_id, &body, start).await?;
    Ok(performed(()))
}

/// Says who may see a case: the same twice.
pub async fn set_access(
    client: &Client,
    call: &SetAccess,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    client.set_access(&call.case_id, &call.access, start).await?;
    Ok(performed(()))
}

async fn now(client: &Client, shared: &Shared, effect: &EffectId) -> Result<Vec<ShareRow>, Failure> {
    client.shares(shared).await.map_err(|error| looked(effect, error))
}

fn has(rows: &[ShareRow], organisation: &str) -> bool {
    rows.iter().any(|row| row.organisation_name == organisation)
}

fn shown(rows: Vec<ShareRow>) -> Vec<Share> {
    rows.into_iter().map(ShareRow::into_share).collect()
}
