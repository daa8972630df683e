//! What is said of a blob, in a journal and behind a guest's handle?

use serde::{Deserialize, Serialize};
use synapse_domain::digest::Digest;
use synapse_domain::limits;

use crate::bindings::synapse::workflow::blobs::BlobInfo;

/// Stands for a media type that nobody gave.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A blob that is durable, and that the run needs: what journals hold in place of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The name its source gave it. Data, never a path (R7); at most [`limits::BLOB_NAME_BYTES`].
    pub name: String,
    /// The media type its source gave it; `application/octet-stream` where there was none.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
}

impl Kept {
    /// A blob's description; name and media type are cut to their limits.
    pub(super) fn new(name: &str, media_type: &str, size: u64, digest: &Digest) -> Self {
        Self {
            name: cut(name, limits::BLOB_NAME_BYTES),
            media_type: media_type_of(media_type),
            size,
            sha256: digest.to_string(),
        }
    }

    /// What a guest is told.
    pub(crate) fn info(self) -> BlobInfo {
        let Self {
            name,
            media_type,
            size,
            sha256,
        } = self;
        BlobInfo {
            name,
            media_type,
            size,
            sha256,
        }
    }
}

/// A name as it is kept.
pub(crate) fn name_of(name: &str) -> String {
    cut(name, limits::BLOB_NAME_BYTES)
}

/// A media type as it is kept.
pub(crate) fn media_type_of(media_type: &str) -> String {
    match media_type.trim() {
        "" => UNKNOWN_TYPE.to_owned(),
        given => cut(given, limits::BLOB_TYPE_BYTES),
    }
}

/// The longest beginning of whole characters that is not over the limit.
fn cut(text: &str, limit: usize) -> String {
    text.get(..text.floor_char_boundary(limit))
        .unwrap_or_default()
        .to_owned()
}

/// A guest's handle to a blob: unforgeable; it cannot be made from a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held(Kept);

impl Held {
    /// A handle to a blob that the run needs.
    pub(crate) fn new(kept: Kept) -> Self {
        Self(kept)
    }

    /// The blob.
    pub(crate) fn kept(&self) -> &Kept {
        &self.0
    }
}
