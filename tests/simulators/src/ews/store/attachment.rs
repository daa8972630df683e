//! What is attached to a message? A file, another message, or a link into a cloud.

use super::mail::Mail;
use crate::ews::content::Content;
use std::sync::Arc;

/// One attachment.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its name; for an attached message its subject.
    pub name: String,
    /// Its media type; not every message says one.
    pub media_type: Option<String>,
    /// The `Content-ID` without brackets.
    pub content_id: Option<String>,
    /// Shown inside the HTML body.
    pub inline: bool,
    /// What it is.
    pub held: Held,
    /// Its content is refused with this response code.
    pub refused: Option<String>,
}

/// What an attachment is.
#[derive(Clone, Debug)]
pub enum Held {
    /// A file.
    File(Content),
    /// A message; it may have attachments itself.
    Item(Arc<Mail>),
    /// A link.
    Reference {
        /// Where it leads.
        url: String,
        /// Who keeps the file, for example `OneDrivePro`.
        provider: String,
    },
}

impl Attachment {
    /// Bytes of the content; of a link none.
    pub fn size(&self) -> u64 {
        match &self.held {
            Held::File(content) => content.size(),
            Held::Item(mail) => mail.raw.len() as u64,
            Held::Reference { .. } => 0,
        }
    }

    /// The element that carries it.
    pub fn element(&self) -> &'static str {
        match &self.held {
            Held::File(_) => "t:FileAttachment",
            Held::Item(_) => "t:ItemAttachment",
            Held::Reference { .. } => "t:ReferenceAttachment",
        }
    }
}
