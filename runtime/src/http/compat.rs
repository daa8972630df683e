//! How do callers of the original Synapse go on working? Its routes at the root, answering as it did, for one configured tenant.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use synapse_domain::ids::DeploymentName;
use synapse_domain::limits;

use super::auth::Authenticated;
use super::problem::Problem;
use super::{input, trigger};
use crate::config::Compat;
use crate::keys::Scope;
use crate::node::Node;
use crate::queue::Submission;

/// `POST /QRadar2alert`.
pub(super) async fn qradar2alert(State(node): State<Arc<Node>>, request: Request) -> Result<Response, Problem> {
    start(node, request, |compat| compat.qradar2alert.clone()).await
}

/// `GET /ews2case`. The original's callers use GET, although it changes something; so it is there only where `[compat]` names a
/// deployment, and `HEAD`, which probes and link checkers send, starts nothing.
pub(super) async fn ews2case(State(node): State<Arc<Node>>, request: Request) -> Result<Response, Problem> {
    if request.method() == Method::HEAD {
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this URL does not take that method",
        ));
    }
    start(node, request, |compat| compat.ews2case.clone()).await
}

/// Starts a deployment for the original's callers and waits for the run's end; overlapping equal calls get the answer of the run
/// under way.
async fn start(
    node: Arc<Node>,
    request: Request,
    deployment: fn(&Compat) -> Option<DeploymentName>,
) -> Result<Response, Problem> {
    let compat = node.config.compat.clone().ok_or_else(Problem::not_found)?;
    let deployment = deployment(&compat).ok_or_else(Problem::not_found)?;
    let (mut parts, body) = request.into_parts();
    admit(&node, &compat, &mut parts).await?;
    let body: Bytes = axum::body::to_bytes(body, limits::EVENT_BYTES)
        .await
        .map_err(|error| Problem::bad(format!("the body cannot be read: {error}")))?;
    let data = input::event_data(&parts.headers, &body)?;
    let submission = Submission::json(compat.tenant, deployment, "compat", data);
    let (_, view) = node
        .queue
        .join_and_wait(submission, Duration::from_secs(limits::WAIT_SECONDS))
        .await?;
    trigger::answer(view)
}

/// A key that may start runs of the tenant, or an address that the configuration lists. A wrong key is refused even from there.
pub(super) async fn admit(node: &Arc<Node>, compat: &Compat, parts: &mut Parts) -> Result<(), Problem> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let caller = Authenticated::from_request_parts(parts, node).await?;
        caller.enter(compat.tenant.as_str(), Scope::RunsStart)?;
        return Ok(());
    }
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip().to_canonical());
    if peer.is_some_and(|peer| compat.allow.iter().any(|net| net.contains(&peer))) {
        return Ok(());
    }
    Err(Problem::unauthenticated())
}

/// `GET /version`: what runs here. Not for everybody: it also tells which advisories apply.
pub(super) async fn version(State(node): State<Arc<Node>>, request: Request) -> Result<Json<Value>, Problem> {
    let compat = node.config.compat.clone().ok_or_else(Problem::not_found)?;
    let (mut parts, _) = request.into_parts();
    admit(&node, &compat, &mut parts).await?;
    Ok(Json(json!({
        "name": "synapse",
        "version": env!("CARGO_PKG_VERSION"),
        "wasmtime": synapse_sandbox::engine::WASMTIME_VERSION,
    })))
}
