//! How do bytes become a blob that survives a crash?

use std::fmt;

use sha2::{Digest as _, Sha256};
use synapse_domain::digest::Digest;
use synapse_domain::failpoint;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::fault;
use super::kept::Kept;
use super::spool::{Spool, blocking};
use super::vault::Temporary;
use crate::bindings::synapse::workflow::types::Error;

/// A blob that is being written. Dropped, it leaves nothing behind.
pub struct Writer {
    spool: Spool,
    temporary: Temporary,
    file: File,
    hasher: Sha256,
    size: u64,
    limit: u64,
    /// What the tenant's quota had left when it was asked last. The ledger decides in the end; this keeps the disk from filling meanwhile.
    room: u64,
    /// Why nothing more is taken: bytes are missing.
    failed: Option<Error>,
}

impl Writer {
    pub(super) fn new(spool: Spool, temporary: Temporary, file: File, limit: u64, room: u64) -> Self {
        Self {
            spool,
            temporary,
            file,
            hasher: Sha256::new(),
            size: 0,
            limit,
            room,
            failed: None,
        }
    }

    /// Adds bytes. After an error nothing can be kept.
    ///
    /// # Errors
    /// `TooLarge` with the limit; `Quota` (`spool-bytes`) if quota or disk are full; `Other` if the disk fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let written = self.add(bytes).await;
        if let Err(error) = &written {
            self.failed = Some(error.clone());
        }
        written
    }

    async fn add(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let more = bytes.len() as u64;
        let size = self.size.saturating_add(more);
        if size > self.limit {
            return Err(Error::TooLarge(self.limit));
        }
        if !self.temporary.grow(more, self.room) {
            // Not refused yet: the bytes may be those that the run holds already.
            self.room = self.spool.room(true).await?;
            if !self.temporary.grow(more, self.room) {
                return Err(fault::full());
            }
        }
        self.file
            .write_all(bytes)
            .await
            .map_err(|error| fault::disk("write", &error))?;
        self.hasher.update(bytes);
        self.size = size;
        Ok(())
    }

    /// Makes the blob durable: file, folder and row in this order. Name and media type are data and are cut to their limits.
    ///
    /// Done in a task of its own: a guest that is stopped meanwhile leaves no file without a row.
    ///
    /// # Errors
    /// As [`Writer::write`]; also `Quota` if others of the tenant were quicker.
    pub async fn keep(self, name: &str, media_type: &str) -> Result<Kept, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let digest = Digest::from_bytes(self.hasher.clone().finalize().into());
        let kept = Kept::new(name, media_type, self.size, &digest);
        let settled = tokio::spawn(self.settle(digest)).await;
        settled.unwrap_or_else(|error| Err(fault::disk("keep a blob", &std::io::Error::other(error))))?;
        Ok(kept)
    }

    async fn settle(self, digest: Digest) -> Result<(), Error> {
        let Self {
            spool,
            temporary,
            mut file,
            size,
            ..
        } = self;
        // A write of tokio's file may still be under way, and fail; what it says comes with the flush.
        file.flush().await.map_err(|error| fault::disk("write", &error))?;
        file.sync_all()
            .await
            .map_err(|error| fault::disk("sync a file", &error))?;
        drop(file);
        let kept = {
            let _keeping = spool.vault().keeping().await;
            let (vault, tenant, from) = (
                spool.vault().clone(),
                spool.tenant().clone(),
                temporary.path().to_owned(),
            );
            match blocking(move || vault.place(&from, &tenant, &digest)).await {
                Ok(()) => {
                    // From here on the ledger counts the bytes.
                    drop(temporary);
                    failpoint::hit("blobs.after-file");
                    let held = spool.hold(digest, size).await;
                    failpoint::hit("blobs.after-hold");
                    held.map_err(|error| fault::store(&error))
                }
                Err(error) => Err(fault::disk("put a file in place", &error)),
            }
        };
        if kept.is_err() {
            discard(&spool, digest).await;
        }
        kept
    }
}

/// Deletes a file that no row names, and no other that others may have made of equal bytes meanwhile.
async fn discard(spool: &Spool, digest: Digest) {
    let _deleting = spool.vault().deleting().await;
    // Without an answer it stays: the next start finds files without a row.
    if let Ok(false) = spool.known(digest).await {
        let path = spool.vault().path(spool.tenant(), &digest);
        tokio::fs::remove_file(path).await.ok();
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
