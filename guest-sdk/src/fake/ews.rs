//! Which mails does the fake mailbox hold, and what became of them?

use std::collections::BTreeMap;

use super::{Fake, FakeBlob, script::at_most};
use crate::error::{Error, InvalidArgument};
use crate::ews::{CategoryChange, Ews, Filter, Folder, Message, Page, Summary, SyncPage};

const PAGE: usize = 100;

struct Mail {
    folder: String,
    message: Message,
}

#[derive(Default)]
pub(super) struct Store {
    folders: Vec<Folder>,
    mails: Vec<Mail>,
    contents: BTreeMap<String, Result<FakeBlob, Error>>,
    mimes: BTreeMap<String, FakeBlob>,
    changes: u64,
}

impl Fake {
    /// A folder of this name; its id is `folder/<name>`, with a number for a second one of that name.
    pub fn with_folder(self, name: &str) -> Self {
        let mut store = self.ews.borrow_mut();
        let twins = store
            .folders
            .iter()
            .filter(|folder| folder.display_name == name)
            .count();
        let id = if twins == 0 {
            format!("folder/{name}")
        } else {
            format!("folder/{name}/{twins}")
        };
        store.folders.push(Folder {
            id,
            display_name: name.to_owned(),
            total: 0,
            unread: 0,
        });
        drop(store);
        self
    }

    /// A mail that lies in the folder of this name.
    pub fn add_mail(&self, folder: &str, message: Message) {
        let folder = format!("folder/{folder}");
        self.ews.borrow_mut().mails.push(Mail { folder, message });
    }

    /// The bytes of an attachment, by its id, or why they cannot be had.
    pub fn add_attachment(&self, id: &str, content: Result<FakeBlob, Error>) {
        self.ews.borrow_mut().contents.insert(id.to_owned(), content);
    }

    /// The MIME text of a mail, by its id.
    pub fn add_mime(&self, id: &str, mime: FakeBlob) {
        self.ews.borrow_mut().mimes.insert(id.to_owned(), mime);
    }

    /// A mail as it is now, by its `Message-ID`, and the folder it is in.
    pub fn mail(&self, internet_message_id: &str) -> Option<(String, Message)> {
        let store = self.ews.borrow();
        let wanted = |mail: &&Mail| mail.message.summary.internet_message_id.as_deref() == Some(internet_message_id);
        let mail = store.mails.iter().find(wanted)?;
        Some((
            mail.folder.trim_start_matches("folder/").to_owned(),
            mail.message.clone(),
        ))
    }

    /// What somebody does to a mail in Outlook.
    pub fn change_mail(&self, internet_message_id: &str, change: impl Fn(&mut Message)) {
        let mut store = self.ews.borrow_mut();
        for mail in &mut store.mails {
            if mail.message.summary.internet_message_id.as_deref() == Some(internet_message_id) {
                change(&mut mail.message);
            }
        }
    }
}

fn matches(summary: &Summary, filter: &Filter) -> bool {
    let contains = |text: &String| {
        let subject = summary.subject.as_deref().unwrap_or_default().to_lowercase();
        subject.contains(&text.to_lowercase())
    };
    filter.is_read.is_none_or(|wanted| summary.is_read == wanted)
        && filter
            .received_since
            .is_none_or(|since| summary.received_at.is_some_and(|at| at >= since))
        && (filter.internet_message_id.is_none() || filter.internet_message_id == summary.internet_message_id)
        && filter.subject_contains.as_ref().is_none_or(contains)
}

impl Store {
    fn by_id(&mut self, id: &str) -> Result<&mut Mail, Error> {
        self.mails
            .iter_mut()
            .find(|mail| mail.message.summary.id == id)
            .ok_or(Error::NotFound)
    }

    /// A change of a mail gives it a new change key.
    fn touch(&mut self, id: &str) -> Result<&mut Message, Error> {
        self.changes += 1;
        let key = format!("key-{}", self.changes);
        let mail = self.by_id(id)?;
        mail.message.summary.change_key = Some(key);
        Ok(&mut mail.message)
    }

    fn set_categories(&mut self, change: &CategoryChange) -> Result<Vec<String>, Error> {
        let categories = &mut self.touch(&change.id)?.summary.categories;
        categories.retain(|category| !change.remove.contains(category));
        for category in &change.add {
            if !categories.contains(category) {
                categories.push(category.clone());
            }
        }
        Ok(categories.clone())
    }

    /// Moving gives a mail another id.
    fn move_to(&mut self, id: &str, folder: &str) -> Result<Option<String>, Error> {
        if !self.folders.iter().any(|known| known.id == folder) {
            return Err(Error::NotFound);
        }
        self.changes += 1;
        let moved = format!("{id}.moved-{}", self.changes);
        let mail = self.by_id(id)?;
        folder.clone_into(&mut mail.folder);
        mail.message.summary.id.clone_from(&moved);
        Ok(Some(moved))
    }

    /// Oldest first; mails of one moment in the order they were added.
    fn in_order(&self, wanted: impl Fn(&Mail) -> bool) -> Vec<Summary> {
        let mut found: Vec<Summary> = self
            .mails
            .iter()
            .filter(|mail| wanted(mail))
            .map(|mail| mail.message.summary.clone())
            .collect();
        found.sort_by_key(|summary| summary.received_at);
        found
    }
}

