//! How are runs that did not succeed taken up again over HTTP?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use synapse_domain::ids::{DeploymentName, RunId};

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;
use crate::retrying::{Order, Redrive};

/// From where a run is taken up again.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    /// A call; absent: the last one that answered an error.
    from: Option<u32>,
}

pub(super) async fn retry(
    State(node): State<Arc<Node>>,
    Path((tenant, run)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.enter(&tenant, Scope::RunsStart)?;
    let run: RunId = run.parse()?;
    let wanted: From = if body.is_empty() {
        From::default()
    } else {
        input::json(&headers, &body)?
    };
    let from = node.retry(&tenant, run, wanted.from, caller.name()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "run": run, "from": from }))))
}

pub(super) async fn redrive(
    State(node): State<Arc<Node>>,
    Path((tenant, deployment)): Path<(String, String)>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Redrive>, Problem> {
    let tenant = caller.operate(&tenant)?;
    let deployment: DeploymentName = deployment.parse()?;
    let order: Order = input::json(&headers, &body)?;
    let redrive = node.redrive(&tenant, &deployment, &order, caller.name()).await?;
    Ok(Json(redrive))
}
