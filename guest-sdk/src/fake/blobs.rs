//! Which bytes does the fake host keep?

use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use super::Fake;
use crate::blobs::{BlobInfo, Blobs, Encoding, GATHERED_SPANS, READ_BYTES, Span};
use crate::error::{Error, InvalidArgument};

/// Most bytes a guest may make itself.
const CREATED_BYTES: usize = 4 << 20;

/// Bytes on the fake host; a clone is the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeBlob {
    info: BlobInfo,
    bytes: Rc<[u8]>,
}

impl FakeBlob {
    /// Bytes under a name.
    pub fn new(name: &str, media_type: &str, bytes: &[u8]) -> Self {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let info = BlobInfo {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
            sha256,
        };
        Self {
            info,
            bytes: bytes.into(),
        }
    }

    /// What is known about it.
    pub fn info(&self) -> &BlobInfo {
        &self.info
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn range(blob: &FakeBlob, offset: u64, len: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    blob.bytes.get(start..end)
}

fn decoded(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Identity => bytes.to_vec(),
        Encoding::Base64 => base64(bytes),
        Encoding::QuotedPrintable => quoted_printable(bytes),
    }
}

/// What is outside the alphabet is skipped; bits that make no whole byte are dropped.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    out
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte != b'=' {
            out.push(*byte);
            continue;
        }
        let pair = |text: &[u8]| u8::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok();
        if let Some(soft) = tail.strip_prefix(b"\r\n").or_else(|| tail.strip_prefix(b"\n")) {
            rest = soft;
        } else if let Some(value) = tail.get(..2).and_then(pair) {
            out.push(value);
            rest = &tail[2..];
        } else {
            out.push(b'=');
        }
    }
    out
}

impl Blobs for Fake {
    type Blob = FakeBlob;

    fn blob_info(&self, blob: &FakeBlob) -> BlobInfo {
        blob.info.clone()
    }

    fn read_blob(&self, blob: &FakeBlob, offset: u64, len: u32) -> Result<Vec<u8>, Error> {
        self.call("workflow/blobs.read", &(&blob.info.sha256, offset, len))?;
        let left = blob.info.size.saturating_sub(offset);
        let len = u64::from(len.min(READ_BYTES)).min(left);
        Ok(range(blob, offset.min(blob.info.size), len)
            .unwrap_or_default()
            .to_vec())
    }

    fn create_blob(&self, name: &str, media_type: &str, bytes: &[u8]) -> Result<FakeBlob, Error> {
        self.call("workflow/blobs.create", &(name, media_type, bytes.len()))?;
        if bytes.len() > CREATED_BYTES {
            return Err(Error::TooLarge(CREATED_BYTES as u64));
        }
        Ok(FakeBlob::new(name, media_type, bytes))
    }

    fn extract_blob(
        &self,
        source: &FakeBlob,
        offset: u64,
        len: u64,
        encoding: Encoding,
        name: &str,
        media_type: &str,
    ) -> Result<FakeBlob, Error> {
        self.call("workflow/blobs.extract", &(&source.info.sha256, offset, len, name))?;
        let bytes = range(source, offset, len).ok_or_else(|| {
            Error::Invalid(InvalidArgument {
                field: "offset".into(),
                reason: format!("the blob has {} bytes", source.info.size),
            })
        })?;
        Ok(FakeBlob::new(name, media_type, &decoded(bytes, encoding)))
    }

    fn gather_blob(&self, source: &FakeBlob, spans: &[Span], name: &str, media_type: &str) -> Result<FakeBlob, Error> {
        self.call("workflow/blobs.gather", &(&source.info.sha256, spans.len(), name))?;
        let invalid = |reason| {
            Error::Invalid(InvalidArgument {
                field: "spans".into(),
                reason,
            })
        };
        if spans.len() > GATHERED_SPANS {
            return Err(invalid(format!("at most {GATHERED_SPANS} ranges may be given")));
        }
        let mut bytes = Vec::new();
        for span in spans {
            let piece = range(source, span.offset, span.len)
                .ok_or_else(|| invalid(format!("the blob has {} bytes", source.info.size)))?;
            bytes.extend_from_slice(piece);
        }
        Ok(FakeBlob::new(name, media_type, &bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_decoded_and_kept_as_a_blob_of_its_own() {
        let fake = Fake::new();
        let source = FakeBlob::new("mail.eml", "message/rfc822", b"xx aGVs\r\nbG8= yy caf=C3=\r\n=A9");
        let extract = |offset, len, encoding| fake.extract_blob(&source, offset, len, encoding, "part", "text/plain");
        assert_eq!(extract(3, 10, Encoding::Base64).unwrap().bytes(), b"hello");
        assert_eq!(
            extract(17, 12, Encoding::QuotedPrintable).unwrap().bytes(),
            "café".as_bytes()
        );
        assert!(matches!(extract(20, 100, Encoding::Identity), Err(Error::Invalid(_))));
    }

    #[test]
    fn ranges_in_any_order_become_a_blob_of_their_own() {
        let fake = Fake::new();
        let source = FakeBlob::new("box", "", b"abcdef");
        let gather = |spans: &[(u64, u64)]| {
            let spans: Vec<Span> = spans.iter().map(|&(offset, len)| Span { offset, len }).collect();
            fake.gather_blob(&source, &spans, "part", "text/plain")
        };
        assert_eq!(gather(&[(4, 2), (0, 3), (0, 0)]).unwrap().bytes(), b"efabc");
        assert_eq!(gather(&[]).unwrap().bytes(), b"");
        assert!(matches!(gather(&[(0, 1), (5, 2)]), Err(Error::Invalid(_))));
        assert!(matches!(gather(&[(0, 0); 4_097]), Err(Error::Invalid(_))));
    }

    #[test]
    fn ranges_end_with_the_blob() {
        let fake = Fake::new();
        let blob = fake.create_blob("a", "text/plain", b"abcdef").unwrap();
        assert_eq!(fake.read_blob(&blob, 4, 10).unwrap(), b"ef");
        assert_eq!(fake.read_blob(&blob, 60, 10).unwrap(), b"");
        assert_eq!(fake.read_start(&blob, 3).unwrap(), b"abc");
    }
}
