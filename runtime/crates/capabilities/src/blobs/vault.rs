//! Where are the files of blobs, and who may put one there or take it away?
//!
//! `<root>/<tenant>/<ab>/<sha256>`, and `<root>/tmp/<n>` while a blob is written. Every part of a path is a tenant's checked name, a
//! digest or a number: what a blob is called by its source never becomes one (R7).

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use synapse_domain::digest::Digest;
use synapse_domain::ids::TenantId;
use tokio::sync::{Notify, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How much blobs may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Bytes of all blobs that a tenant's runs need at once.
    pub tenant_bytes: u64,
    /// Bytes of one blob.
    pub blob_bytes: u64,
}

/// A node's folder of blobs.
#[derive(Debug)]
pub struct Vault {
    root: PathBuf,
    quotas: Quotas,
    /// Who puts a file in place and records it holds this shared; who deletes one holds it alone. So whoever deletes sees every row.
    lock: RwLock<()>,
    /// Folders that are known to be durable: made and their parents synced.
    folders: Mutex<HashSet<PathBuf>>,
    /// Bytes in temporary files, by tenant.
    in_flight: Mutex<HashMap<TenantId, u64>>,
    next: AtomicU64,
    wake: Notify,
}

impl Vault {
    /// Makes the folder ready. What was being written when the last process ended is removed; nobody else may use the folder, which the
    /// lock of the store beside it guarantees.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(root: &Path, quotas: Quotas) -> io::Result<Arc<Self>> {
        let temporary = root.join("tmp");
        make(&temporary)?;
        for entry in fs::read_dir(&temporary)? {
            let entry = entry?;
            // Files only: a tenant may be called `tmp`, and has folders there.
            if entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Arc::new(Self {
            root: root.to_owned(),
            quotas,
            lock: RwLock::default(),
            folders: Mutex::default(),
            in_flight: Mutex::default(),
            next: AtomicU64::new(0),
            wake: Notify::new(),
        }))
    }

    /// How much blobs may take.
    pub fn quotas(&self) -> Quotas {
        self.quotas
    }

    /// There may be blobs that nobody needs any more.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Resolves when somebody called [`Vault::wake`].
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Of a blob's file.
    pub(super) fn path(&self, tenant: &TenantId, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        let shelf = name.get(..2).unwrap_or_default();
        self.root.join(tenant.as_str()).join(shelf).join(&name)
    }

    /// The folder of all tenants.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The right to put files in place and record them.
    pub(super) async fn keeping(&self) -> RwLockReadGuard<'_, ()> {
        self.lock.read().await
    }

    /// The right to delete files.
    pub(super) async fn deleting(&self) -> RwLockWriteGuard<'_, ()> {
        self.lock.write().await
    }

    /// An empty temporary file of a tenant.
    pub(super) fn temporary(self: &Arc<Self>, tenant: &TenantId) -> io::Result<(Temporary, File)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.root.join("tmp").join(number.to_string());
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let temporary = Temporary {
            vault: Arc::clone(self),
            tenant: tenant.clone(),
            path,
            bytes: 0,
        };
        Ok((temporary, file))
    }

    /// Moves a finished, synced file to its place, durably. Equal bytes that are there already are replaced by their equals.
    pub(super) fn place(&self, from: &Path, tenant: &TenantId, digest: &Digest) -> io::Result<()> {
        let to = self.path(tenant, digest);
        let Some(shelf) = to.parent() else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let durable = |folders: &Mutex<HashSet<PathBuf>>| lock(folders).contains(shelf);
        if !durable(&self.folders) {
            make(shelf)?;
            for folder in shelf
                .ancestors()
                .skip(1)
                .take_while(|folder| folder.starts_with(&self.root))
            {
                sync(folder)?;
            }
            // Not before all are synced: until then everybody who comes here syncs them too.
            lock(&self.folders).insert(shelf.to_owned());
        }
        fs::rename(from, &to)?;
        sync(shelf)
    }

    fn reserve(&self, tenant: &TenantId, bytes: u64, room: u64) -> bool {
        let mut in_flight = lock(&self.in_flight);
        let now = in_flight.get(tenant).copied().unwrap_or(0);
        match now.checked_add(bytes).filter(|after| *after <= room) {
            Some(after) => {
                in_flight.insert(tenant.clone(), after);
                true
            }
            None => false,
        }
    }

    fn release(&self, tenant: &TenantId, bytes: u64) {
        let mut in_flight = lock(&self.in_flight);
        let after = in_flight.get(tenant).copied().unwrap_or(0).saturating_sub(bytes);
        if after == 0 {
            in_flight.remove(tenant);
        } else {
            in_flight.insert(tenant.clone(), after);
        }
    }
}

/// A file that is being written; dropped before it is in place, it is gone.
pub(super) struct Temporary {
    vault: Arc<Vault>,
    tenant: TenantId,
    path: PathBuf,
    bytes: u64,
}

impl Temporary {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes space for more bytes out of what the tenant has left; false: there is not enough.
    pub(super) fn grow(&mut self, bytes: u64, room: u64) -> bool {
        let fits = self.vault.reserve(&self.tenant, bytes, room);
        if fits {
            self.bytes = self.bytes.saturating_add(bytes);
        }
        fits
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Not there any more when it was put in place; what cannot be removed now is removed at the next start.
        fs::remove_file(&self.path).ok();
        self.vault.release(&self.tenant, self.bytes);
    }
}

/// Makes a folder and those above it, for this user only.
fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes what is in a folder durable.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
