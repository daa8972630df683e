//! Which URLs are there? The whole table, on one page.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post, put};
use axum::{Router, response::IntoResponse as _};
use synapse_domain::limits;

use super::problem::Problem;
use super::{
    again, compat, components, deployments, doctor, events, health, hooks, journal, keys, openapi, pauses, runs,
    sources, trigger, triggers,
};
use crate::keys::Scope;
use crate::node::Node;

/// What a caller needs for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A key of the tenant in the path with this scope, or an operator's.
    Tenant(Scope),
    /// An operator's key.
    Operator,
    /// A key, or an address that the configuration lists.
    Compat,
    /// What the connection's `webhook` section says.
    Hook,
}

/// A row of the table: method, path, what it needs, who answers.
pub type Row = (&'static str, &'static str, Needs, fn() -> MethodRouter<Arc<Node>>);

/// Every route. A test reads this table and fails for a row of which it does not know who may get in.
pub const ROUTES: [Row; 44] = [
    (
        "POST",
        "/v1/tenants/{tenant}/deployments/{deployment}/runs",
        Needs::Tenant(Scope::RunsStart),
        || post(runs::start),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/runs",
        Needs::Tenant(Scope::RunsRead),
        || get(runs::list),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/runs/{run}",
        Needs::Tenant(Scope::RunsRead),
        || get(runs::show),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/runs/{run}/journal",
        Needs::Tenant(Scope::RunsRead),
        || get(journal::show),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/runs/{run}/cancel",
        Needs::Tenant(Scope::RunsCancel),
        || post(runs::cancel),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/runs/{run}/resolve",
        Needs::Operator,
        || post(runs::resolve),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/runs/{run}/retry",
        Needs::Tenant(Scope::RunsStart),
        || post(again::retry),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/deployments/{deployment}/redrive",
        Needs::Operator,
        || post(again::redrive),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers",
        Needs::Tenant(Scope::DeploymentsRead),
        || get(triggers::show),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/pauses",
        Needs::Tenant(Scope::RunsRead),
        || get(pauses::list),
    ),
    ("POST", "/v1/tenants/{tenant}/pause", Needs::Operator, || {
        post(pauses::pause)
    }),
    ("POST", "/v1/tenants/{tenant}/resume", Needs::Operator, || {
        post(pauses::resume)
    }),
    (
        "PUT",
        "/v1/tenants/{tenant}/components/{digest}",
        Needs::Tenant(Scope::DeploymentsWrite),
        || put(components::upload).layer(DefaultBodyLimit::max(limits::COMPONENT_BYTES)),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/deployments",
        Needs::Tenant(Scope::DeploymentsRead),
        || get(deployments::list),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/deployments/{deployment}",
        Needs::Tenant(Scope::DeploymentsRead),
        || get(deployments::show),
    ),
    (
        "PUT",
        "/v1/tenants/{tenant}/deployments/{deployment}",
        Needs::Operator,
        || put(deployments::deploy),
    ),
    (
        "PUT",
        "/v1/tenants/{tenant}/deployments/{deployment}/grants",
        Needs::Operator,
        || put(deployments::set_grants),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/events",
        Needs::Tenant(Scope::RunsRead),
        || get(events::list),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/events/{event}",
        Needs::Tenant(Scope::RunsRead),
        || get(events::show),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/connections/{connection}/webhook",
        Needs::Tenant(Scope::RunsRead),
        || get(events::webhook),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/cursor",
        Needs::Tenant(Scope::DeploymentsRead),
        || get(sources::cursor),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/items",
        Needs::Tenant(Scope::DeploymentsRead),
        || get(sources::items),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/look",
        Needs::Tenant(Scope::RunsStart),
        || post(sources::look),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/items/{item}/replay",
        Needs::Tenant(Scope::RunsStart),
        || post(sources::replay),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/reset",
        Needs::Operator,
        || post(sources::reset),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/backfill",
        Needs::Operator,
        || post(sources::backfill),
    ),
    (
        "DELETE",
        "/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}/backfill",
        Needs::Operator,
        || delete(sources::stop_backfill),
    ),
    (
        "GET",
        "/v1/tenants/{tenant}/connections",
        Needs::Tenant(Scope::DeploymentsRead),
        || get(doctor::connections),
    ),
    (
        "POST",
        "/v1/tenants/{tenant}/connections/{connection}/test",
        Needs::Operator,
        || post(doctor::test),
    ),
    ("POST", "/v1/doctor", Needs::Operator, || post(doctor::everything)),
    ("POST", "/v1/keys", Needs::Operator, || post(keys::create)),
    ("GET", "/v1/keys", Needs::Operator, || get(keys::list)),
    ("DELETE", "/v1/keys/{key}", Needs::Operator, || delete(keys::revoke)),
    ("GET", "/v1/openapi.json", Needs::Nothing, || get(openapi::serve)),
    (
        "POST",
        "/t/{tenant}/{deployment}",
        Needs::Tenant(Scope::RunsStart),
        || post(trigger::start),
    ),
    ("POST", "/t/{tenant}/hooks/thehive/{connection}", Needs::Hook, || {
        post(hooks::receive)
    }),
    (
        "POST",
        "/t/{tenant}/hooks/thehive/{connection}/{secret}",
        Needs::Hook,
        || post(hooks::receive_secret),
    ),
    ("POST", "/webhook", Needs::Compat, || post(hooks::compat_receive)),
    ("POST", "/QRadar2alert", Needs::Compat, || post(compat::qradar2alert)),
    ("GET", "/ews2case", Needs::Compat, || get(compat::ews2case)),
    ("GET", "/version", Needs::Compat, || get(compat::version)),
    ("GET", "/healthz", Needs::Nothing, || get(health::healthz)),
    ("GET", "/readyz", Needs::Nothing, || get(health::readyz)),
    ("GET", "/metrics", Needs::Nothing, || get(health::metrics)),
];

