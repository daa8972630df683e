//! How do the events of one endpoint go out? One after the other; the copies of one at the same time.

use super::{
    endpoint::Endpoint,
    envelope,
    hub::{Hub, Parcel},
    post,
};
use futures::future::join_all;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Sends what comes in until the endpoint is forgotten.
pub async fn run(hub: Arc<Hub>, id: u64, endpoint: Endpoint, mut inbox: mpsc::UnboundedReceiver<Parcel>) {
    while let Some(Parcel { event, copies }) = inbox.recv().await {
        let one = async || {
            let payload = envelope::render(endpoint.choice(), &event, hub.now_ms());
            let answer = post::json(&endpoint.url, &endpoint.auth, payload.to_string()).await;
            hub.delivered(id, answer, payload);
        };
        join_all((0..copies).map(|_| one())).await;
        hub.done(id);
    }
}
