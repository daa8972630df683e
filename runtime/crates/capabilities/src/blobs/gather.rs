//! How do the pieces of a file inside a container become a blob?

use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use synapse_domain::limits;

use super::kept::Kept;
use super::spool::{Spool, blocking, lost_file};
use crate::bindings::synapse::workflow::blobs::Span;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// Bytes that are read at a time, from as many ranges as they lie in.
const CHUNK: u64 = 64 << 10;

impl Spool {
    /// Keeps ranges of a blob, one behind the other, as a blob of its own.
    ///
    /// # Errors
    /// `Invalid` for too many ranges or one that is not inside the blob; `TooLarge` before anything is written; else as [`Spool::extract`].
    pub(crate) async fn gather(
        &self,
        source: &Kept,
        spans: &[Span],
        name: &str,
        media_type: &str,
    ) -> Result<Kept, Error> {
        let total = checked(source, spans)?;
        let limit = self.vault().quotas().blob_bytes;
        if total > limit {
            return Err(Error::TooLarge(limit));
        }
        let file = Arc::new(self.open(&source.sha256).await?.into_std().await);
        let mut writer = self.begin(limit).await?;
        let mut pieces = Pieces { spans, done: 0 };
        loop {
            let chunk = pieces.next_chunk();
            if chunk.is_empty() {
                break;
            }
            let from = Arc::clone(&file);
            let bytes = blocking(move || read(&from, &chunk)).await;
            writer.write(&bytes.map_err(|error| lost_file(&error))?).await?;
        }
        writer.keep(name, media_type).await
    }
}

/// The bytes of all ranges together, if all lie inside the blob.
fn checked(source: &Kept, spans: &[Span]) -> Result<u64, Error> {
    let invalid = |reason: String| {
        Error::Invalid(InvalidArgument {
            field: "spans".to_owned(),
            reason,
        })
    };
    if spans.len() > limits::BLOB_SPANS {
        return Err(invalid(format!(
            "{} ranges: at most {} may be given, merge neighbours",
            spans.len(),
            limits::BLOB_SPANS
        )));
    }
    let mut total = 0_u64;
    for (n, span) in spans.iter().enumerate() {
        if span.offset.checked_add(span.len).is_none_or(|end| end > source.size) {
            return Err(invalid(format!(
                "range {n} ends behind the blob, which has {} bytes",
                source.size
            )));
        }
        total = total.saturating_add(span.len);
    }
    Ok(total)
}

/// What is left of the ranges.
struct Pieces<'a> {
    spans: &'a [Span],
    /// Bytes of the first one that are taken already.
    done: u64,
}

impl Pieces<'_> {
    /// The next [`CHUNK`] bytes as offsets and lengths; empty at the end.
    fn next_chunk(&mut self) -> Vec<(u64, u64)> {
        let (mut chunk, mut room) = (Vec::new(), CHUNK);
        while let Some((span, rest)) = self.spans.split_first() {
            let left = span.len.saturating_sub(self.done);
            if left == 0 {
                (self.spans, self.done) = (rest, 0);
                continue;
            }
            if room == 0 {
                break;
            }
            let len = left.min(room);
            chunk.push((span.offset.saturating_add(self.done), len));
            self.done = self.done.saturating_add(len);
            room = room.saturating_sub(len);
        }
        chunk
    }
}

fn read(file: &std::fs::File, chunk: &[(u64, u64)]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = Vec::new();
    for (offset, len) in chunk {
        piece.resize(usize::try_from(*len).map_err(io::Error::other)?, 0);
        file.read_exact_at(&mut piece, *offset)?;
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}
