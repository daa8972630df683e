//! Which blobs can one run reach?

use std::collections::HashSet;
use std::fmt;
use std::io::{self, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use synapse_domain::digest::Digest;
use synapse_domain::ids::TenantId;
use synapse_domain::limits;
use synapse_store::StoreError;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::decode::Decoder;
use super::fault;
use super::kept::Kept;
use super::ledger::Ledger;
use super::vault::Vault;
use super::writer::Writer;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// Bytes that are read and decoded at a time: large enough for a disk, small enough for a thread that others wait for.
const CHUNK: usize = 64 << 10;

/// One run's view of the spool: it reaches what this attempt kept or was handed from the run's journal, and nothing else.
#[derive(Clone)]
pub struct Spool(Arc<View>);

struct View {
    vault: Arc<Vault>,
    tenant: TenantId,
    ledger: Box<dyn Ledger>,
    /// What the run is known to hold, so that the answer needs no store.
    held: Mutex<HashSet<Digest>>,
    /// Why what is recorded is not known any more.
    lost: Mutex<Option<StoreError>>,
}

impl Spool {
    /// The view of one attempt.
    pub(crate) fn new(vault: Arc<Vault>, tenant: TenantId, ledger: impl Ledger + 'static) -> Self {
        Self(Arc::new(View {
            vault,
            tenant,
            ledger: Box::new(ledger),
            held: Mutex::default(),
            lost: Mutex::default(),
        }))
    }

    /// A spool in a folder, for the unit tests of connectors: nothing is remembered when it is dropped.
    #[cfg(test)]
    pub fn for_test(folder: &std::path::Path) -> Self {
        let quotas = super::vault::Quotas {
            tenant_bytes: limits::SPOOL_BYTES,
            blob_bytes: limits::BLOB_BYTES,
        };
        let vault = Vault::open(folder, quotas).expect("a test's folder can be written");
        let tenant = "test".parse().expect("a name");
        Self::new(vault, tenant, super::ledger::NoLedger)
    }

    /// Begins a blob of at most `limit` bytes (and never more than the configuration allows).
    ///
    /// # Errors
    /// `Other`: disk or store do not answer.
    pub async fn begin(&self, limit: u64) -> Result<Writer, Error> {
        let room = self.room(false).await?;
        let (vault, tenant) = (Arc::clone(&self.0.vault), self.0.tenant.clone());
        let (temporary, file) = blocking(move || vault.temporary(&tenant))
            .await
            .map_err(|error| fault::disk("make a file", &error))?;
        let limit = limit.min(self.0.vault.quotas().blob_bytes);
        Ok(Writer::new(self.clone(), temporary, file.into(), limit, room))
    }

    /// Opens a blob to read it from its beginning.
    ///
    /// # Errors
    /// `NotFound` unless this run holds it; `Unreadable` if its file is lost.
    pub async fn open(&self, sha256: &str) -> Result<tokio::fs::File, Error> {
        let path = self.path(sha256)?;
        tokio::fs::File::open(path).await.map_err(|error| lost_file(&error))
    }

    /// Where a blob's file is, for a request that streams it. It stays there as long as the run is not over.
    ///
    /// # Errors
    /// `NotFound` unless this run holds it.
    pub fn path(&self, sha256: &str) -> Result<PathBuf, Error> {
        let digest = sha256.parse::<Digest>().map_err(|_| Error::NotFound)?;
        if !lock(&self.0.held).contains(&digest) {
            return Err(Error::NotFound);
        }
        Ok(self.0.vault.path(&self.0.tenant, &digest))
    }

    /// A part of a blob: at most [`limits::BLOB_READ_BYTES`], less at the end, nothing behind it.
    ///
    /// # Errors
    /// `NotFound` unless this run holds it; `Unreadable` if its file is lost.
    pub(crate) async fn read(&self, kept: &Kept, offset: u64, len: u32) -> Result<Vec<u8>, Error> {
        let path = self.path(&kept.sha256)?;
        let left = kept.size.saturating_sub(offset);
        let len = u64::from(len.min(limits::BLOB_READ_BYTES)).min(left);
        let len = usize::try_from(len).unwrap_or(0);
        if len == 0 {
            return Ok(Vec::new());
        }
        let read = blocking(move || {
            let mut bytes = vec![0; len];
            std::fs::File::open(path)?.read_exact_at(&mut bytes, offset)?;
            Ok(bytes)
        });
        read.await.map_err(|error| lost_file(&error))
    }

    /// Keeps a decoded range of a blob as a blob of its own, in chunks.
    ///
    /// # Errors
    /// `Invalid` if the range is not inside the blob; as [`Spool::open`], [`Writer::write`] and [`Writer::keep`].
    pub(crate) async fn extract(
        &self,
        source: &Kept,
        (offset, len): (u64, u64),
        mut decoder: Decoder,
        name: &str,
        media_type: &str,
    ) -> Result<Kept, Error> {
        if offset.checked_add(len).is_none_or(|end| end > source.size) {
            return Err(Error::Invalid(InvalidArgument {
                field: "len".to_owned(),
                reason: format!("the range ends behind the blob, which has {} bytes", source.size),
            }));
        }
        let mut file = self.open(&source.sha256).await?;
        file.seek(SeekFrom::Start(offset))
            .await
            .map_err(|error| lost_file(&error))?;
        let mut range = file.take(len);
        let mut writer = self.begin(u64::MAX).await?;
        let (mut chunk, mut decoded, mut left) = (vec![0; CHUNK], Vec::with_capacity(CHUNK), len);
        while left > 0 {
            let count = range.read(&mut chunk).await.map_err(|error| lost_file(&error))?;
            if count == 0 {
                return Err(lost_file(&io::ErrorKind::UnexpectedEof.into()));
            }
            left = left.saturating_sub(count as u64);
            decoded.clear();
            decoder.feed(chunk.get(..count).unwrap_or_default(), &mut decoded);
            writer.write(&decoded).await?;
        }
        decoded.clear();
        decoder.end(&mut decoded);
        writer.write(&decoded).await?;
        writer.keep(name, media_type).await
    }

    /// The run holds this blob: its journal, or its ledger just now, says so.
    ///
    /// # Errors
    /// The digest is none: the journal is damaged.
    pub(crate) fn admit(&self, kept: &Kept) -> Result<(), String> {
        let digest = kept.sha256.parse::<Digest>().map_err(|error| error.to_string())?;
        lock(&self.0.held).insert(digest);
        Ok(())
    }

    /// Has the attempt held any blob?
    pub fn is_used(&self) -> bool {
        !lock(&self.0.held).is_empty()
    }

    /// Why the attempt does not know any more what is recorded; none: it does.
    pub(crate) fn lost(&self) -> Option<StoreError> {
        lock(&self.0.lost).clone()
    }

    pub(super) fn vault(&self) -> &Arc<Vault> {
        &self.0.vault
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.0.tenant
    }

    /// Bytes that the tenant may still add, as [`Ledger::room`].
    pub(super) async fn room(&self, repeat: bool) -> Result<u64, Error> {
        self.0.ledger.room(repeat).await.map_err(|error| fault::store(&error))
    }

    /// Records durably that the run holds this blob.
    pub(super) async fn hold(&self, digest: Digest, size: u64) -> Result<(), StoreError> {
        let held = self.0.ledger.hold(digest, size).await;
        match &held {
            Ok(()) => {
                lock(&self.0.held).insert(digest);
            }
            Err(StoreError::Quota(_)) => {}
            Err(error) => *lock(&self.0.lost) = Some(error.clone()),
        }
        held
    }

    /// Does anybody of the tenant have this blob, needed or not?
    pub(super) async fn known(&self, digest: Digest) -> Result<bool, StoreError> {
        self.0.ledger.known(digest).await
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool")
            .field("tenant", &self.0.tenant)
            .finish_non_exhaustive()
    }
}

pub(super) fn lost_file(error: &io::Error) -> Error {
    tracing::error!(%error, "a blob's file cannot be read");
    Error::Unreadable("the blob's file is lost or damaged".to_owned())
}

/// Does something with files on a thread that may wait.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
