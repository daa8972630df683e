//! How do operators make and take back keys over HTTP?

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use synapse_domain::ids::TenantId;
use synapse_store::records::KeyRecord;

use super::auth::Authenticated;
use super::input;
use super::problem::Problem;
use crate::keys::{self, Scope};
use crate::node::Node;

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1_000;

/// A key to make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Absent: an operator's key.
    tenant: Option<TenantId>,
    #[serde(default)]
    scopes: Vec<Scope>,
    label: String,
    expires_days: Option<u64>,
}

pub(super) async fn create(
    State(node): State<Arc<Node>>,
    caller: Authenticated,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Problem> {
    caller.operator()?;
    let wanted: Wanted = input::json(&headers, &body)?;
    let scopes = match (&wanted.tenant, wanted.scopes) {
        (None, scopes) if scopes.is_empty() => vec![Scope::Operator],
        (None, _) => {
            return Err(Problem::bad(
                "a key without a tenant is an operator's and takes no scopes",
            ));
        }
        (Some(_), scopes) if scopes.is_empty() || scopes.contains(&Scope::Operator) => {
            return Err(Problem::bad(
                "a tenant's key needs scopes, and `operator` is not one it can have",
            ));
        }
        (Some(tenant), scopes) => {
            if !node.config.tenants.contains_key(tenant) {
                return Err(Problem::bad(format!(
                    "tenant `{tenant}` is not declared in the configuration"
                )));
            }
            scopes
        }
    };
    let now = node.clock.now();
    let expires = wanted
        .expires_days
        .map(|days| now.saturating_add(days.saturating_mul(DAY)));
    let key = keys::create(wanted.tenant, &scopes, &wanted.label, now, expires)
        .map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    node.store.put_key(key.record.clone()).await?;
    let mut body = shown(&key.record);
    if let Some(members) = body.as_object_mut() {
        members.insert("key".to_owned(), key.text.into());
    }
    Ok((StatusCode::CREATED, Json(body)))
}

pub(super) async fn list(State(node): State<Arc<Node>>, caller: Authenticated) -> Result<Json<Value>, Problem> {
    caller.operator()?;
    let keys: Vec<_> = node.store.keys().await?.iter().map(shown).collect();
    Ok(Json(json!({ "keys": keys })))
}

pub(super) async fn revoke(
    State(node): State<Arc<Node>>,
    Path(key): Path<String>,
    caller: Authenticated,
) -> Result<StatusCode, Problem> {
    caller.operator()?;
    node.store.revoke_key(&key, node.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(key: &KeyRecord) -> Value {
    json!({
        "id": key.id,
        "tenant": key.tenant,
        "scopes": key.scopes,
        "label": key.label,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}