impl Ews for Fake {
    type Mailbox = String;

    fn mailbox(&self, binding: &str) -> Result<String, Error> {
        self.call("ews/connection.open", &binding)?;
        self.bound(binding)?;
        Ok(binding.to_owned())
    }

    fn find_folder(&self, _: &String, name: &str) -> Result<Folder, Error> {
        self.call("ews/folders.find-folder", &name)?;
        let store = self.ews.borrow();
        let mut found = store.folders.iter().filter(|folder| folder.display_name == name);
        match (found.next(), found.next()) {
            (Some(folder), None) => Ok(folder.clone()),
            (None, _) => Err(Error::NotFound),
            (Some(_), Some(_)) => Err(Error::Invalid(InvalidArgument {
                field: "name".into(),
                reason: format!("several folders are called `{name}`; give its path"),
            })),
        }
    }

    fn list_messages(&self, _: &String, folder: &str, filter: &Filter, cursor: Option<&str>) -> Result<Page, Error> {
        self.call("ews/messages.list-messages", &(folder, filter, cursor))?;
        let after = cursor.map(|cursor| cursor.parse::<u64>().unwrap_or(u64::MAX));
        let later = |summary: &Summary| after.is_none_or(|after| summary.received_at.is_some_and(|at| at > after));
        let wanted = |mail: &Mail| {
            mail.folder == folder && matches(&mail.message.summary, filter) && later(&mail.message.summary)
        };
        let mut messages = self.ews.borrow().in_order(wanted);
        // A page ends with a moment, so that its cursor hides nothing.
        let mut end = messages.len().min(PAGE);
        while end < messages.len() && end > 0 && messages[end].received_at == messages[end - 1].received_at {
            end += 1;
        }
        let more = end < messages.len();
        messages.truncate(end);
        let last = messages.last().and_then(|summary| summary.received_at);
        let cursor = if more { last.map(|at| at.to_string()) } else { None };
        Ok(Page { messages, cursor })
    }

    fn get_messages(&self, _: &String, ids: &[String], html: bool) -> Result<Vec<Result<Message, Error>>, Error> {
        self.call("ews/messages.get-messages", &(ids, html))?;
        at_most("ids", ids.len(), PAGE)?;
        let mut store = self.ews.borrow_mut();
        let mut get = |id: &String| {
            let mut message = store.by_id(id)?.message.clone();
            message.html = message.html.filter(|_| html);
            Ok(message)
        };
        Ok(ids.iter().map(&mut get).collect())
    }

    fn get_mime(&self, _: &String, id: &str) -> Result<FakeBlob, Error> {
        self.call("ews/messages.get-mime", &id)?;
        self.ews.borrow().mimes.get(id).cloned().ok_or(Error::NotFound)
    }

    fn get_attachment(&self, _: &String, message_id: &str, attachment_id: &str) -> Result<FakeBlob, Error> {
        self.call("ews/messages.get-attachment", &(message_id, attachment_id))?;
        let content = self.ews.borrow().contents.get(attachment_id).cloned();
        content.unwrap_or(Err(Error::NotFound))
    }

    fn conversation(&self, _: &String, conversation_id: &str) -> Result<Vec<Summary>, Error> {
        self.call("ews/messages.conversation", &conversation_id)?;
        let wanted = |mail: &Mail| mail.message.summary.conversation_id.as_deref() == Some(conversation_id);
        Ok(self.ews.borrow().in_order(wanted))
    }

    /// Everything is new, every time: the fake keeps no states.
    fn sync_folder(&self, _: &String, folder: &str, state: Option<&str>) -> Result<SyncPage, Error> {
        self.call("ews/messages.sync-folder", &(folder, state))?;
        let found = self.ews.borrow().in_order(|mail| mail.folder == folder);
        Ok(SyncPage {
            changes: found.into_iter().map(crate::ews::Change::Created).collect(),
            state: "fake".to_owned(),
            more: false,
        })
    }

    fn set_read(&self, _: &String, ids: &[String], is_read: bool) -> Vec<Result<bool, Error>> {
        if let Err(error) = self.call("ews/messages.set-read", &(ids, is_read)) {
            return ids.iter().map(|_| Err(error.clone())).collect();
        }
        let mut store = self.ews.borrow_mut();
        let mut set = |id: &String| {
            store.touch(id)?.summary.is_read = is_read;
            Ok(is_read)
        };
        ids.iter().map(&mut set).collect()
    }

    fn set_categories(&self, _: &String, changes: &[CategoryChange]) -> Vec<Result<Vec<String>, Error>> {
        if let Err(error) = self.call("ews/messages.set-categories", &changes) {
            return changes.iter().map(|_| Err(error.clone())).collect();
        }
        let mut store = self.ews.borrow_mut();
        changes.iter().map(|change| store.set_categories(change)).collect()
    }

    fn move_messages(&self, _: &String, ids: &[String], folder: &str) -> Vec<Result<Option<String>, Error>> {
        if let Err(error) = self.call("ews/messages.move-messages", &(ids, folder)) {
            return ids.iter().map(|_| Err(error.clone())).collect();
        }
        let mut store = self.ews.borrow_mut();
        ids.iter().map(|id| store.move_to(id, folder)).collect()
    }
}
