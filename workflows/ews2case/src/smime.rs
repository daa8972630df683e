//! What is in an S/MIME container (case D35)?
//!
//! An opaque-signed mail wraps the real one in CMS `SignedData` (RFC 5652): its content is found without checking the signature,
//! which is the mail program's work. An encrypted one is named as such. The reader knows just enough BER for that.

use std::ops::Range;

/// OID 1.2.840.113549.1.7.2.
const SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// OID 1.2.840.113549.1.7.3.
const ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
/// OID 1.2.840.113549.1.9.16.1.23.
const AUTH_ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17];
/// Constructed values of indefinite length in each other.
const DEPTH: usize = 32;
/// Pieces of one octet string: a signer writes some kilobytes at a time.
const PIECES: usize = 100_000;

/// What the container holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// A signed mail: where the pieces of its content lie.
    Signed(Vec<Range<usize>>),
    /// An encrypted mail.
    Encrypted,
    /// Neither, or it cannot be read.
    Unknown,
}

/// Opens a container.
pub fn open(bytes: &[u8]) -> Container {
    contents(bytes).unwrap_or(Container::Unknown)
}

fn contents(bytes: &[u8]) -> Option<Container> {
    // ContentInfo ::= SEQUENCE { contentType OID, [0] content }
    let info = value(bytes, 0..bytes.len(), 0x30)?;
    let kind = value(bytes, info.content.clone(), 0x06)?;
    match bytes.get(kind.content.clone())? {
        ENVELOPED | AUTH_ENVELOPED => return Some(Container::Encrypted),
        SIGNED => {}
        _ => return None,
    }
    let explicit = value(bytes, kind.end..info.content.end, 0xa0)?;
    // SignedData ::= SEQUENCE { version INTEGER, digestAlgorithms SET, encapContentInfo SEQUENCE { OID, [0] OCTET STRING }, .. }
    let signed = value(bytes, explicit.content, 0x30)?;
    let version = value(bytes, signed.content.clone(), 0x02)?;
    let algorithms = value(bytes, version.end..signed.content.end, 0x31)?;
    let inner = value(bytes, algorithms.end..signed.content.end, 0x30)?;
    let inner_kind = value(bytes, inner.content.clone(), 0x06)?;
    let explicit = value(bytes, inner_kind.end..inner.content.end, 0xa0)?;
    let mut pieces = Vec::new();
    octets(bytes, explicit.content, 0, &mut pieces)?;
    Some(Container::Signed(pieces))
}

/// The pieces of the octet string at the beginning of the range: one, or those of a constructed one. Answers where it ends.
fn octets(bytes: &[u8], range: Range<usize>, depth: usize, pieces: &mut Vec<Range<usize>>) -> Option<usize> {
    if depth > DEPTH || pieces.len() > PIECES {
        return None;
    }
    let whole = any(bytes, range)?;
    match whole.tag {
        0x04 => pieces.push(whole.content),
        0x24 => {
            let mut at = whole.content.start;
            while at < whole.content.end {
                at = octets(bytes, at..whole.content.end, depth + 1, pieces)?;
            }
        }
        _ => return None,
    }
    Some(whole.end)
}

struct Value {
    tag: u8,
    content: Range<usize>,
    end: usize,
}

fn value(bytes: &[u8], range: Range<usize>, tag: u8) -> Option<Value> {
    any(bytes, range).filter(|value| value.tag == tag)
}

/// The value at the beginning of the range. One of indefinite length ends at its end-of-contents mark; where its content is only
/// entered, not passed, the end of its container is as good.
fn any(bytes: &[u8], range: Range<usize>) -> Option<Value> {
    let mut pending: Vec<Value> = Vec::new();
    let mut at = range.start;
    loop {
        let tag = *bytes.get(at).filter(|_| at < range.end)?;
        let first = *bytes.get(at + 1)?;
        let finished = match (tag, first) {
            (0, 0) if !pending.is_empty() => {
                let mut value = pending.pop()?;
                value.content.end = at;
                value.end = at + 2;
                value
            }
            (_, 0x80) => {
                if pending.len() == DEPTH {
                    return None;
                }
                let content = at + 2..range.end;
                pending.push(Value {
                    tag,
                    content,
                    end: range.end,
                });
                at += 2;
                continue;
            }
            _ => {
                let (length, start) = definite(bytes, at + 1)?;
                let end = start.checked_add(length).filter(|end| *end <= range.end)?;
                Value {
                    tag,
                    content: start..end,
                    end,
                }
            }
        };
        if pending.is_empty() {
            return Some(finished);
        }
        at = finished.end;
    }
}

/// The length at this place, and where the content begins.
fn definite(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 {
        return Some((usize::from(first), at + 1));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return None;
    }
    let digits = bytes.get(at + 1..at + 1 + count)?;
    let length = digits
        .iter()
        .fold(0usize, |length, digit| length << 8 | usize::from(*digit));
    Some((length, at + 1 + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag];
        match content.len() {
            short @ 0..=127 => out.push(short as u8),
            long => out.extend([0x82, (long >> 8) as u8, long as u8]),
        }
        out.extend_from_slice(content);
        out
    }

    fn indefinite(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }

    fn signed(wrap: fn(u8, &[u8]) -> Vec<u8>, octets: &[u8]) -> Vec<u8> {
        let data = der(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]);
        let inner = wrap(0x30, &[data, wrap(0xa0, octets)].concat());
        let body = wrap(0x30, &[der(0x02, &[1]), der(0x31, &[]), inner, der(0x31, &[])].concat());
        wrap(0x30, &[der(0x06, SIGNED), wrap(0xa0, &body)].concat())
    }

    fn content(bytes: &[u8]) -> Vec<u8> {
        match open(bytes) {
            Container::Signed(pieces) => pieces.into_iter().flat_map(|range| bytes[range].to_vec()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn d35_the_content_of_a_signed_mail_is_found_in_both_encodings() {
        let text = "Content-Type: text/plain\r\n\r\nhello ".repeat(20);
        assert_eq!(content(&signed(der, &der(0x04, text.as_bytes()))), text.as_bytes());
        let chunks = [der(0x04, b"hel"), der(0x04, b"lo")].concat();
        assert_eq!(content(&signed(indefinite, &indefinite(0x24, &chunks))), b"hello");
    }

    #[test]
    fn d35_an_encrypted_mail_is_named_and_nonsense_is_unknown() {
        assert_eq!(open(&der(0x30, &der(0x06, ENVELOPED))), Container::Encrypted);
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x80",
            b"\x30\x84\xff\xff\xff\xff",
            b"\x30\x82\x00",
            &[0x30, 0x80].repeat(500),
        ] {
            assert_eq!(open(bytes), Container::Unknown);
        }
    }
}
