//! Where does an attempt get its pinned deployment and its component from? Both never change, so they are kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use synapse_domain::ids::{DeploymentName, TenantId};
use synapse_domain::manifest::Manifest;
use synapse_domain::permission::Grant;
use synapse_sandbox::prepared::Prepared;
use synapse_store::Store;
use synapse_store::records::DeploymentVersion;

use super::guest::{Components, Guest};

/// Versions kept in memory; one more empties the map, which costs a read each.
const KEPT: usize = 4_096;

/// A pinned deployment version with what follows from it.
pub struct Pinned {
    /// The version.
    pub version: DeploymentVersion,
    /// What its manifest asks for.
    pub asked: Vec<Grant>,
}

/// Reads pinned versions and components once.
pub struct Loaded {
    store: Arc<dyn Store>,
    /// Linked components.
    pub components: Components,
    versions: Mutex<HashMap<(TenantId, DeploymentName, u32), Arc<Pinned>>>,
}

impl Loaded {
    /// Loads from this store.
    pub fn new(store: Arc<dyn Store>, components: Components) -> Self {
        Self {
            store,
            components,
            versions: Mutex::default(),
        }
    }

    /// A pinned version.
    ///
    /// # Errors
    /// It is not there, or its manifest is not what was accepted.
    pub async fn pinned(&self, tenant: &TenantId, name: &DeploymentName, version: u32) -> anyhow::Result<Arc<Pinned>> {
        let key = (tenant.clone(), name.clone(), version);
        if let Some(pinned) = self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(pinned));
        }
        let version = self.store.deployment_version(tenant, name, version).await?;
        let asked = Manifest::parse(&version.manifest)?.asked();
        let pinned = Arc::new(Pinned { version, asked });
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if versions.len() >= KEPT {
            versions.clear();
        }
        versions.insert(key, Arc::clone(&pinned));
        Ok(pinned)
    }

    /// The component of a version, linked.
    ///
    /// # Errors
    /// It is not there, or cannot be loaded any more.
    pub async fn component(&self, version: &DeploymentVersion) -> anyhow::Result<Arc<Prepared<Guest>>> {
        if let Some(prepared) = self.components.get(&version.component) {
            return Ok(prepared);
        }
        let bytes = self.store.component(&version.tenant, version.component).await?;
        let plan = Manifest::parse(&version.manifest)?.plan()?;
        Ok(self.components.load(&bytes, plan).await?)
    }
}
