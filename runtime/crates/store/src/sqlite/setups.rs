//! What did operators set up: deployments, components, keys?

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{DeploymentName, TenantId};
use synapse_domain::permission::Grant;

use super::columns::{Columns as _, digest_key, int, json, record};
use super::grants::{self, SetGrants};
use super::job::{Job, Tx};
use super::keys;
use super::pauses::insert_connections;
use super::script::Script;
use super::store::SqliteStore;
use super::timers::replace_schedules;
use crate::codec;
use crate::error::StoreError;
use crate::records::{Deployment, DeploymentVersion, KeyRecord};
use crate::traits::{Result, Setups};

macro_rules! newest {
    () => {
        "SELECT v.record_blob FROM deployments AS d \
         JOIN deployment_versions AS v ON v.tenant = d.tenant AND v.name = d.name AND v.version = d.version WHERE d.tenant = ?"
    };
}

#[async_trait]
impl Setups for SqliteStore {
    async fn deploy(&self, version: DeploymentVersion, grants: Vec<Grant>) -> Result<Deployment> {
        let (tenant, name) = (version.tenant.clone(), version.name.clone());
        let deployment = self.writer().write(Deploy { version, grants }).await?;
        self.grants_cache().forget(&tenant, &name);
        Ok(deployment)
    }

    async fn deployment(&self, tenant: &TenantId, name: &DeploymentName) -> Result<Deployment> {
        let row = sqlx::query(concat!(newest!(), " AND d.name = ?"))
            .bind(tenant.as_str())
            .bind(name.as_str());
        let current = record(&row.fetch_one(self.reader()).await?.payload(0)?)?;
        Ok(Deployment {
            current,
            grants: self.grants(tenant, name).await?,
        })
    }

    async fn deployment_version(
        &self,
        tenant: &TenantId,
        name: &DeploymentName,
        version: u32,
    ) -> Result<DeploymentVersion> {
        let row =
            sqlx::query("SELECT record_blob FROM deployment_versions WHERE tenant = ? AND name = ? AND version = ?");
        let row = row
            .bind(tenant.as_str())
            .bind(name.as_str())
            .bind(version)
            .fetch_one(self.reader())
            .await?;
        record(&row.payload(0)?)
    }

    async fn deployments(&self, tenant: &TenantId) -> Result<Vec<Deployment>> {
        let rows = sqlx::query(concat!(newest!(), " ORDER BY d.name"))
            .bind(tenant.as_str())
            .fetch_all(self.reader())
            .await?;
        let mut deployments = Vec::with_capacity(rows.len());
        for row in rows {
            let current: DeploymentVersion = record(&row.payload(0)?)?;
            let grants = self.grants(tenant, &current.name).await?;
            deployments.push(Deployment { current, grants });
        }
        Ok(deployments)
    }

    async fn grants(&self, tenant: &TenantId, name: &DeploymentName) -> Result<Vec<Grant>> {
        self.grants_cache().get(self.reader(), tenant, name).await
    }

    async fn set_grants(&self, tenant: &TenantId, name: &DeploymentName, grants: Vec<Grant>) -> Result<()> {
        let written = self
            .writer()
            .write(SetGrants {
                tenant: tenant.clone(),
                name: name.clone(),
                grants,
            })
            .await;
        // Also after a failure: whether it was written is unknown then.
        self.grants_cache().forget(tenant, name);
        written
    }

    async fn put_component(&self, tenant: &TenantId, digest: Digest, bytes: Vec<u8>, now: Timestamp) -> Result<()> {
        self.writer()
            .write(PutComponent {
                tenant: tenant.clone(),
                digest,
                bytes,
                now,
            })
            .await
    }

    async fn component(&self, tenant: &TenantId, digest: Digest) -> Result<Vec<u8>> {
        let row = sqlx::query("SELECT bytes FROM components WHERE tenant = ? AND digest = ?")
            .bind(tenant.as_str())
            .bind(digest_key(&digest));
        let bytes: Vec<u8> = row.fetch_one(self.reader()).await?.value(0)?;
        // The name is the content: a component that does not match is never run.
        if Digest::of(&bytes) != digest {
            return Err(StoreError::Damaged(format!("the component {digest}: upload it again")));
        }
        Ok(bytes)
    }

    async fn put_key(&self, key: KeyRecord) -> Result<()> {
        self.writer().write(keys::Put(key)).await
    }

    async fn key(&self, id: &str) -> Result<Option<KeyRecord>> {
        keys::get(self.reader(), id).await
    }

    async fn keys(&self) -> Result<Vec<KeyRecord>> {
        keys::all(self.reader()).await
    }

    async fn revoke_key(&self, id: &str, now: Timestamp) -> Result<()> {
        self.writer().write(keys::Revoke { id: id.to_owned(), now }).await
    }
}

/// Records a version.
struct Deploy {
    version: DeploymentVersion,
    grants: Vec<Grant>,
}

const UPSERT_DEPLOYMENT: &str = "
    INSERT INTO deployments (tenant, name, version, concurrency, go_live) VALUES (?, ?, 1, ?, ?)
    ON CONFLICT (tenant, name) DO UPDATE SET version = version + 1, concurrency = excluded.concurrency
    RETURNING version, go_live";

#[async_trait]
impl Job for Deploy {
    type Answer = Deployment;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Deployment> {
        let Self { mut version, grants } = self;
        let (tenant, name) = (version.tenant.clone(), version.name.clone());
        let mut script = Script::default();
        script.add(UPSERT_DEPLOYMENT).bind(tenant.as_str()).bind(name.as_str());
        script.bind(version.concurrency).bind(int(version.go_live));
        let ran = tx.run(script).await?.complete()?;
        let row = ran
            .row(0)
            .ok_or_else(|| StoreError::Failed("the version has no number".into()))?;
        (version.version, version.go_live) = (row.number(0)?, row.count(1)?);

        let mut script = Script::default();
        script.add("INSERT INTO deployment_versions (tenant, name, version, component, record_blob, created_at) VALUES (?, ?, ?, ?, ?, ?)");
        script
            .bind(tenant.as_str())
            .bind(name.as_str())
            .bind(version.version)
            .bind(digest_key(&version.component));
        script
            .bind(codec::encode(&json(&version)?)?)
            .bind(int(version.created_at));
        grants::replace(&mut script, &tenant, &name, &grants)?;
        insert_connections(&mut script, &version);
        tx.run(script).await?.complete()?;
        replace_schedules(tx, &version).await?;
        Ok(Deployment {
            current: version,
            grants,
        })
    }
}

/// Stores a component.
struct PutComponent {
    tenant: TenantId,
    digest: Digest,
    bytes: Vec<u8>,
    now: Timestamp,
}

#[async_trait]
impl Job for PutComponent {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        if Digest::of(&self.bytes) != self.digest {
            return Err(StoreError::Conflict(
                "the component's bytes are not those that its digest names".into(),
            ));
        }
        let mut script = Script::default();
        script.add(
            "INSERT INTO components (tenant, digest, bytes, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        );
        script
            .bind(self.tenant.as_str())
            .bind(digest_key(&self.digest))
            .bind(self.bytes)
            .bind(int(self.now));
        tx.run(script).await?.complete().map(drop)
    }
}
