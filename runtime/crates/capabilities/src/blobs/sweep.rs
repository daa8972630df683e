//! Which files does nobody need any more?
//!
//! Whoever deletes has the vault's lock alone: no file is between its place and its row then, so a blob without a run that needs it is
//! really one, and a file without a row too.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use synapse_domain::digest::Digest;
use synapse_domain::ids::TenantId;
use synapse_store::{Store, StoreError};

use super::spool::blocking;
use super::vault::Vault;

/// Blobs that are deleted while nobody can keep one: a few milliseconds' work.
const BATCH: u32 = 64;

/// Why the spool could not be swept.
#[derive(Debug, thiserror::Error)]
pub enum Unswept {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk does not.
    #[error("the disk: {0}")]
    Disk(#[from] io::Error),
}

impl Vault {
    /// Deletes the files and rows of blobs that no run needs; answers how many. The file goes first: a row without it is found again.
    ///
    /// # Errors
    /// What is left is tried again the next time.
    pub async fn sweep(&self, store: &dyn Store) -> Result<usize, Unswept> {
        let mut freed = 0_usize;
        loop {
            let _deleting = self.deleting().await;
            let gone = store.unneeded(BATCH).await?;
            if gone.is_empty() {
                return Ok(freed);
            }
            let paths: Vec<_> = gone.iter().map(|(tenant, digest)| self.path(tenant, digest)).collect();
            blocking(move || paths.iter().try_for_each(|path| remove(path))).await?;
            freed = freed.saturating_add(gone.len());
            store.forget(gone).await?;
        }
    }

    /// Deletes files that no row names: what a process left that ended between a file and its row. For the start; answers how many.
    ///
    /// # Errors
    /// What is left is tried again at the next start.
    pub async fn clear_strays(&self, store: &dyn Store) -> Result<usize, Unswept> {
        let mut strays = 0_usize;
        for tenant in folders(self.root().to_owned()).await? {
            let Some(id) = tenant
                .file_name()
                .and_then(|name| name.to_str()?.parse::<TenantId>().ok())
            else {
                continue;
            };
            for shelf in folders(tenant).await? {
                let _deleting = self.deleting().await;
                let found = digests(shelf).await?;
                let known = store.known(&id, &found).await?;
                let paths: Vec<_> = found
                    .iter()
                    .zip(known)
                    .filter(|(_, known)| !known)
                    .map(|(digest, _)| self.path(&id, digest))
                    .collect();
                strays = strays.saturating_add(paths.len());
                blocking(move || paths.iter().try_for_each(|path| remove(path))).await?;
            }
        }
        Ok(strays)
    }
}

/// The folders in a folder.
async fn folders(folder: PathBuf) -> io::Result<Vec<PathBuf>> {
    let list = move || {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found.push(entry.path());
            }
        }
        Ok(found)
    };
    blocking(list).await
}

/// The blobs in a folder; what has another name is not ours.
async fn digests(shelf: PathBuf) -> io::Result<Vec<Digest>> {
    let list = move || {
        let names: Vec<OsString> = std::fs::read_dir(shelf)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<io::Result<_>>()?;
        Ok(names.iter().filter_map(|name| name.to_str()?.parse().ok()).collect())
    };
    blocking(list).await
}

/// Deletes a file, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