/// Largest JSON body: an event's data and its envelope.
const BODY_BYTES: usize = limits::EVENT_BYTES + (64 << 10);
/// Longest time to read a request's body. Waiting for a run is counted apart.
const BODY_TIME: Duration = Duration::from_secs(30);

/// The server's routes. Compatibility routes are there only if `[compat]` names them.
pub fn router(node: Arc<Node>) -> Router {
    let mut router = Router::new();
    for (_, path, needs, handler) in ROUTES {
        let off = match (&node.config.compat, needs) {
            (None, Needs::Compat) => true,
            (Some(compat), Needs::Compat) => match path {
                "/QRadar2alert" => compat.qradar2alert.is_none(),
                "/ews2case" => compat.ews2case.is_none(),
                "/webhook" => compat.webhook.is_none(),
                _ => false,
            },
            (_, Needs::Nothing | Needs::Tenant(_) | Needs::Operator | Needs::Hook) => false,
        };
        if !off {
            router = router.route(path, handler());
        }
    }
    router
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this URL does not take that method")
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&node), observe))
        .with_state(node)
}

/// Counts requests, and gives slow bodies up.
async fn observe(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let (parts, body) = request.into_parts();
    // A caller that waits for `100 Continue` has sent nothing that needs to be read.
    let waits = parts.headers.contains_key(header::EXPECT);
    // The body is read by the handler; a caller that drips it is cut off there by this stream's own deadline.
    let incoming = super::input::Incoming::new(body, BODY_TIME);
    let response = next
        .run(Request::from_parts(parts, incoming.body()))
        .await
        .into_response();
    if !response.status().is_success() && !waits {
        incoming.drain().await;
    }
    let response = super::problem::uniform(response).await;
    let known = ["GET", "POST", "PUT", "DELETE"]
        .into_iter()
        .find(|known| method == *known)
        .unwrap_or("other");
    node.metrics.request(known, response.status().as_u16());
    response
}
