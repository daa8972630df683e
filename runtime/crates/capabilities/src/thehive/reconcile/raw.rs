//! Was a request sent as it is? Nobody can tell what it did, so an unknown outcome is an operator's to say.

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::performed;
use crate::bindings::synapse::thehive::raw::RawAnswer;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::RawWrite;
use crate::thehive::client::Client;

/// Sends it.
pub async fn raw_write(
    client: &Client,
    call: &RawWrite,
    _scopes: &Scopes,
    _effect: &EffectId,
) -> Result<Done<RawAnswer>, Failure> {
    let answer = client.raw_write(&call.request, Instant::now()).await?;
    Ok(performed(answer))
}
