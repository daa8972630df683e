//! Was this taken away, and was it us? Nothing is left to tell: what is gone after a sending in doubt counts as our doing, and what is gone
//! before the first sending was never there for us.

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{adopted, looked, performed, refused};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};
use crate::thehive::calls::Removal;
use crate::thehive::client::Client;
use crate::thehive::owner::{self, Reach};

/// Takes one thing away.
pub async fn remove<R: Removal>(
    client: &Client,
    call: &R,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<()>, Failure> {
    let start = Instant::now();
    match owner::reach(client, call.belongs_to(), scopes).await {
        Ok(Reach::Yes) => {}
        Ok(Reach::Gone) if effect.repeat => return Ok(adopted(())),
        Ok(Reach::Gone | Reach::Outside) => return Err(refused(Error::NotFound)),
        Err(error) => return Err(looked(effect, error)),
    }
    match client.remove(call.path(), start).await {
        Ok(()) => Ok(performed(())),
        Err(failure) if effect.repeat && is_gone(&failure) => Ok(adopted(())),
        Err(failure) => Err(failure),
    }
}

fn is_gone(failure: &Failure) -> bool {
    failure.certainty == Certainty::Refused && failure.error == Error::NotFound
}
