//! Which events came in, and what became of them?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use synapse_domain::ids::{ConnectionName, DeliveryId, DeploymentName, TenantId};
use synapse_store::deliveries::{DeliveryFilter, DeliveryState};

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;

/// Filters of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    connection: Option<String>,
    deployment: Option<String>,
    state: Option<String>,
    since: Option<String>,
    before: Option<String>,
    limit: Option<u32>,
    after_change: Option<u64>,
}

/// What a connection's page takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    after_change: Option<u64>,
}

/// Waits for news if the caller says so; answers the number of the last change. It is taken before anything is read, so that what is
/// recorded meanwhile is news to who asks again.
async fn change(node: &Node, tenant: &TenantId, after: Option<u64>, headers: &HeaderMap) -> u64 {
    let wait = input::wait(headers).unwrap_or_default();
    node.hooks.change(tenant, after.map(|after| (after, wait))).await
}

fn wrong(name: &str, text: &str) -> Problem {
    Problem::bad(format!("`{name}={text}` is not valid")).with("parameter", name)
}

fn parsed<T: std::str::FromStr>(name: &str, text: Option<&String>) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|_| wrong(name, text))).transpose()
}

impl ListQuery {
    /// The store's filter. `state` is a state of the event, or `failed`: a run of it failed.
    fn filter(&self) -> Result<DeliveryFilter, Problem> {
        let failed = self.state.as_deref() == Some("failed");
        let named = self.state.as_deref().filter(|_| !failed);
        let state = named
            .map(|text| DeliveryState::parse(text).ok_or_else(|| wrong("state", text)))
            .transpose()?;
        Ok(DeliveryFilter {
            connection: parsed::<ConnectionName>("connection", self.connection.as_ref())?,
            deployment: parsed::<DeploymentName>("deployment", self.deployment.as_ref())?,
            state,
            failed,
            since: parsed::<u64>("since", self.since.as_ref())?,
            before: parsed::<DeliveryId>("before", self.before.as_ref())?,
            limit: self.limit.unwrap_or(50).clamp(1, 100),
        })
    }
}

/// `GET /v1/tenants/{tenant}/events`, newest first.
pub(super) async fn list(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsRead)?;
    let filter = query.filter()?;
    let limit = filter.limit as usize;
    let change = change(&node, &tenant, query.after_change, &headers).await;
    let events = node.store.deliveries(&tenant, filter).await?;
    let next = (events.len() == limit)
        .then(|| events.last().map(|event| event.id.to_string()))
        .flatten();
    Ok(Json(json!({ "events": events, "next_before": next, "change": change })))
}

/// `GET /v1/tenants/{tenant}/events/{event}`, with its data.
pub(super) async fn show(
    State(node): State<Arc<Node>>,
    Path((tenant, event)): Path<(String, String)>,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsRead)?;
    let stored = node.store.delivery(&tenant, event.parse()?).await?;
    let mut shown = json!(stored.view);
    if let Some(shown) = shown.as_object_mut() {
        let data = serde_json::from_str(&stored.data).unwrap_or(Value::String(stored.data));
        shown.insert("key".into(), json!(stored.key));
        shown.insert("data".into(), data);
    }
    Ok(Json(shown))
}

/// `GET /v1/tenants/{tenant}/connections/{connection}/webhook`: when the last one came, and what is wrong if none does (D08).
pub(super) async fn webhook(
    State(node): State<Arc<Node>>,
    Path((tenant, connection)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    Query(query): Query<PageQuery>,
) -> Result<Json<Value>, Problem> {
    let (tenant, connection) = (caller.enter(&tenant, Scope::RunsRead)?, connection.parse()?);
    let change = change(&node, &tenant, query.after_change, &headers).await;
    let mut page = node.hooks.page(&tenant, &connection).await?;
    if let Some(page) = page.as_object_mut() {
        page.insert("change".into(), json!(change));
    }
    Ok(Json(page))
}
