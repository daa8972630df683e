//! What does a raw message say? Parsed once when it arrives; everything may be missing.

use super::attachment::{Attachment, Held};
use crate::ews::content::Content;
use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::{Address, HeaderName, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use std::sync::Arc;

/// Nested messages that are looked into; deeper ones stay files.
const MAX_DEPTH: usize = 32;

/// A sender or recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Display name; Exchange shows the address if there is none.
    pub name: String,
    /// SMTP address.
    pub address: Option<String>,
}

/// A parsed message.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The message as it came.
    pub raw: Bytes,
    /// `Subject`, decoded.
    pub subject: Option<String>,
    /// `From`.
    pub from: Option<Person>,
    /// `Sender`.
    pub sender: Option<Person>,
    /// `To`.
    pub to: Vec<Person>,
    /// `Cc`.
    pub cc: Vec<Person>,
    /// `Bcc`.
    pub bcc: Vec<Person>,
    /// `Reply-To`.
    pub reply_to: Vec<Person>,
    /// `Date` in milliseconds.
    pub sent_ms: Option<i64>,
    /// `Message-ID` with its brackets.
    pub message_id: Option<String>,
    /// `In-Reply-To`.
    pub in_reply_to: Option<String>,
    /// `References`.
    pub references: Option<String>,
    /// `Thread-Topic`.
    pub topic: Option<String>,
    /// `Thread-Index`, decoded.
    pub thread_index: Option<Vec<u8>>,
    /// A read receipt is asked for.
    pub wants_receipt: bool,
    /// All headers in order, unfolded.
    pub headers: Vec<(String, String)>,
    /// The header block as it came.
    pub header_block: String,
    /// The plain text body.
    pub text: Option<String>,
    /// The HTML body.
    pub html: Option<String>,
    /// Attachments in order, inline ones too.
    pub attachments: Vec<Attachment>,
}

impl Mail {
    /// Parses a message; bytes that are no message give one with hardly anything in it.
    pub fn parse(raw: Bytes) -> Self {
        match MessageParser::default().parse(&raw[..]) {
            Some(message) => build(&message, raw.clone(), 0),
            None => Self { raw, ..Self::default() },
        }
    }

    /// The last value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().rev();
        all.find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

fn build(message: &Message<'_>, raw: Bytes, depth: usize) -> Mail {
    let headers: Vec<(String, String)> = message
        .headers()
        .iter()
        .map(|header| {
            let bytes = message
                .raw_message
                .get(header.offset_start as usize..header.offset_end as usize);
            let value = unfold(&String::from_utf8_lossy(bytes.unwrap_or_default()));
            (header.name.as_str().to_owned(), value)
        })
        .collect();
    let html = message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(text) => Some(text.clone().into_owned()),
        _ => None,
    });
    let texts: Vec<&str> = message
        .text_bodies()
        .filter_map(|part| match &part.body {
            PartType::Text(text) => Some(text.as_ref()),
            _ => None,
        })
        .collect();
    let mut mail = Mail {
        raw,
        subject: message.subject().map(str::to_owned),
        from: people(message.from()).into_iter().next(),
        sender: people(message.sender()).into_iter().next(),
        to: people(message.to()),
        cc: people(message.cc()),
        bcc: people(message.bcc()),
        reply_to: people(message.reply_to()),
        sent_ms: message.date().map(|date| date.to_timestamp() * 1000),
        text: (!texts.is_empty()).then(|| texts.join("\r\n")),
        headers,
        header_block: header_block(message),
        ..Mail::default()
    };
    mail.message_id = mail.header("Message-ID").map(str::to_owned);
    mail.in_reply_to = mail.header("In-Reply-To").map(str::to_owned);
    mail.references = mail.header("References").map(str::to_owned);
    mail.topic = header_text(message, "Thread-Topic");
    mail.thread_index = mail.header("Thread-Index").and_then(|text| STANDARD.decode(text).ok());
    mail.wants_receipt = mail.header("Disposition-Notification-To").is_some();
    mail.attachments = message
        .attachments()
        .enumerate()
        .map(|(at, part)| attachment(message, part, at, html.as_deref(), depth))
        .collect();
    mail.html = html;
    mail
}

fn attachment(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    at: usize,
    html: Option<&str>,
    depth: usize,
) -> Attachment {
    let content_id = part.content_id().map(|id| id.trim_matches(['<', '>']).to_owned());
    let shown = |id: &String| html.is_some_and(|html| html.contains(&format!("cid:{id}")));
    let disposed = part
        .content_disposition()
        .is_some_and(mail_parser::ContentType::is_inline);
    let media_type = part.content_type().map(|found| match found.subtype() {
        Some(subtype) => format!("{}/{subtype}", found.ctype()).to_ascii_lowercase(),
        None => found.ctype().to_ascii_lowercase(),
    });
    let (held, media_type) = match &part.body {
        PartType::Message(inner) if depth < MAX_DEPTH => {
            let mail = build(inner, inner_raw(message, part, inner), depth + 1);
            (Held::Item(Arc::new(mail)), Some("message/rfc822".to_owned()))
        }
        _ => (
            Held::File(Content::Held(Bytes::copy_from_slice(part.contents()))),
            media_type,
        ),
    };
    let name = match (&held, part.attachment_name()) {
        (Held::Item(mail), _) => mail.subject.clone().unwrap_or_default(),
        (_, Some(name)) => name.to_owned(),
        (_, None) => format!("ATT{:05}.{}", at + 1, extension(media_type.as_deref())),
    };
    Attachment {
        name,
        media_type,
        inline: content_id.as_ref().is_some_and(|id| disposed || shown(id)),
        content_id,
        held,
        refused: None,
    }
}

/// The bytes of a nested message: a decoded one has its own, others are a part of the outer message.
fn inner_raw(outer: &Message<'_>, part: &MessagePart<'_>, inner: &Message<'_>) -> Bytes {
    let own = inner.raw_message.as_ref();
    if part.encoding != mail_parser::Encoding::None && !own.is_empty() {
        return Bytes::copy_from_slice(own);
    }
    let within = outer
        .raw_message
        .get(part.offset_body as usize..part.offset_end as usize);
    Bytes::copy_from_slice(within.unwrap_or(own))
}

fn header_block(message: &Message<'_>) -> String {
    let root = message.root_part();
    let bytes = message
        .raw_message
        .get(root.offset_header as usize..root.offset_body as usize);
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}

fn header_text(message: &Message<'_>, name: &'static str) -> Option<String> {
    match message
        .header_as(HeaderName::Other(name.into()), mail_parser::HeaderForm::Text)
        .pop()?
    {
        mail_parser::HeaderValue::Text(text) => Some(text.into_owned()),
        _ => None,
    }
}

fn people(address: Option<&Address<'_>>) -> Vec<Person> {
    let all = address.into_iter().flat_map(Address::iter);
    all.map(|found| {
        let address = found.address().map(str::to_owned);
        let name = found.name().map(str::to_owned).or_else(|| address.clone());
        Person {
            name: name.unwrap_or_default(),
            address,
        }
    })
    .collect()
}

fn extension(media_type: Option<&str>) -> &'static str {
    match media_type {
        Some(found) if found.starts_with("text/html") => "htm",
        Some(found) if found.starts_with("text/") => "txt",
        Some("image/png") => "png",
        Some("image/jpeg") => "jpg",
        Some("image/gif") => "gif",
        _ => "dat",
    }
}

fn unfold(value: &str) -> String {
    let lines: Vec<&str> = value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}
