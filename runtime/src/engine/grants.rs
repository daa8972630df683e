//! What may a deployment do now? The gate asks at each live call; the answer is kept until somebody changes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use synapse_capabilities::gate::{Authority, Stop};
use synapse_domain::ids::{DeploymentName, TenantId};
use synapse_domain::permission::{Grant, Pattern};
use synapse_store::Store;

type Key = (TenantId, DeploymentName);

/// Grants of deployments and ceilings of tenants.
pub struct Grants {
    store: Arc<dyn Store>,
    ceilings: HashMap<TenantId, Arc<Vec<Pattern>>>,
    known: Mutex<HashMap<Key, Arc<Vec<Grant>>>>,
}

impl Grants {
    /// Reads grants from this store; a tenant without a ceiling may use nothing.
    pub fn new(store: Arc<dyn Store>, ceilings: HashMap<TenantId, Vec<Pattern>>) -> Self {
        let ceilings = ceilings
            .into_iter()
            .map(|(tenant, ceiling)| (tenant, Arc::new(ceiling)))
            .collect();
        Self {
            store,
            ceilings,
            known: Mutex::default(),
        }
    }

    /// The grants of this deployment were changed: the next live call reads them again.
    pub fn changed(&self, tenant: &TenantId, deployment: &DeploymentName) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&(tenant.clone(), deployment.clone()));
    }
}

#[async_trait]
impl Authority for Grants {
    async fn grants(&self, tenant: &TenantId, deployment: &DeploymentName) -> Result<Arc<Vec<Grant>>, Stop> {
        let key = (tenant.clone(), deployment.clone());
        if let Some(grants) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(grants));
        }
        let grants = Arc::new(self.store.grants(tenant, deployment).await?);
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&grants));
        Ok(grants)
    }

    fn ceiling(&self, tenant: &TenantId) -> Arc<Vec<Pattern>> {
        self.ceilings.get(tenant).cloned().unwrap_or_default()
    }
}
