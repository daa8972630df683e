//! What may a deployment do at this moment, without asking the database at every call?
//!
//! Grants are read at each live call (G8). The lock makes this process the only writer of the file, so what was read once stays true
//! until this process changes it; the change forgets it here before its caller gets an answer.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use sqlx::sqlite::SqlitePool;
use synapse_domain::ids::{DeploymentName, TenantId};
use synapse_domain::permission::Grant;

use super::columns::{Columns as _, json, record};
use super::job::{Job, Tx};
use super::script::Script;
use crate::error::StoreError;
use crate::traits::Result;

/// Deployments whose grants are kept; above it the memory starts anew.
const CAPACITY: usize = 10_000;

/// Grants that were read.
#[derive(Default)]
pub(super) struct Cache {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Counts changes: what was read before one is not kept after it.
    changes: u64,
    grants: HashMap<(TenantId, DeploymentName), Vec<Grant>>,
}

impl Cache {
    /// The grants of a deployment.
    pub(super) async fn get(
        &self,
        reader: &SqlitePool,
        tenant: &TenantId,
        name: &DeploymentName,
    ) -> Result<Vec<Grant>> {
        let key = (tenant.clone(), name.clone());
        let changes = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(grants) = known.grants.get(&key) {
                return Ok(grants.clone());
            }
            known.changes
        };
        let grants = read(reader, tenant, name).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.changes == changes {
            if known.grants.len() >= CAPACITY {
                known.grants.clear();
            }
            known.grants.insert(key, grants.clone());
        }
        Ok(grants)
    }

    /// Forgets what was read: it may have changed.
    pub(super) fn forget(&self, tenant: &TenantId, name: &DeploymentName) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.changes += 1;
        known.grants.remove(&(tenant.clone(), name.clone()));
    }
}

async fn read(reader: &SqlitePool, tenant: &TenantId, name: &DeploymentName) -> Result<Vec<Grant>> {
    let sql = "SELECT g.record FROM deployments AS d LEFT JOIN grants AS g ON g.tenant = d.tenant AND g.deployment = d.name \
        WHERE d.tenant = ? AND d.name = ? ORDER BY g.n";
    let rows = sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(name.as_str())
        .fetch_all(reader)
        .await?;
    if rows.is_empty() {
        return Err(StoreError::NotFound);
    }
    let mut grants = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(text) = row.value::<Option<&str>>(0)? {
            grants.push(record(text)?);
        }
    }
    Ok(grants)
}

/// Adds the statements that replace a deployment's grants.
pub(super) fn replace(script: &mut Script, tenant: &TenantId, name: &DeploymentName, grants: &[Grant]) -> Result<()> {
    script
        .add("DELETE FROM grants WHERE tenant = ? AND deployment = ?")
        .bind(tenant.as_str())
        .bind(name.as_str());
    let rows = grants
        .iter()
        .zip(0_u32..)
        .map(|(grant, n)| Ok((n, json(grant)?)))
        .collect::<Result<Vec<_>>>()?;
    let owner = |script: &mut Script| {
        script.bind(tenant.as_str()).bind(name.as_str());
    };
    script.add_rows(
        "INSERT INTO grants (tenant, deployment, n, record) SELECT ?, ?, v.* FROM",
        "",
        2,
        rows,
        owner,
        |script, (n, text)| {
            script.bind(n).bind(text);
        },
    );
    Ok(())
}

/// Replaces the grants of a deployment.
pub(super) struct SetGrants {
    pub(super) tenant: TenantId,
    pub(super) name: DeploymentName,
    pub(super) grants: Vec<Grant>,
}

#[async_trait]
impl Job for SetGrants {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        script
            .add("SELECT 1 FROM deployments WHERE tenant = ? AND name = ?")
            .bind(self.tenant.as_str())
            .bind(self.name.as_str());
        if tx.ask(script).await?.complete()?.row(0).is_none() {
            return Err(StoreError::NotFound);
        }
        let mut script = Script::default();
        replace(&mut script, &self.tenant, &self.name, &self.grants)?;
        tx.run(script).await?.complete().map(drop)
    }
}
