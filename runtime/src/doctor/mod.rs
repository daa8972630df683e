//! What works, what does not, and what is to be done? Asked by operators (`connections test`, `doctor`), and of a new deployment's settings
//! when it is deployed.
//!
//! Connections are examined by `synapse_capabilities::checkup`, settings against their targets by `settings`, the node itself by `node`.

mod node;
mod settings;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use synapse_capabilities::checkup::{self, Need, Step};
use synapse_capabilities::gate::Authority as _;
use synapse_domain::ids::{ConnectionName, DeploymentName, TenantId};
use synapse_domain::manifest::Manifest;
use synapse_domain::permission::{Grant, Pattern};
use synapse_store::StoreError;
use synapse_store::records::Deployment;

pub use settings::{Deployed, check};

use crate::node::Node;

/// Connections and deployments that are examined at once.
const AT_ONCE: usize = 8;

/// Whether everything works: nothing failed.
fn works(steps: &[Step]) -> bool {
    !steps.iter().any(Step::is_failed)
}

/// A connection's examination.
#[derive(Debug, Serialize)]
pub struct ConnectionReport {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub connection: ConnectionName,
    /// `thehive`, `qradar`, `ews` or `lab`.
    pub kind: &'static str,
    /// Nothing failed.
    pub ok: bool,
    /// Step by step.
    pub steps: Vec<Step>,
}

/// A deployment's examination.
#[derive(Debug, Serialize)]
pub struct DeploymentReport {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub deployment: DeploymentName,
    /// Nothing failed.
    pub ok: bool,
    /// What was asked, one after the other.
    pub steps: Vec<Step>,
}

/// Everything's.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Nothing failed.
    pub ok: bool,
    /// The node itself.
    pub node: Vec<Step>,
    /// Every connection, by tenant and name.
    pub connections: Vec<ConnectionReport>,
    /// Every deployment, by tenant and name.
    pub deployments: Vec<DeploymentReport>,
}

/// Examines one connection.
///
/// # Errors
/// `NotFound`: the tenant has none of this name. Otherwise the store's.
pub async fn connection(node: &Node, tenant: &TenantId, name: &ConnectionName) -> Result<ConnectionReport, StoreError> {
    let found = node.connections.get(tenant, name).ok_or(StoreError::NotFound)?;
    let needs = needs(node, tenant, name).await?;
    let steps = checkup::examine(&found, &needs, node.clock.now()).await;
    Ok(ConnectionReport {
        tenant: tenant.clone(),
        connection: name.clone(),
        kind: found.client.kind(),
        ok: works(&steps),
        steps,
    })
}

/// Examines everything, of one tenant or of all.
///
/// # Errors
/// The store's.
pub async fn everything(node: &Node, of: Option<&TenantId>) -> Result<Report, StoreError> {
    let tenants: Vec<&TenantId> = match of {
        Some(tenant) => vec![tenant],
        None => node.config.tenants.keys().collect(),
    };
    let (mut connections, mut deployments) = (Vec::new(), Vec::new());
    for tenant in &tenants {
        let named = node.config.tenants.get(*tenant).map(|tenant| tenant.connections.keys());
        connections.extend(named.into_iter().flatten().map(|name| (*tenant, name)));
        deployments.extend(node.store.deployments(tenant).await?);
    }
    let examined: Vec<_> = connections
        .iter()
        .map(|(tenant, name)| connection(node, tenant, name))
        .collect();
    let connections: Vec<_> = stream::iter(examined).buffered(AT_ONCE).try_collect().await?;
    let examined: Vec<_> = deployments.iter().map(|one| deployment(node, one)).collect();
    let deployments: Vec<_> = stream::iter(examined).buffered(AT_ONCE).try_collect().await?;
    let own = node::examine(node, &tenants).await?;
    let ok = works(&own) && connections.iter().all(|report| report.ok) && deployments.iter().all(|report| report.ok);
    Ok(Report {
        ok,
        node: own,
        connections,
        deployments,
    })
}

async fn deployment(node: &Node, deployment: &Deployment) -> Result<DeploymentReport, StoreError> {
    let current = &deployment.current;
    let mut steps = settings::bound(node, current);
    if works(&steps) {
        steps.extend(match Manifest::parse(&current.manifest) {
            Ok(manifest) => {
                let deployed = Deployed {
                    tenant: &current.tenant,
                    manifest: &manifest,
                    config: &current.config,
                    bindings: &current.bindings,
                };
                check(node, &deployed).await
            }
            Err(refused) => vec![Step::failed(
                "manifest",
                refused.to_string(),
                "deploy it again with a manifest of this version",
            )],
        });
    }
    steps.extend(node::sources(node, deployment).await?);
    Ok(DeploymentReport {
        tenant: current.tenant.clone(),
        deployment: current.name.clone(),
        ok: works(&steps),
        steps,
    })
}

/// What the tenant's deployments need of a connection.
async fn needs(node: &Node, tenant: &TenantId, connection: &ConnectionName) -> Result<Vec<Need>, StoreError> {
    let ceiling = node.engine.grants.ceiling(tenant);
    let mut needs = Vec::new();
    for deployment in node.store.deployments(tenant).await? {
        let current = &deployment.current;
        let bindings = current.bindings.iter().filter(|(_, bound)| *bound == connection);
        let Ok(manifest) = Manifest::parse(&current.manifest) else {
            continue;
        };
        for (binding, _) in bindings {
            let through = |grants: &[Grant]| -> Vec<Pattern> {
                let through = grants.iter().filter(|grant| grant.binding == *binding);
                through.flat_map(|grant| grant.operations.clone()).collect()
            };
            needs.push(Need {
                deployment: current.name.to_string(),
                patterns: [
                    through(&manifest.asked()),
                    through(&deployment.grants),
                    ceiling.to_vec(),
                ],
            });
        }
    }
    Ok(needs)
}
