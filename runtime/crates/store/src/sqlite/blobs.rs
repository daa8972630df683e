//! Which files does a tenant keep, which run needs them, and how much is that?

use std::collections::HashSet;

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{RunId, TenantId};

use super::columns::{Columns as _, digest_key, int, run_key};
use super::entries::{fenced, held};
use super::job::{Job, Tx};
use super::script::Script;
use super::store::SqliteStore;
use crate::error::StoreError;
use crate::records::Lease;
use crate::traits::{Blobs, Result};

/// Takes what a run needs from it: part of the transaction that ends the run for good.
pub(super) const LET_GO: &str = "DELETE FROM blob_holds WHERE tenant = ? AND run = ?";

const BYTES: &str = "SELECT coalesce((SELECT bytes FROM blob_totals WHERE tenant = ?), 0)";
const OF_RUN: &str = "SELECT coalesce(sum(b.size), 0) FROM blob_holds AS h JOIN blobs AS b ON b.tenant = h.tenant AND b.digest = h.digest \
    WHERE h.tenant = ? AND h.run = ?";
const KEEP: &str = "INSERT INTO blobs (tenant, digest, size, refs, created_at) VALUES (?, ?, ?, 0, ?) ON CONFLICT (tenant, digest) DO NOTHING";
const HOLD: &str =
    "INSERT INTO blob_holds (tenant, run, digest) VALUES (?, ?, ?) ON CONFLICT (tenant, run, digest) DO NOTHING";

#[async_trait]
impl Blobs for SqliteStore {
    async fn hold(&self, lease: &Lease, digest: Digest, size: u64, quota: u64, now: Timestamp) -> Result<()> {
        self.writer()
            .write(Hold {
                lease: lease.clone(),
                digest,
                size,
                quota,
                now,
            })
            .await
    }

    async fn held_bytes(&self, tenant: &TenantId, but: Option<RunId>) -> Result<u64> {
        let row = sqlx::query(BYTES)
            .bind(tenant.as_str())
            .fetch_one(self.reader())
            .await?;
        let all = row.count(0)?;
        let Some(run) = but else { return Ok(all) };
        let row = sqlx::query(OF_RUN)
            .bind(tenant.as_str())
            .bind(run_key(run))
            .fetch_one(self.reader())
            .await?;
        Ok(all.saturating_sub(row.count(0)?))
    }

    async fn known(&self, tenant: &TenantId, digests: &[Digest]) -> Result<Vec<bool>> {
        let mut script = Script::default();
        let head = "SELECT digest FROM blobs WHERE tenant = ? AND digest IN (SELECT v.column1 FROM";
        let owner = |script: &mut Script| {
            script.bind(tenant.as_str());
        };
        script.add_rows(head, ")", 1, digests.iter().collect(), owner, |script, digest| {
            script.bind(digest_key(digest));
        });
        let mut connection = self.reader().acquire().await?;
        let ran = script.run(&mut connection, "", 0).await?.complete()?;
        let mut found = HashSet::new();
        for row in ran.all_rows() {
            found.insert(Digest::from_bytes(row.bytes(0)?));
        }
        Ok(digests.iter().map(|digest| found.contains(digest)).collect())
    }

    async fn unneeded(&self, limit: u32) -> Result<Vec<(TenantId, Digest)>> {
        let sql = "SELECT tenant, digest FROM blobs WHERE refs = 0 ORDER BY tenant, digest LIMIT ?";
        let rows = sqlx::query(sql).bind(limit).fetch_all(self.reader()).await?;
        rows.iter()
            .map(|row| Ok((row.parsed(0)?, Digest::from_bytes(row.bytes(1)?))))
            .collect()
    }

    async fn forget(&self, blobs: Vec<(TenantId, Digest)>) -> Result<()> {
        self.writer().write(Forget { blobs }).await
    }
}

/// A run needs a blob from now on.
struct Hold {
    lease: Lease,
    digest: Digest,
    size: u64,
    quota: u64,
    now: Timestamp,
}

#[async_trait]
impl Job for Hold {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let (tenant, digest) = (self.lease.tenant.as_str(), digest_key(&self.digest));
        let mut script = fenced(&self.lease);
        script.add(BYTES).bind(tenant);
        script
            .add(KEEP)
            .bind(tenant)
            .bind(digest.clone())
            .bind(int(self.size))
            .bind(int(self.now));
        // What a stale lease inserts is undone by the error below.
        script.add(HOLD).bind(tenant).bind(run_key(self.lease.run)).bind(digest);
        script.add(BYTES).bind(tenant);
        let ran = held(tx.run(script).await?)?;
        let total = |statement| ran.row(statement).ok_or(StoreError::NotFound)?.count(0);
        let (before, after) = (total(1)?, total(4)?);
        // What the tenant holds already may be held by one more run, whatever the quota is now.
        if after > before && after > self.quota {
            return Err(StoreError::Quota("spool-bytes"));
        }
        Ok(())
    }
}

/// The files of these blobs are gone.
struct Forget {
    blobs: Vec<(TenantId, Digest)>,
}

#[async_trait]
impl Job for Forget {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        // Through the small index: by its key SQLite would look at every blob of the tenant.
        let head = "DELETE FROM blobs INDEXED BY blobs_unneeded WHERE refs = 0 \
            AND (tenant, digest) IN (SELECT v.column1, v.column2 FROM";
        script.add_rows(
            head,
            ")",
            2,
            self.blobs,
            |_| {},
            |script, (tenant, digest)| {
                script.bind(tenant.as_str()).bind(digest_key(&digest));
            },
        );
        tx.run(script).await?.complete()?;
        Ok(())
    }
}
