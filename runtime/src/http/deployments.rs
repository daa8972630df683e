//! How are deployments made and seen over HTTP?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::DeploymentName;
use synapse_domain::permission::Grant;
use synapse_store::records::Deployment;

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use super::triggers::declared;
use crate::deploy::{self, Wanted};
use crate::keys::Scope;
use crate::node::Node;

pub(super) async fn deploy(
    State(node): State<Arc<Node>>,
    Path((tenant, name)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.operate(&tenant)?;
    let name: DeploymentName = name.parse()?;
    let wanted: Wanted = input::json(&headers, &body)?;
    let deployment = deploy::deploy(&node, tenant, name, wanted).await?;
    Ok((StatusCode::CREATED, Json(shown(&deployment, node.clock.now()))))
}

pub(super) async fn list(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsRead)?;
    let now = node.clock.now();
    let deployments = node.store.deployments(&tenant).await?;
    let deployments: Vec<_> = deployments.iter().map(|deployment| shown(deployment, now)).collect();
    Ok(Json(json!({ "deployments": deployments })))
}

pub(super) async fn show(
    State(node): State<Arc<Node>>,
    Path((tenant, name)): Path<(String, String)>,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsRead)?;
    let deployment = node.store.deployment(&tenant, &name.parse()?).await?;
    Ok(Json(shown(&deployment, node.clock.now())))
}

pub(super) async fn set_grants(
    State(node): State<Arc<Node>>,
    Path((tenant, name)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let tenant = caller.operate(&tenant)?;
    let name: DeploymentName = name.parse()?;
    let grants: Vec<Grant> = input::json(&headers, &body)?;
    deploy::set_grants(&node, &tenant, &name, grants).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(deployment: &Deployment, now: Timestamp) -> Value {
    let current = &deployment.current;
    let triggers: Vec<_> = current.triggers.iter().map(|trigger| declared(trigger, now)).collect();
    json!({
        "name": current.name,
        "version": current.version,
        "component": current.component,
        "config": current.config,
        "bindings": current.bindings,
        "source_ids": current.source_ids,
        "triggers": triggers,
        "limits": current.limits,
        "concurrency": current.concurrency,
        "go_live": current.go_live,
        "created_at": current.created_at,
        "grants": deployment.grants,
    })
}
