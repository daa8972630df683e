//! Which imports stand behind blobs?

use super::Live;
use crate::bindings::workflow::synapse::workflow::blobs;
use crate::blobs::{BlobInfo, Blobs, Encoding, Span};
use crate::error::Error;

impl Blobs for Live {
    type Blob = blobs::Blob;

    fn blob_info(&self, blob: &Self::Blob) -> BlobInfo {
        blob.info()
    }

    fn read_blob(&self, blob: &Self::Blob, offset: u64, len: u32) -> Result<Vec<u8>, Error> {
        blob.read(offset, len)
    }

    fn create_blob(&self, name: &str, media_type: &str, bytes: &[u8]) -> Result<Self::Blob, Error> {
        blobs::create(name, media_type, bytes)
    }

    fn extract_blob(
        &self,
        source: &Self::Blob,
        offset: u64,
        len: u64,
        encoding: Encoding,
        name: &str,
        media_type: &str,
    ) -> Result<Self::Blob, Error> {
        blobs::extract(source, offset, len, encoding, name, media_type)
    }

    fn gather_blob(
        &self,
        source: &Self::Blob,
        spans: &[Span],
        name: &str,
        media_type: &str,
    ) -> Result<Self::Blob, Error> {
        blobs::gather(source, spans, name, media_type)
    }
}
