//! How does a message of the state JSON become an item? Its raw form is parsed, explicit attachments are added.

use super::{
    attachment::{Attachment, Held},
    conversation,
    item::Item,
    mail::Mail,
    mailbox::{MAX_ITEMS, Mailbox},
};
use crate::ews::{content::Content, time};
use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// A message as `PUT /_sim/state` and `POST /_sim/ews/messages` give it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Message {
    /// `inbox` or a path such as `Inbox/TheHive`; default the inbox. Missing folders are made.
    pub folder: Option<String>,
    /// The raw message as text.
    pub eml: Option<String>,
    /// The raw message in base64, for other charsets than UTF-8.
    pub eml_base64: Option<String>,
    /// Text (`2026-11-25T10:00:00Z`) or milliseconds; default the `Date` header, else now.
    pub received_at: Value,
    /// Has been read.
    pub is_read: bool,
    /// Its categories.
    pub categories: Vec<String>,
    /// Attachments beside those of the raw message (which GetItem's MIME does not show).
    pub attachments: Vec<Given>,
    /// XML in place of the subject, as broken as wanted: `a &#x0; b`.
    pub subject_xml: Option<String>,
    /// Reading it fails with this response code (`ErrorItemCorrupt`).
    pub corrupt: Option<String>,
    /// Its MIME cannot be made.
    pub mime_fails: bool,
}

/// An explicit attachment. Exactly one of `content`, `content_base64`, `generate`, `eml`, `url`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    name: String,
    content_type: Option<String>,
    content_id: Option<String>,
    inline: bool,
    content: Option<String>,
    content_base64: Option<String>,
    generate: Option<Generate>,
    eml: Option<String>,
    url: Option<String>,
    provider: Option<String>,
    /// Its content is refused with this response code (`ErrorCannotOpenFileAttachment`).
    refused: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Generate {
    bytes: u64,
    #[serde(default)]
    seed: u64,
}

impl Message {
    /// Puts the message into the mailbox and answers its number. Errors name what does not fit.
    pub fn deliver(self, mailbox: &mut Mailbox, now_ms: i64) -> Result<u64, String> {
        let folder = self.folder.as_deref().unwrap_or("inbox");
        let folder = mailbox.folder_at(folder).map_err(|refusal| refusal.text)?;
        let raw = match (&self.eml, &self.eml_base64) {
            (Some(text), None) => Bytes::from(text.clone()),
            (None, Some(text)) => Bytes::from(STANDARD.decode(text).map_err(|error| format!("eml_base64: {error}"))?),
            _ => return Err("a message has either `eml` or `eml_base64`".to_owned()),
        };
        let mail = Mail::parse(raw);
        let received_ms = match &self.received_at {
            Value::Null => mail.sent_ms.unwrap_or(now_ms),
            Value::String(text) => time::read(text).ok_or_else(|| format!("received_at {text:?} is no time"))?,
            other => other.as_i64().ok_or("received_at is neither text nor milliseconds")?,
        };
        let added = self
            .attachments
            .into_iter()
            .map(Given::build)
            .collect::<Result<_, _>>()?;
        let number = put(mailbox, folder, mail, received_ms, now_ms)?;
        if let Some(item) = mailbox.items.get_mut(&number) {
            item.receipt_pending = item.mail.wants_receipt && !self.is_read;
            item.is_read = self.is_read;
            item.categories = self.categories;
            item.added = added;
            item.subject_xml = self.subject_xml;
            item.corrupt = self.corrupt;
            item.mime_fails = self.mime_fails;
        }
        Ok(number)
    }
}

impl Given {
    fn build(self) -> Result<Attachment, String> {
        let name = self.name;
        let held = |bytes: Vec<u8>| Held::File(Content::Held(Bytes::from(bytes)));
        let held = match (self.content, self.content_base64, self.generate, self.eml, self.url) {
            (Some(text), None, None, None, None) => held(text.into_bytes()),
            (None, Some(text), None, None, None) => held(
                STANDARD
                    .decode(text)
                    .map_err(|error| format!("attachment {name:?}: {error}"))?,
            ),
            (None, None, Some(Generate { bytes, seed }), None, None) => Held::File(Content::Generated { bytes, seed }),
            (None, None, None, Some(eml), None) => Held::Item(Arc::new(Mail::parse(Bytes::from(eml)))),
            (None, None, None, None, Some(url)) => Held::Reference {
                url,
                provider: self.provider.unwrap_or_else(|| "OneDrivePro".to_owned()),
            },
            _ => {
                return Err(format!(
                    "attachment {name:?}: give exactly one of content, content_base64, generate, eml, url"
                ));
            }
        };
        let name = match &held {
            Held::Item(mail) if name.is_empty() => mail.subject.clone().unwrap_or_default(),
            _ => name,
        };
        Ok(Attachment {
            name,
            media_type: self.content_type,
            content_id: self.content_id,
            inline: self.inline,
            held,
            refused: self.refused,
        })
    }
}

/// Adds a parsed message as an unread item.
pub fn put(mailbox: &mut Mailbox, folder: u64, mail: Mail, received_ms: i64, now_ms: i64) -> Result<u64, String> {
    if mailbox.items.len() >= MAX_ITEMS {
        return Err(format!("the mailbox holds {MAX_ITEMS} items already"));
    }
    let conversation = conversation::find(&mailbox.address, &mail, mailbox.items.values());
    let (number, version) = (mailbox.next_number(), mailbox.next_version());
    mailbox.items.insert(
        number,
        Item {
            number,
            folder,
            received_ms,
            created_ms: now_ms,
            changed_ms: now_ms,
            is_read: false,
            is_draft: false,
            categories: Vec::new(),
            subject: None,
            subject_xml: None,
            added: Vec::new(),
            receipt_pending: mail.wants_receipt,
            conversation,
            version,
            content_version: version,
            touched: BTreeMap::new(),
            corrupt: None,
            mime_fails: false,
            mail: Arc::new(mail),
        },
    );
    Ok(number)
}
