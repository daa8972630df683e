//! Was this job or action begun, and was it us? Cortex takes no marker, so what began since the intent on the same object, by the same
//! analyzer or responder, is taken for ours.

use synapse_domain::permission::Scopes;
use tokio::time::Instant;

use super::{admitted, performed};
use crate::bindings::synapse::thehive::cortex::{Action, Job};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure};
use crate::thehive::calls::{RunAnalyzer, RunResponder};
use crate::thehive::client::{Client, unknown};
use crate::thehive::owner::{self, Belonging};
use crate::thehive::types::{ActionRow, JobBody};

/// How far the server's clock may be behind ours, milliseconds. A job that somebody else began so shortly before is taken for ours as well:
/// the same analysis of the same object twice within seconds is what nobody wants.
const SKEW_MS: u64 = 5_000;

/// Has an observable analysed.
pub async fn run_analyzer(
    client: &Client,
    call: &RunAnalyzer,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Job>, Failure> {
    let start = Instant::now();
    let belonging = Belonging::Child("getObservable", &call.observable_id);
    admitted(client, belonging, scopes, effect).await?;
    let body = JobBody {
        analyzer_id: &call.analyzer_id,
        artifact_id: &call.observable_id,
        cortex_id: &call.server,
    };
    let row = client.run_analyzer(&body, start).await?;
    Ok(performed(row.into_job(false).map_err(unknown)?))
}

/// The job that began since.
pub async fn ran_analyzer(client: &Client, call: &RunAnalyzer, effect: &EffectId) -> Result<Option<Job>, Error> {
    let since = effect.since.saturating_sub(SKEW_MS);
    let row = client.job_since(&call.observable_id, &call.analyzer_id, since).await?;
    row.map(|row| row.into_job(false)).transpose()
}

/// Has a responder act.
pub async fn run_responder(
    client: &Client,
    call: &RunResponder,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Action>, Failure> {
    let start = Instant::now();
    admitted(client, owner::of_subject(&call.subject), scopes, effect).await?;
    let server = call.server.as_deref();
    let row = client
        .run_responder(&call.subject, &call.responder_id, server, start)
        .await?;
    Ok(performed(row.into_action()))
}

/// The action that began since.
pub async fn ran_responder(client: &Client, call: &RunResponder, effect: &EffectId) -> Result<Option<Action>, Error> {
    let since = effect.since.saturating_sub(SKEW_MS);
    let row = client.action_since(&call.subject, &call.responder_id, since).await?;
    Ok(row.map(ActionRow::into_action))
}
