//! Which API keys exist?

use async_trait::async_trait;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use synapse_domain::clock::Timestamp;

use super::columns::{Columns as _, int, json, record};
use super::job::{Job, Tx};
use super::script::Script;
use crate::error::StoreError;
use crate::records::KeyRecord;
use crate::traits::Result;

/// A key by its public part.
pub(super) async fn get(reader: &SqlitePool, id: &str) -> Result<Option<KeyRecord>> {
    let sql =
        "SELECT id, secret_sha256, tenant, scopes, label, created_at, expires_at, revoked_at FROM keys WHERE id = ?";
    sqlx::query(sql)
        .bind(id)
        .fetch_optional(reader)
        .await?
        .as_ref()
        .map(key)
        .transpose()
}

/// All keys, oldest first.
pub(super) async fn all(reader: &SqlitePool) -> Result<Vec<KeyRecord>> {
    let sql = "SELECT id, secret_sha256, tenant, scopes, label, created_at, expires_at, revoked_at FROM keys ORDER BY created_at, id";
    sqlx::query(sql).fetch_all(reader).await?.iter().map(key).collect()
}

fn key(row: &SqliteRow) -> Result<KeyRecord> {
    let has_tenant = row.value::<Option<&str>>(2)?.is_some();
    Ok(KeyRecord {
        id: row.value(0)?,
        secret_sha256: row.bytes(1)?,
        tenant: has_tenant.then(|| row.parsed(2)).transpose()?,
        scopes: record(row.value(3)?)?,
        label: row.value(4)?,
        created_at: row.count(5)?,
        expires_at: row.optional_number(6)?,
        revoked_at: row.optional_number(7)?,
    })
}

/// Stores a key.
pub(super) struct Put(pub(super) KeyRecord);

#[async_trait]
impl Job for Put {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let key = self.0;
        let mut script = Script::default();
        script.add("INSERT INTO keys (id, secret_sha256, tenant, scopes, label, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        script
            .bind(key.id.as_str())
            .bind(key.secret_sha256.to_vec())
            .bind(key.tenant.as_ref().map(|tenant| tenant.as_str()));
        script
            .bind(json(&key.scopes)?)
            .bind(key.label)
            .bind(int(key.created_at));
        script.bind(key.expires_at.map(int)).bind(key.revoked_at.map(int));
        let ran = tx.run(script).await?;
        if ran.is_duplicate() {
            return Err(StoreError::Conflict(format!("a key with the id `{}` exists", key.id)));
        }
        ran.complete().map(drop)
    }
}

/// Takes a key back; the first time counts.
pub(super) struct Revoke {
    pub(super) id: String,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Job for Revoke {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        script
            .add("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? RETURNING 1")
            .bind(int(self.now))
            .bind(self.id);
        let ran = tx.run(script).await?.complete()?;
        ran.row(0).map(drop).ok_or(StoreError::NotFound)
    }
}
