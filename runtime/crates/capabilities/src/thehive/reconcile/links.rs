//! Was a link made or taken away, and was it us? The case's links say so.

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed};
use crate::bindings::synapse::thehive::links::CaseLinks;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{LinkCase, LinkUrl, UnlinkCase, UnlinkUrl};
use crate::thehive::client::{Change, Client};

/// Links a case to another one.
pub async fn link_case(client: &Client, call: &LinkCase, _: &Scopes, effect: &EffectId) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    if effect.repeat && now(client, &call.case_id, effect).await?.cases.contains(&call.link) {
        return Ok(adopted(()));
    }
    let (case, link) = (&call.case_id, &call.link);
    client.change_case_link(Change::Add, case, link, start).await?;
    Ok(performed(()))
}

/// Takes a link to another case away.
pub async fn unlink_case(
    client: &Client,
    call: &UnlinkCase,
    _: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    if effect.repeat && !now(client, &call.case_id, effect).await?.cases.contains(&call.link) {
        return Ok(adopted(()));
    }
    let (case, link) = (&call.case_id, &call.link);
    client.change_case_link(Change::Remove, case, link, start).await?;
    Ok(performed(()))
}

/// Links a case to a page elsewhere.
pub async fn link_url(client: &Client, call: &LinkUrl, _: &Scopes, effect: &EffectId) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    if effect.repeat && now(client, &call.case_id, effect).await?.urls.contains(&call.link) {
        return Ok(adopted(()));
    }
    let (case, link) = (&call.case_id, &call.link);
    client.change_url_link(Change::Add, case, link, start).await?;
    Ok(performed(()))
}

/// Takes a link to a page elsewhere away.
pub async fn unlink_url(client: &Client, call: &UnlinkUrl, _: &Scopes, effect: &EffectId) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    if effect.repeat && !now(client, &call.case_id, effect).await?.urls.contains(&call.link) {
        return Ok(adopted(()));
    }
    let (case, link) = (&call.case_id, &call.link);
    client.change_url_link(Change::Remove, case, link, start).await?;
    Ok(performed(()))
}

async fn now(client: &Client, case: &str, effect: &EffectId) -> Result<CaseLinks, Failure> {
    client.links(case).await.map_err(|error| looked(effect, error))
}
