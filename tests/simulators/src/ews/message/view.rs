//! Which message is shown: an item of the mailbox, or one that is attached to it?

use crate::ews::{
    ids::{Id, change_key},
    store::{Attachment, Item, Mail, Mailbox},
};

/// A message with where it is from.
#[derive(Clone)]
pub struct View<'a> {
    /// The mailbox it is in.
    pub mailbox: &'a Mailbox,
    /// The item; for an attached message the item it is attached to.
    pub item: &'a Item,
    /// The message itself.
    pub mail: &'a Mail,
    /// The way from the item to the attached message; empty for the item itself.
    pub path: Vec<u8>,
}

impl<'a> View<'a> {
    /// An item.
    pub fn of(mailbox: &'a Mailbox, item: &'a Item) -> Self {
        Self {
            mailbox,
            item,
            mail: &item.mail,
            path: Vec::new(),
        }
    }

    /// A message attached to it.
    pub fn attached(&self, mail: &'a Mail, path: &[u8]) -> Self {
        Self {
            mail,
            path: path.to_vec(),
            ..self.clone()
        }
    }

    /// Whether it is the item itself.
    pub fn is_item(&self) -> bool {
        self.path.is_empty()
    }

    /// Its id and change key; an attached message has none.
    pub fn id(&self) -> Option<(String, String)> {
        let id = || Id::Item(self.mailbox.store(), self.item.number).encode();
        self.is_item().then(|| (id(), change_key(self.item.version)))
    }

    /// The id of one of its attachments.
    pub fn attachment_id(&self, at: usize) -> String {
        let mut path = self.path.clone();
        path.push(u8::try_from(at).unwrap_or(u8::MAX));
        Id::Attachment(self.mailbox.store(), self.item.number, path).encode()
    }

    /// Its attachments in order.
    pub fn attachments(&self) -> Vec<&'a Attachment> {
        if self.is_item() {
            self.item.attachments().collect()
        } else {
            self.mail.attachments.iter().collect()
        }
    }

    /// The subject as it is now.
    pub fn subject(&self) -> Option<&'a str> {
        if self.is_item() {
            self.item.subject()
        } else {
            self.mail.subject.as_deref()
        }
    }

    /// Whether there is an attachment that is not inline (contract section 2).
    pub fn has_attachments(&self) -> bool {
        self.attachments().iter().any(|attachment| !attachment.inline)
    }

    /// The display names of recipients, as `DisplayTo` shows them.
    pub fn names(people: &[crate::ews::store::Person]) -> String {
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        names.join("; ")
    }
}
