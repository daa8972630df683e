//! Which runs does an event start, and if none, why?

use serde_json::Value;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::hive::HiveEvent;
use synapse_domain::ids::{RunId, TenantId};
use synapse_store::StoreError;
use synapse_store::deliveries::{HookRun, Verdict};
use synapse_store::records::NewRun;

use super::index::Listener;

/// Reasons of one event that are told; more triggers would only say the same.
const REASONS: usize = 3;

/// An event that is to be decided.
pub(super) struct Asked<'a> {
    pub(super) tenant: &'a TenantId,
    /// With `own` as far as it is known.
    pub(super) event: &'a HiveEvent,
    /// Is it known whether the connection's own user did it, or is that not waited for any longer?
    pub(super) own_known: bool,
    /// Equal for every delivery of the event.
    pub(super) key: &'a str,
    /// The event as JSON text.
    pub(super) data: &'a str,
    pub(super) now: Timestamp,
}

/// Decides.
///
/// # Errors
/// The machine has no randomness.
pub(super) fn decide(asked: &Asked<'_>, listeners: &[Listener]) -> Result<Verdict, StoreError> {
    let name = asked.event.name();
    if listeners.is_empty() {
        return Ok(Verdict::Ignore("no deployment listens to this connection".to_owned()));
    }
    let listening: Vec<_> = listeners
        .iter()
        .filter(|listener| listener.webhook.listens(&name))
        .collect();
    if listening.is_empty() {
        return Ok(Verdict::Ignore(format!("no trigger listens for `{name}`")));
    }
    let data: Value = serde_json::from_str(asked.data)
        .map_err(|error| StoreError::Damaged(format!("the data of an event: {error}")))?;
    let (mut runs, mut reasons) = (Vec::new(), Vec::new());
    for listener in listening {
        match wants(listener, asked.event, &data) {
            Ok(()) if !asked.own_known && !listener.webhook.own => {
                return Ok(Verdict::Wait(
                    "not known yet whether the connection's own user did it".to_owned(),
                ));
            }
            Ok(()) => runs.push(run(asked, listener)?),
            Err(reason) => reasons.push(format!("{}: {reason}", listener.deployment)),
        }
    }
    if !runs.is_empty() {
        return Ok(Verdict::Start(runs));
    }
    reasons.truncate(REASONS);
    Ok(Verdict::Ignore(reasons.join("; ")))
}

fn wants(listener: &Listener, event: &HiveEvent, data: &Value) -> Result<(), String> {
    // A closure is as old as the closure, not as its last delivery.
    let happened = event.moment.map_or(event.time, |(at, _)| at.min(event.time));
    if happened < listener.go_live {
        return Err("older than the deployment's go-live point".to_owned());
    }
    listener.webhook.accepts(event, data)
}

fn run(asked: &Asked<'_>, listener: &Listener) -> Result<HookRun, StoreError> {
    let mut random = [0; 42];
    getrandom::fill(&mut random).map_err(|error| StoreError::Failed(format!("no randomness: {error}")))?;
    let (mut seed, mut id_bytes) = ([0; 32], [0; 10]);
    seed.copy_from_slice(&random[..32]);
    id_bytes.copy_from_slice(&random[32..]);
    let event = asked.event;
    let key = format!("{}:{}", event.connection, asked.key);
    let run_key = format!("hook:{}:{}:{key}", listener.deployment, listener.webhook.name);
    let run = NewRun {
        tenant: asked.tenant.clone(),
        id: RunId::new(asked.now, id_bytes),
        deployment: listener.deployment.clone(),
        event: Event {
            id: key,
            source: format!("/t/{}/connections/{}", asked.tenant, event.connection),
            kind: event.kind(),
            time: event.time,
            datacontenttype: "application/json".to_owned(),
            data: asked.data.to_owned(),
        },
        trigger: listener.label.clone(),
        // The key is the request: what an event's data say may differ between a webhook and the reconciler's finding.
        idempotency: Some((run_key.clone(), Digest::of(run_key.as_bytes()))),
        seed,
        created_at: asked.now,
    };
    Ok(HookRun {
        trigger: listener.webhook.name.clone(),
        run,
    })
}
