//! Is the server up, is it ready, and what does it count?

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::auth::Perhaps;
use super::problem::Problem;
use crate::alarms;
use crate::keys::Scope;
use crate::node::Node;

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The server can accept and carry runs.
pub(super) async fn readyz(State(node): State<Arc<Node>>) -> Result<Json<Value>, Problem> {
    let unready = |why: &str| Problem::new(StatusCode::SERVICE_UNAVAILABLE, why);
    if node.is_draining() {
        return Err(unready("the server is shutting down"));
    }
    node.store
        .ping()
        .await
        .map_err(|_| unready("the store does not answer"))?;
    if node.engine.lease.until() <= node.clock.now() {
        return Err(unready(
            "the node's lease ended: it starts no effects until the store takes a new one",
        ));
    }
    Ok(Json(json!({ "ready": true })))
}

/// Counters, as Prometheus reads them. Series with names are for keys that may know those names.
pub(super) async fn metrics(State(node): State<Arc<Node>>, Perhaps(caller): Perhaps) -> Result<Response, Problem> {
    let counters = node.store.counters().await?;
    let pauses = node.engine.holds.all();
    let maintenance = pauses.iter().filter(|pause| pause.maintenance).count() as u64;
    let paused = (pauses.len() as u64).saturating_sub(maintenance);
    let named = match caller.filter(|caller| caller.may(Scope::RunsRead)) {
        None => Vec::new(),
        Some(caller) => alarms::families(&node, |tenant| caller.sees(tenant)).await?,
    };
    Ok((
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        node.metrics.text(&counters, [paused, maintenance], &named),
    )
        .into_response())
}
