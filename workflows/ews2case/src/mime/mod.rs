//! What is in a mail that came as bytes?
//!
//! Our own walk over the structure, iterative and bounded, because every byte may be an attacker's; `mail-parser` reads header
//! blocks and single text parts only. The bytes of other parts stay where they are: a part says where it lies and how it is encoded.

mod head;
mod split;

use std::ops::Range;

use synapse_guest::blobs::Encoding;

use crate::letter::Letter;
use head::Head;

/// Parts of one mail that are listed.
pub const PARTS: usize = 200;
/// How deep multiparts may lie in each other: ordinary mails have three levels.
const DEPTH: usize = 10;
/// Bytes of a text part that are read.
const TEXT_BYTES: usize = 1 << 20;

/// A mail as a walk found it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Walked {
    /// Its words.
    pub letter: Letter,
    /// What is in it beside its body, in order.
    pub parts: Vec<Part>,
    /// Something was deeper or more than the limits; it was not listed.
    pub cut: bool,
}

/// A part that is not the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where its encoded bytes lie.
    pub range: Range<usize>,
    /// How they are encoded.
    pub encoding: Encoding,
    /// Its media type in lower case.
    pub media_type: String,
    /// The name its sender gave it.
    pub name: Option<String>,
    /// Meant to be shown inside the body.
    pub inline: bool,
    /// What `cid:` links refer to.
    pub content_id: Option<String>,
}

/// Walks over a mail. Whatever the bytes are, there is an answer.
pub fn walk(raw: &[u8]) -> Walked {
    let start = if raw.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut walked = Walked::default();
    let mut open = vec![Entity {
        range: start..raw.len(),
        depth: 0,
        default_type: "text/plain",
    }];
    while let Some(entity) = open.pop() {
        let (head, body) = head::read(raw, entity.range.clone(), entity.default_type);
        if entity.depth == 0 {
            walked.letter = head.letter();
        }
        let boundary = head.boundary().filter(|_| head.media_type.starts_with("multipart/"));
        let children = boundary
            .map(|boundary| split::parts(raw, body.clone(), boundary))
            .unwrap_or_default();
        if children.is_empty() {
            leaf(raw, &mut walked, &head, entity.range, body);
        } else if entity.depth == DEPTH || open.len() + children.len() > PARTS {
            walked.cut = true;
        } else {
            let default_type = if head.media_type == "multipart/digest" {
                "message/rfc822"
            } else {
                "text/plain"
            };
            // The last one goes in first: they come out in order.
            open.extend(children.into_iter().rev().map(|range| Entity {
                range,
                depth: entity.depth + 1,
                default_type,
            }));
        }
    }
    walked
}

/// The words of a header block alone.
pub fn headers(raw: &[u8]) -> Letter {
    // Outlook keeps a line of Exchange's in front of them.
    let line = b"Microsoft Mail Internet Headers Version 2.0";
    let raw = raw.strip_prefix(line).map_or(raw, |rest| rest.trim_ascii_start());
    head::read(raw, 0..raw.len(), "text/plain").0.letter()
}

struct Entity {
    range: Range<usize>,
    depth: usize,
    default_type: &'static str,
}

/// Text that is no attachment is the body, in each of its two forms; everything else is a part.
fn leaf(raw: &[u8], walked: &mut Walked, head: &Head, entity: Range<usize>, body: Range<usize>) {
    let slot = match head.media_type.as_str() {
        "text/plain" => Some(&mut walked.letter.text),
        "text/html" => Some(&mut walked.letter.html),
        _ => None,
    };
    // Apple Mail splits a text around its pictures: the pieces are one body.
    let room = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() < TEXT_BYTES);
    if let Some(slot) = slot.filter(|slot| room(slot) && !head.attachment && head.name.is_none()) {
        let end = entity.end.min(body.start.saturating_add(TEXT_BYTES));
        walked.cut |= end < entity.end;
        let text = head::text(raw.get(entity.start..end).unwrap_or_default());
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            let before = slot.take().map(|before| before + "\n").unwrap_or_default();
            *slot = Some(before + &text);
        }
        return;
    }
    if walked.parts.len() == PARTS {
        walked.cut = true;
        return;
    }
    if body.is_empty() && head.name.is_none() {
        return;
    }
    walked.parts.push(Part {
        range: body,
        encoding: head.encoding,
        media_type: head.media_type.clone(),
        name: head.name.clone(),
        inline: head.inline,
        content_id: head.content_id.clone(),
    });
}
