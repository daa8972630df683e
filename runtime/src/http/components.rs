//! How does a component get to the server?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use synapse_domain::digest::Digest;
use synapse_domain::limits;

use super::auth::Authenticated;
use super::problem::Problem;
use crate::keys::Scope;
use crate::node::Node;

/// Vets the bytes against the largest plan and keeps them under their digest; the deployment's own plan is checked when it is deployed.
pub(super) async fn upload(
    State(node): State<Arc<Node>>,
    Path((tenant, digest)): Path<(String, String)>,
    caller: Authenticated,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let tenant = caller.enter(&tenant, Scope::DeploymentsWrite)?;
    let digest: Digest = digest
        .parse()
        .map_err(|_| Problem::bad("the URL ends in the component's SHA-256, 64 hexadecimal digits"))?;
    if Digest::of(&body) != digest {
        return Err(Problem::bad(format!(
            "the body's SHA-256 is {}, not the one in the URL",
            Digest::of(&body)
        )));
    }
    let vetted = node.engine.loaded.components.vet(&body, &limits::LARGE);
    let vetted = vetted.map_err(|refused| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, refused.to_string()))?;
    node.store
        .put_component(&tenant, digest, body.to_vec(), node.clock.now())
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(json!({ "digest": digest, "imports": vetted.imports })),
    ))
}
