//! How are runs held back and let go over HTTP, and what is held?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use synapse_domain::ids::{ConnectionName, DeploymentName, TenantId, TriggerName};
use synapse_domain::manifest::Refused;
use synapse_store::timers::{Pause, Scope};

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::Scope as KeyScope;
use crate::node::Node;

/// Longest reason.
const WHY_BYTES: usize = 1_024;
/// Most runs per minute of a drain: beyond it there is nothing left to pace.
const MOST_PER_MINUTE: u32 = 60_000;

/// What to hold back, or to let go. Nothing named: everything of the tenant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    connection: Option<ConnectionName>,
    deployment: Option<DeploymentName>,
    trigger: Option<TriggerName>,
    why: Option<String>,
    per_minute: Option<u32>,
}

impl Order {
    /// Its scope, if there is such a thing.
    async fn scope(&self, node: &Node, tenant: &TenantId) -> Result<Scope, Problem> {
        let refuse = |place: &str, problem: String| Err(Refused::new(place, problem).into());
        if let Some(name) = &self.connection
            && node.connections.get(tenant, name).is_none()
        {
            return refuse("connection", format!("the tenant has no connection `{name}`"));
        }
        match (&self.deployment, &self.trigger) {
            (Some(_), _) if self.connection.is_some() => {
                return refuse("deployment", "name a connection or a deployment, not both".to_owned());
            }
            (None, Some(_)) => return refuse("trigger", "a trigger is a deployment's: name that, too".to_owned()),
            (Some(name), trigger) => {
                let deployment = node.store.deployment(tenant, name).await?;
                if let Some(trigger) = trigger
                    && !deployment.current.triggers.iter().any(|known| known.name() == trigger)
                {
                    return refuse("trigger", format!("`{name}` has no trigger `{trigger}`"));
                }
            }
            (None, None) => {}
        }
        Ok(Scope {
            connection: self.connection.clone(),
            deployment: self.deployment.clone(),
            trigger: self.trigger.clone(),
        })
    }
}

pub(super) async fn list(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.enter(&tenant, KeyScope::RunsRead)?;
    Ok(Json(json!({ "pauses": node.store.pauses(Some(&tenant)).await? })))
}

pub(super) async fn pause(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.operate(&tenant)?;
    let order: Order = input::json(&headers, &body)?;
    let scope = order.scope(&node, &tenant).await?;
    let why = order.why.unwrap_or_default();
    if order.per_minute.is_some() || why.len() > WHY_BYTES {
        let problem = format!("a pause takes a reason of at most {WHY_BYTES} bytes, and no rate");
        return Err(Refused::new("why", problem).into());
    }
    let pause = Pause {
        tenant,
        scope,
        maintenance: false,
        by: caller.name().to_owned(),
        why,
        at: node.clock.now(),
        until: None,
    };
    let new = node.pausing.pause(pause.clone()).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(json!(pause))))
}

pub(super) async fn resume(
    State(node): State<Arc<Node>>,
    Path(tenant): Path<String>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let tenant = caller.operate(&tenant)?;
    let order: Order = input::json(&headers, &body)?;
    if let Some(rate) = order.per_minute.filter(|rate| !(1..=MOST_PER_MINUTE).contains(rate)) {
        return Err(Refused::new("per_minute", format!("{rate}; use 1 to {MOST_PER_MINUTE}")).into());
    }
    // What was paused may be gone since: it is let go all the same.
    let scope = Scope {
        connection: order.connection,
        deployment: order.deployment,
        trigger: order.trigger,
    };
    let held = node
        .pausing
        .resume(&tenant, scope, order.per_minute, caller.name())
        .await?;
    Ok(Json(json!({ "held": held })))
}
