//! Which triggers listen to a connection? Kept in memory, because every event asks.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{ConnectionName, DeploymentName, TenantId};
use synapse_domain::trigger::{Trigger, Webhook};
use synapse_store::{Store, StoreError};

/// A trigger of a deployment's newest version.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listener {
    pub(super) deployment: DeploymentName,
    pub(super) webhook: Webhook,
    /// What its runs say started them.
    pub(super) label: String,
    /// Nothing older is acted on.
    pub(super) go_live: Timestamp,
}

type ByConnection = HashMap<ConnectionName, Arc<[Listener]>>;

/// All triggers of a node's tenants.
#[derive(Debug, Default)]
pub(super) struct Index(ArcSwap<HashMap<TenantId, Arc<ByConnection>>>);

impl Index {
    /// The triggers that listen to a connection.
    pub(super) fn of(&self, tenant: &TenantId, connection: &ConnectionName) -> Arc<[Listener]> {
        let all = self.0.load();
        let found = all.get(tenant).and_then(|named| named.get(connection));
        found.map(Arc::clone).unwrap_or_default()
    }

    /// Every connection that some trigger listens to.
    pub(super) fn all(&self) -> Vec<(TenantId, ConnectionName, Arc<[Listener]>)> {
        let all = self.0.load();
        let pairs = all.iter().flat_map(|(tenant, named)| {
            named
                .iter()
                .map(move |(name, listeners)| (tenant.clone(), name.clone(), Arc::clone(listeners)))
        });
        pairs.collect()
    }

    /// Reads a tenant's deployments again.
    pub(super) async fn refresh(&self, store: &dyn Store, tenant: &TenantId) -> Result<(), StoreError> {
        let mut by_connection: HashMap<ConnectionName, Vec<Listener>> = HashMap::new();
        for deployment in store.deployments(tenant).await? {
            let version = deployment.current;
            for trigger in &version.triggers {
                let Trigger::Webhook(webhook) = trigger else { continue };
                // The deployment was checked: every trigger's binding is bound.
                let Some(connection) = version.bindings.get(&webhook.binding) else {
                    continue;
                };
                by_connection.entry(connection.clone()).or_default().push(Listener {
                    deployment: version.name.clone(),
                    webhook: webhook.clone(),
                    label: trigger.label(),
                    go_live: version.go_live,
                });
            }
        }
        let named: Arc<ByConnection> = Arc::new(
            by_connection
                .into_iter()
                .map(|(connection, listeners)| (connection, listeners.into()))
                .collect(),
        );
        self.0.rcu(|all| {
            let mut all = HashMap::clone(all);
            all.insert(tenant.clone(), Arc::clone(&named));
            all
        });
        Ok(())
    }
}
