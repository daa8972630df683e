//! How does a workflow handle bytes that stay on the host?

use crate::bindings::workflow::synapse::workflow::blobs as wit;
use crate::error::Error;

pub use wit::{BlobInfo, Encoding, Span};

/// Most bytes that one [`Blobs::read_blob`] answers.
pub const READ_BYTES: u32 = 1 << 20;

/// Most ranges that one [`Blobs::gather_blob`] takes.
pub const GATHERED_SPANS: usize = 4_096;

/// `synapse:workflow/blobs`. Calls that take or give evidence take and give handles; the bytes pass through the guest only where
/// it reads them itself.
pub trait Blobs {
    /// Bytes on the host: a handle, valid in this run only.
    type Blob;

    /// What is known about it.
    fn blob_info(&self, blob: &Self::Blob) -> BlobInfo;
    /// At most [`READ_BYTES`] from this offset; empty at the end. Safe to repeat.
    ///
    /// # Errors
    /// The spool cannot be read.
    fn read_blob(&self, blob: &Self::Blob, offset: u64, len: u32) -> Result<Vec<u8>, Error>;
    /// Keeps bytes of the workflow's own making, at most 4 MiB less the call's overhead. Safe to repeat.
    ///
    /// # Errors
    /// `too-large`, or `quota` when the tenant's spool is full.
    fn create_blob(&self, name: &str, media_type: &str, bytes: &[u8]) -> Result<Self::Blob, Error>;
    /// Keeps a decoded range of a blob as one of its own: a part of a mail, without its bytes passing through the guest. Safe to repeat.
    ///
    /// # Errors
    /// `invalid` for a range outside the blob, `quota` when the tenant's spool is full.
    fn extract_blob(
        &self,
        source: &Self::Blob,
        offset: u64,
        len: u64,
        encoding: Encoding,
        name: &str,
        media_type: &str,
    ) -> Result<Self::Blob, Error>;

    /// Keeps ranges of a blob, one behind the other, as a blob of its own: a file that lies in pieces inside a container. At most
    /// [`GATHERED_SPANS`] ranges. Safe to repeat.
    ///
    /// # Errors
    /// `invalid` for too many ranges or one outside the blob, `too-large`, or `quota` when the tenant's spool is full.
    fn gather_blob(
        &self,
        source: &Self::Blob,
        spans: &[Span],
        name: &str,
        media_type: &str,
    ) -> Result<Self::Blob, Error>;

    /// The first bytes of a blob, at most `limit`, read range by range.
    ///
    /// # Errors
    /// The spool cannot be read.
    fn read_start(&self, blob: &Self::Blob, limit: usize) -> Result<Vec<u8>, Error> {
        let size = usize::try_from(self.blob_info(blob).size)
            .unwrap_or(usize::MAX)
            .min(limit);
        let mut bytes = Vec::with_capacity(size);
        while bytes.len() < size {
            let wanted = u32::try_from(size - bytes.len()).unwrap_or(READ_BYTES).min(READ_BYTES);
            let range = self.read_blob(blob, bytes.len() as u64, wanted)?;
            if range.is_empty() {
                break;
            }
            bytes.extend_from_slice(&range);
        }
        Ok(bytes)
    }
}
