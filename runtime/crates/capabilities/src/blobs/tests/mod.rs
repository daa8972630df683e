//! Does the spool keep its promises? Against a real store and real files.

mod decode;
mod durable;
mod janitor;
mod limits;
mod reach;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use synapse_domain::clock::SystemClock;
use synapse_domain::digest::Digest;
use synapse_domain::event::Event;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::limits::STANDARD;
use synapse_domain::run::RunState;
use synapse_store::records::{DeploymentVersion, Lease, NewRun, RunEnd};
use synapse_store::sqlite::{Options, SqliteStore};
use synapse_store::traits::{Runs as _, Setups as _};

use super::{Kept, Quotas, Spool, StoreLedger, Vault};
use crate::bindings::synapse::workflow::types::Error;

/// Enough for every test that is not about limits.
const QUOTAS: Quotas = Quotas {
    tenant_bytes: 1 << 20,
    blob_bytes: 1 << 19,
};

/// A data folder with a store and a vault.
struct Node {
    folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    vault: Arc<Vault>,
}

impl Node {
    async fn start() -> Self {
        Self::with(QUOTAS).await
    }

    async fn with(quotas: Quotas) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), Options::default()).await.unwrap();
        let vault = Vault::open(&folder.path().join("blobs"), quotas).unwrap();
        Self { folder, store, vault }
    }

    /// A run of this tenant that is under way.
    async fn run(&self, tenant: &str, n: u64) -> Lease {
        let tenant: TenantId = tenant.parse().unwrap();
        let version = DeploymentVersion {
            tenant: tenant.clone(),
            name: "a".parse().unwrap(),
            version: 0,
            component: Digest::of(b"component"),
            manifest: String::new(),
            config: serde_json::json!({}),
            bindings: [].into(),
            source_ids: [].into(),
            triggers: Vec::new(),
            limits: STANDARD.run,
            concurrency: 100,
            go_live: 0,
            created_at: 0,
        };
        self.store.deploy(version, Vec::new()).await.unwrap();
        let run = NewRun {
            tenant,
            id: RunId::new(n, [0; 10]),
            deployment: "a".parse().unwrap(),
            event: Event {
                id: n.to_string(),
                source: "/tests".into(),
                kind: "test".into(),
                time: n,
                datacontenttype: "application/json".into(),
                data: "{}".into(),
            },
            trigger: "api".into(),
            idempotency: None,
            seed: [0; 32],
            created_at: n,
        };
        let submitted = self.store.submit(run, Some("node".into()), 100).await.unwrap();
        submitted.claimed.unwrap().lease
    }

    /// What an attempt at this run sees of the spool.
    fn spool(&self, lease: &Lease) -> Spool {
        Spool::new(Arc::clone(&self.vault), lease.tenant.clone(), self.ledger(lease))
    }

    fn ledger(&self, lease: &Lease) -> StoreLedger {
        StoreLedger {
            store: Arc::clone(&self.store) as _,
            lease: lease.clone(),
            clock: Arc::new(SystemClock),
            quota: self.vault.quotas().tenant_bytes,
        }
    }

    async fn end(&self, lease: &Lease) {
        let end = RunEnd {
            state: RunState::Succeeded,
            answer: None,
            problem: None,
            fuel: None,
            fingerprint: "engine".into(),
            wake: None,
            at: 1,
        };
        self.store.end(lease, Vec::new(), end).await.unwrap();
    }

    /// Every file of the spool, temporary ones too, by its path below `blobs`.
    fn files(&self) -> Vec<PathBuf> {
        let root = self.folder.path().join("blobs");
        let mut found = Vec::new();
        collect(&root, &mut found);
        found.sort();
        found
            .into_iter()
            .map(|file| file.strip_prefix(&root).unwrap().to_owned())
            .collect()
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Where a tenant's file of these bytes is, below `blobs`.
fn place(tenant: &str, bytes: &[u8]) -> PathBuf {
    let name = Digest::of(bytes).to_string();
    Path::new(tenant).join(&name[..2]).join(name)
}

async fn keep(spool: &Spool, name: &str, bytes: &[u8]) -> Result<Kept, Error> {
    let mut writer = spool.begin(u64::MAX).await?;
    for chunk in bytes.chunks(1_000) {
        writer.write(chunk).await?;
    }
    writer.keep(name, "text/plain").await
}

async fn whole(spool: &Spool, kept: &Kept) -> Vec<u8> {
    use tokio::io::AsyncReadExt as _;
    let mut bytes = Vec::new();
    let mut file = spool.open(&kept.sha256).await.unwrap();
    file.read_to_end(&mut bytes).await.unwrap();
    bytes
}
