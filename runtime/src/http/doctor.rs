//! How are connections listed and examined, and everything with them, over HTTP?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Authenticated;
use super::problem::Problem;
use crate::doctor::{self, ConnectionReport, Report};
use crate::keys::Scope;
use crate::node::Node;

/// The tenant's connections, by name. Where they lead is the operator's to know.
pub(super) async fn connections(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsRead)?;
    let settings = node.config.tenants.get(&tenant).ok_or_else(Problem::not_found)?;
    let shown = settings.connections.iter().filter_map(|(name, settings)| {
        let kind = node.connections.get(&tenant, name)?.client.kind();
        Some(json!({
            "name": name, "kind": kind, "source_id": settings.source_id, "webhook": settings.webhook.is_some(),
        }))
    });
    Ok(Json(json!({ "connections": shown.collect::<Vec<_>>() })))
}

pub(super) async fn test(
    State(node): State<Arc<Node>>,
    Path((tenant, connection)): Path<(String, String)>,
    caller: Authenticated,
) -> Result<Json<ConnectionReport>, Problem> {
    let tenant = caller.operate(&tenant)?;
    Ok(Json(doctor::connection(&node, &tenant, &connection.parse()?).await?))
}

/// Of whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Of {
    tenant: Option<String>,
}

pub(super) async fn everything(
    State(node): State<Arc<Node>>,
    caller: Authenticated,
    Query(of): Query<Of>,
) -> Result<Json<Report>, Problem> {
    caller.operator()?;
    let tenant = of.tenant.map(|tenant| caller.operate(&tenant)).transpose()?;
    if let Some(tenant) = &tenant
        && !node.config.tenants.contains_key(tenant)
    {
        return Err(Problem::not_found());
    }
    Ok(Json(doctor::everything(&node, tenant.as_ref()).await?))
}
