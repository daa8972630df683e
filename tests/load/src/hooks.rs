//! An event's row, and an event with its run, in the transactions that the platform needs for them, and nothing else.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use synapse_domain::clock::{Clock as _, SystemClock};
use synapse_domain::digest::Digest;
use synapse_domain::hive::{Action, Object, Via};
use synapse_domain::ids::DeliveryId;
use synapse_store::deliveries::{Deliveries as _, HookRun, NewDelivery, Verdict, What};
use synapse_store::traits::Runs as _;

use super::{Floor, end, new_run};

type Answer = Result<&'static str, StatusCode>;

fn failed<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

fn delivery(now: u64, body: &Bytes, verdict: Verdict) -> anyhow::Result<NewDelivery> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let key = Digest::of(body).to_string();
    Ok(NewDelivery {
        tenant: "demo".parse()?,
        id: DeliveryId::new(now, random),
        connection: "hive".parse()?,
        what: Some(What {
            object: Object::Case,
            action: Action::Updated,
            id: key.clone(),
            time: now,
            moment: None,
        }),
        key,
        via: Via::Webhook,
        // As much as is kept of the benchmark's event.
        data: "x".repeat(600),
        received_at: now,
        verdict,
    })
}

/// `POST /hook`: an event that nobody wants.
pub(super) async fn ignored(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    let ignored = Verdict::Ignore("no trigger listens for `case.updated`".to_owned());
    let event = delivery(SystemClock.now(), &body, ignored).map_err(failed)?;
    floor.store.deliver(event).await.map_err(failed)?;
    Ok("{}")
}

/// `POST /closing`: an event with a run, which ends.
pub(super) async fn closing(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    let now = SystemClock.now();
    let mut run = new_run(now, "x".repeat(600)).map_err(failed)?;
    run.idempotency = Some((Digest::of(&body).to_string(), Digest::of(&body)));
    let trigger = "closing".parse().map_err(failed)?;
    let event = delivery(now, &body, Verdict::Start(vec![HookRun { trigger, run }])).map_err(failed)?;
    floor.store.deliver(event).await.map_err(failed)?;
    // Whichever is queued: each caller ends one.
    let claimed = floor.store.claim("node", now, 1, 64).await.map_err(failed)?;
    for claimed in claimed {
        let ended = end(r#"{"closed":true}"#, now);
        floor
            .store
            .end(&claimed.lease, Vec::new(), ended)
            .await
            .map_err(failed)?;
    }
    Ok("{}")
}
