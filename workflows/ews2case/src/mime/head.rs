//! What does a part's header say?

use std::ops::Range;

use mail_parser::{Address, ContentType, HeaderValue, Message, MessageParser, MimeHeaders, PartType};
use synapse_guest::blobs::Encoding;

use crate::letter::{Letter, Person, not_blank};

/// Bytes of one header block that are read; Exchange itself stops at 256 KiB.
const HEAD_BYTES: usize = 256 << 10;
/// People of one header.
const PEOPLE: usize = 500;

/// A header block, read.
pub struct Head {
    /// In lower case; the default of the place if there is none.
    pub media_type: String,
    /// How the body is encoded.
    pub encoding: Encoding,
    /// The name, decoded.
    pub name: Option<String>,
    /// `Content-Disposition: attachment`.
    pub attachment: bool,
    /// `Content-Disposition: inline`.
    pub inline: bool,
    /// Without its brackets.
    pub content_id: Option<String>,
    boundary: Option<String>,
    letter: Letter,
}

/// Reads the header of an entity; answers it and where the body lies.
pub fn read(raw: &[u8], entity: Range<usize>, default_type: &str) -> (Head, Range<usize>) {
    let bytes = raw.get(entity.clone()).unwrap_or_default();
    let (head_len, body_at) = end_of_head(bytes);
    let block = &bytes[..head_len.min(HEAD_BYTES)];
    let head = MessageParser::default()
        .parse_headers(block)
        .map_or_else(|| Head::empty(default_type), |message| Head::of(&message, default_type));
    (head, entity.start + body_at..entity.end)
}

/// The text of a single text part: decoded, in Unicode.
pub fn text(entity: &[u8]) -> Option<String> {
    let message = MessageParser::default().parse(entity)?;
    match message.parts.into_iter().next()?.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.into_owned()),
        _ => None,
    }
}

/// The length of the header block, and where the body begins. A block that begins with an empty line is empty.
fn end_of_head(bytes: &[u8]) -> (usize, usize) {
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes[at..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(bytes.len(), |n| at + n + 1);
        if bytes[at..end].iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            return (end, end);
        }
        at = end;
    }
    (bytes.len(), bytes.len())
}

impl Head {
    fn empty(default_type: &str) -> Self {
        Self {
            media_type: default_type.to_owned(),
            encoding: Encoding::Identity,
            name: None,
            attachment: false,
            inline: false,
            content_id: None,
            boundary: None,
            letter: Letter::default(),
        }
    }

    fn of(message: &Message<'_>, default_type: &str) -> Self {
        let part = message.root_part();
        let disposition = part.content_disposition();
        let content_type = part.content_type();
        let full = |content: &ContentType<'_>| {
            let subtype = content
                .subtype()
                .map(|subtype| format!("/{subtype}"))
                .unwrap_or_default();
            format!("{}{subtype}", content.ctype()).to_lowercase()
        };
        let encoding = match part.content_transfer_encoding().unwrap_or_default().trim() {
            text if text.eq_ignore_ascii_case("base64") => Encoding::Base64,
            text if text.eq_ignore_ascii_case("quoted-printable") => Encoding::QuotedPrintable,
            _ => Encoding::Identity,
        };
        Self {
            media_type: content_type
                .map(full)
                .filter(|name| name.len() > 1)
                .unwrap_or_else(|| default_type.to_owned()),
            encoding,
            name: not_blank(part.attachment_name()),
            attachment: disposition.is_some_and(ContentType::is_attachment),
            inline: disposition.is_some_and(ContentType::is_inline),
            content_id: not_blank(part.content_id()).map(|id| id.trim_matches(['<', '>', ' ']).to_owned()),
            boundary: content_type
                .and_then(|content| content.attribute("boundary"))
                .map(str::to_owned),
            letter: letter(message),
        }
    }

    /// The boundary of a multipart, if it has a usable one.
    pub fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref().filter(|boundary| !boundary.is_empty())
    }

    /// What the header says about the mail; the body is missing.
    pub fn letter(&self) -> Letter {
        self.letter.clone()
    }
}

fn letter(message: &Message<'_>) -> Letter {
    let sent = message
        .date()
        .filter(|date| date.is_valid())
        .map(mail_parser::DateTime::to_timestamp);
    let sent = sent.and_then(|seconds| u64::try_from(seconds).ok()?.checked_mul(1_000));
    Letter {
        from: people(message.from().or_else(|| message.sender())).into_iter().next(),
        reply_to: people(message.reply_to()),
        to: people(message.to()),
        cc: people(message.cc()),
        subject: not_blank(message.subject()),
        sent,
        message_id: match message.header("Message-ID") {
            Some(HeaderValue::Text(id)) => not_blank(Some(id)).map(|id| format!("<{id}>")),
            _ => None,
        },
        text: None,
        html: None,
    }
}

fn people(addresses: Option<&Address<'_>>) -> Vec<Person> {
    let person = |address: &mail_parser::Addr<'_>| Person {
        name: not_blank(address.name()),
        email: not_blank(address.address()),
    };
    let found = addresses
        .into_iter()
        .flat_map(|addresses| addresses.iter().map(person).collect::<Vec<_>>());
    found
        .filter(|person| *person != Person::default())
        .take(PEOPLE)
        .collect()
}
