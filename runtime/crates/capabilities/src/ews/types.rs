//! How does EWS spell it? Rows of the wire and records of the WIT, side by side, and how much of a message a guest gets.

use super::wire::{self, AttachmentRow, Body, FolderRow, ItemRow, Person, SyncAnswer, SyncChange};
use crate::bindings::synapse::ews::folders::Folder;
use crate::bindings::synapse::ews::messages::{
    Address, Attachment, AttachmentKind, Change, Message, Summary, SyncPage,
};

/// Longest text body (WIT).
const TEXT_BYTES: usize = 512 << 10;
/// Longest HTML body (WIT).
const HTML_BYTES: usize = 1 << 20;
/// Headers of a message (WIT).
const HEADERS: usize = 512;
/// All headers together: relays add long ones, and an answer has to fit the journal.
const HEADER_BYTES: usize = 256 << 10;
/// Attachments of a message (WIT).
const ATTACHMENTS: usize = 500;
/// Addresses of one field: more are a mailing list's, not evidence.
const PEOPLE: usize = 1_000;
/// Messages that a message refers to; the newest are the last.
const REFERENCES: usize = 500;
/// Categories of a message.
const CATEGORIES: usize = 200;
/// Subjects, names and other texts of one line: Exchange's end at 255 characters, header lines at 998.
const LINE_BYTES: usize = 4 << 10;

/// A folder.
pub(super) fn folder(row: FolderRow) -> Folder {
    Folder {
        id: row.id,
        display_name: line(row.display_name.unwrap_or_default()),
        total: row.total.unwrap_or(0),
        unread: row.unread.unwrap_or(0),
    }
}

/// What lists say; none for a row without an id.
pub(super) fn summary(row: ItemRow) -> Option<Summary> {
    let item = row.item?;
    Some(Summary {
        id: item.id,
        change_key: item.change_key,
        subject: row.subject.map(line),
        received_at: row.received_at,
        internet_message_id: row.internet_message_id.map(line),
        conversation_id: row.conversation_id,
        categories: row.categories.into_iter().take(CATEGORIES).map(line).collect(),
        is_read: row.is_read.unwrap_or(false),
        has_attachments: row.has_attachments.unwrap_or(false),
        size: row.size.unwrap_or(0),
        item_class: row.item_class.map(line),
    })
}

/// A message with its content; none for a row without an id. An absent body is none, never a failure (D01).
pub(super) fn message(mut row: ItemRow, html: Option<Body>) -> Option<Message> {
    let mut truncated = Cut(false);
    let text = row.body.take().filter(|body| !body.html);
    let text = text.filter(|body| !body.text.is_empty()).or(row.text_body.take());
    let text = text.map(|body| truncated.body(body, TEXT_BYTES));
    let html = html.map(|body| truncated.body(body, HTML_BYTES));
    let headers = truncated.headers(std::mem::take(&mut row.headers));
    let attachments = truncated.list(std::mem::take(&mut row.attachments), ATTACHMENTS);
    let mut people = |list: &mut Vec<Person>| -> Vec<Address> {
        let list = truncated.list(std::mem::take(list), PEOPLE);
        list.into_iter().map(address).collect()
    };
    let (to, cc, bcc) = (people(&mut row.to), people(&mut row.cc), people(&mut row.bcc));
    let reply_to = people(&mut row.reply_to);
    let references = row.references.take().unwrap_or_default();
    Some(Message {
        sender: row.sender.take().map(address),
        from: row.from.take().map(address),
        to,
        cc,
        bcc,
        reply_to,
        sent_at: row.sent_at,
        in_reply_to: row.in_reply_to.take().map(line),
        references: last(references.split_whitespace(), REFERENCES),
        headers,
        text,
        html,
        truncated: truncated.0,
        attachments: attachments.into_iter().map(attachment).collect(),
        summary: summary(row)?,
    })
}

/// Changes of a folder.
pub(super) fn sync_page(answer: SyncAnswer) -> SyncPage {
    let change = |change| match change {
        SyncChange::Created(row) => summary(*row).map(Change::Created),
        SyncChange::Updated(row) => summary(*row).map(Change::Updated),
        SyncChange::Deleted(id) => Some(Change::Deleted(id)),
        SyncChange::ReadFlag(id, flag) => Some(Change::ReadFlag((id, flag))),
    };
    SyncPage {
        changes: answer.changes.into_iter().filter_map(change).collect(),
        state: answer.state,
        more: answer.more,
    }
}

/// An attachment, without its bytes.
fn attachment(row: AttachmentRow) -> Attachment {
    Attachment {
        id: row.id,
        kind: match row.kind {
            wire::AttachmentKind::File => AttachmentKind::File,
            wire::AttachmentKind::Item => AttachmentKind::Item,
            wire::AttachmentKind::Reference => AttachmentKind::Reference,
        },
        name: row.name.map(line),
        media_type: row.media_type.map(line),
        size: row.size.unwrap_or(0),
        is_inline: row.is_inline,
        content_id: row.content_id.map(line),
        url: row.url.map(line),
    }
}

fn address(person: Person) -> Address {
    Address {
        name: person.name.map(line),
        email: person.email.map(line),
    }
}

/// Was something cut?
struct Cut(bool);

impl Cut {
    fn body(&mut self, body: Body, limit: usize) -> String {
        self.0 |= body.truncated || body.text.len() > limit;
        cut(body.text, limit)
    }

    fn list<T>(&mut self, mut list: Vec<T>, most: usize) -> Vec<T> {
        self.0 |= list.len() > most;
        list.truncate(most);
        list
    }

    fn headers(&mut self, headers: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut bytes = 0usize;
        let mut kept = self.list(headers, HEADERS);
        let fits = kept.iter().take_while(|(name, value)| {
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            bytes <= HEADER_BYTES
        });
        let fits = fits.count();
        self.0 |= fits < kept.len();
        kept.truncate(fits);
        kept
    }
}

fn last<'a>(texts: impl Iterator<Item = &'a str>, most: usize) -> Vec<String> {
    let mut list: Vec<String> = texts.map(|text| line(text.to_owned())).collect();
    list.split_off(list.len().saturating_sub(most))
}

fn line(text: String) -> String {
    cut(text, LINE_BYTES)
}

/// The text, cut at a character's end.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
    }
    text
}
