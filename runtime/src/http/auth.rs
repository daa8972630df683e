//! Who is calling, and may they do this here?

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use synapse_domain::ids::TenantId;

use super::problem::Problem;
use crate::keys::{self, Caller, Scope};
use crate::node::Node;

/// A caller with an accepted key.
pub struct Authenticated(pub Caller);

impl FromRequestParts<Arc<Node>> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, node: &Arc<Node>) -> Result<Self, Problem> {
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let key = header
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(Problem::unauthenticated)?;
        let caller = keys::check(node.store.as_ref(), key.trim(), node.clock.now()).await?;
        caller.map(Self).ok_or_else(Problem::unauthenticated)
    }
}

/// A caller who may show a key, and need not. One that is shown must be accepted.
pub struct Perhaps(pub Option<Caller>);

impl FromRequestParts<Arc<Node>> for Perhaps {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, node: &Arc<Node>) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        let Authenticated(caller) = Authenticated::from_request_parts(parts, node).await?;
        Ok(Self(Some(caller)))
    }
}

impl Authenticated {
    /// The tenant in the path, if the key may know of it and do this there. A foreign tenant is as absent as an unknown one.
    pub fn enter(&self, tenant: &str, scope: Scope) -> Result<TenantId, Problem> {
        let tenant: TenantId = tenant.parse()?;
        if !self.0.sees(&tenant) {
            return Err(Problem::not_found());
        }
        if !self.0.may(scope) {
            let detail = format!(
                "the key lacks the scope `{}`; an operator can make one that has it",
                scope.name()
            );
            return Err(Problem::new(StatusCode::FORBIDDEN, detail).with("scope", scope.name()));
        }
        Ok(tenant)
    }

    /// The tenant in the path, for operators.
    pub fn operate(&self, tenant: &str) -> Result<TenantId, Problem> {
        let tenant: TenantId = tenant.parse()?;
        if !self.0.sees(&tenant) {
            return Err(Problem::not_found());
        }
        self.operator()?;
        Ok(tenant)
    }

    /// Only operators go on.
    pub fn operator(&self) -> Result<(), Problem> {
        if self.0.is_operator() {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "only an operator's key may do this",
        ))
    }

    /// Whose key it is, for records.
    pub fn name(&self) -> &str {
        &self.0.key
    }
}
