//! What is one item of a mailbox? A message with what the mailbox knows about it.

use super::{attachment::Attachment, mail::Mail};
use std::{collections::BTreeMap, sync::Arc};

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its number; a move gives it a new one.
    pub number: u64,
    /// The folder it is in.
    pub folder: u64,
    /// The message.
    pub mail: Arc<Mail>,
    /// When it arrived, in milliseconds.
    pub received_ms: i64,
    /// When it was put into this store, in milliseconds.
    pub created_ms: i64,
    /// When it was last changed, in milliseconds.
    pub changed_ms: i64,
    /// Has been read.
    pub is_read: bool,
    /// Is a draft.
    pub is_draft: bool,
    /// Its categories.
    pub categories: Vec<String>,
    /// A subject set later.
    pub subject: Option<String>,
    /// XML written in place of the subject, to be as broken as real servers are.
    pub subject_xml: Option<String>,
    /// Attachments beside those of the raw message.
    pub added: Vec<Attachment>,
    /// Nobody has been told yet that it was read, and the sender wants to know.
    pub receipt_pending: bool,
    /// The conversation in this mailbox.
    pub conversation: String,
    /// Counts all writes; what a change key stands for.
    pub version: u64,
    /// Counts all writes but those of the read flag.
    pub content_version: u64,
    /// The version that last changed a field.
    pub touched: BTreeMap<&'static str, u64>,
    /// Reading it fails with this response code.
    pub corrupt: Option<String>,
    /// Its MIME cannot be made.
    pub mime_fails: bool,
}

impl Item {
    /// The subject as it is now.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref().or(self.mail.subject.as_deref())
    }

    /// All attachments in order.
    pub fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        self.mail.attachments.iter().chain(&self.added)
    }

    /// Bytes of the message and of what was added.
    pub fn size(&self) -> u64 {
        self.mail.raw.len() as u64 + self.added.iter().map(Attachment::size).sum::<u64>()
    }
}
