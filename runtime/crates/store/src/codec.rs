//! How is a text (arguments, result, event data, answer) kept in one column, and how is damage to it noticed?
//!
//! A stored blob is: one byte that names the format, four bytes of the text's SHA-256, then the text itself or its zstd frame.
//! SQLite keeps no page checksums, so the four bytes are what turns a flipped bit into a refusal instead of a wrong replay
//! (security.md, threat row 78). A format never changes; a new one gets a new first byte, and old blobs stay readable.

use std::io::Read as _;

use synapse_domain::digest::Digest;
use synapse_domain::limits::JOURNAL_PAYLOAD_BYTES;

use crate::error::StoreError;

/// Format 1, the text as it is.
const PLAIN_V1: u8 = 0x01;
/// Format 1, the text as a zstd frame.
const ZSTD_V1: u8 = 0x81;
/// Bytes of the text's SHA-256 that are kept: 2^-32 for a damage to go unnoticed.
const CHECK_BYTES: usize = 4;
/// Texts above this size are compressed (design section 12): below it, a frame saves less than it costs.
const COMPRESS_ABOVE: usize = 8 << 10;
/// zstd's own default: journal payloads are JSON, higher levels gain a few percent for several times the work.
const LEVEL: i32 = 3;

/// The blob for a text.
///
/// # Errors
/// `Quota` if the text is larger than [`JOURNAL_PAYLOAD_BYTES`].
pub fn encode(text: &str) -> Result<Vec<u8>, StoreError> {
    if text.len() > JOURNAL_PAYLOAD_BYTES {
        return Err(StoreError::Quota("journal-payload-bytes"));
    }
    let digest = Digest::of(text.as_bytes());
    let check = digest.as_bytes().get(..CHECK_BYTES).unwrap_or_default();
    let compressed = (text.len() > COMPRESS_ABOVE)
        .then(|| zstd::bulk::compress(text.as_bytes(), LEVEL))
        .transpose();
    let compressed =
        compressed.map_err(|error| StoreError::Failed(format!("a payload could not be compressed: {error}")))?;
    let (format, body) = match &compressed {
        Some(frame) => (ZSTD_V1, frame.as_slice()),
        None => (PLAIN_V1, text.as_bytes()),
    };
    let mut blob = Vec::with_capacity(1 + CHECK_BYTES + body.len());
    blob.push(format);
    blob.extend_from_slice(check);
    blob.extend_from_slice(body);
    Ok(blob)
}

/// The text of a blob.
///
/// # Errors
/// `Damaged` if the format is unknown, the text is not what was stored, or it is larger than anything [`encode`] accepts (a frame
/// that would unpack to more is not unpacked further).
pub fn decode(blob: &[u8]) -> Result<String, StoreError> {
    let (format, rest) = blob.split_first().ok_or_else(|| damaged("it is empty"))?;
    let (check, body) = rest
        .split_at_checked(CHECK_BYTES)
        .ok_or_else(|| damaged("it is cut off"))?;
    let bytes = match *format {
        PLAIN_V1 if body.len() > JOURNAL_PAYLOAD_BYTES => return Err(damaged("it is too large")),
        PLAIN_V1 => body.to_vec(),
        ZSTD_V1 => unpack(body)?,
        other => {
            return Err(damaged(&format!(
                "format {other:#04x} is unknown; a newer version of the platform may have written it"
            )));
        }
    };
    if !Digest::of(&bytes).as_bytes().starts_with(check) {
        return Err(damaged("its checksum does not match"));
    }
    String::from_utf8(bytes).map_err(|_| damaged("it is not UTF-8"))
}

/// Unpacks a frame, but never more than a payload may hold.
fn unpack(frame: &[u8]) -> Result<Vec<u8>, StoreError> {
    let limit = JOURNAL_PAYLOAD_BYTES as u64;
    let broken = |error: std::io::Error| damaged(&format!("its zstd frame is broken: {error}"));
    let mut bytes = Vec::new();
    zstd::stream::read::Decoder::new(frame)
        .map_err(broken)?
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    if bytes.len() > JOURNAL_PAYLOAD_BYTES {
        return Err(damaged("it unpacks to more than a payload may hold"));
    }
    Ok(bytes)
}

fn damaged(why: &str) -> StoreError {
    StoreError::Damaged(format!("a payload: {why}"))
}

#[cfg(test)]
mod tests;
