//! On whose behalf is an operation performed, and what may it touch? One request's context.

use crate::{
    control::Control,
    ews::{
        ids::{Id, version_of},
        refusal::Refusal,
        store::{Item, Mailbox, Site},
        versions,
        xml::Element,
    },
};
use serde_json::{Map, Value, json};

/// One request's context.
pub struct Call<'a> {
    /// The server's state.
    pub site: &'a mut Site,
    /// Clock and effects log.
    pub control: &'a Control,
    /// The account that logged in.
    pub user: String,
    /// The mailbox it acts as: its own, or the impersonated one.
    pub acting: Option<usize>,
    /// Whether that is an impersonated one.
    pub impersonating: bool,
    /// `RequestServerVersion`.
    pub version: String,
}

impl Call<'_> {
    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.control.now_ms()
    }

    /// Whether `item:TextBody` is known.
    pub fn text_body(&self) -> bool {
        self.site.settings.text_body && versions::is_2013(&self.version)
    }

    /// A mailbox by its place. Errors: none there, no access.
    pub fn mailbox(&self, at: usize) -> Result<&Mailbox, Refusal> {
        let mailbox = self
            .site
            .mailboxes
            .get(at)
            .ok_or_else(|| Refusal::of("ErrorItemNotFound"))?;
        (self.may_change(at, mailbox) || self.is_named(&mailbox.readers))
            .then_some(mailbox)
            .ok_or_else(|| Refusal::of("ErrorAccessDenied"))
    }

    /// The same for changes.
    pub fn mailbox_mut(&mut self, at: usize) -> Result<&mut Mailbox, Refusal> {
        if !self.may_change(at, self.mailbox(at)?) {
            return Err(Refusal::of("ErrorAccessDenied"));
        }
        self.site
            .mailboxes
            .get_mut(at)
            .ok_or_else(|| Refusal::of("ErrorItemNotFound"))
    }

    /// May the caller do everything with this mailbox?
    pub fn may_change(&self, at: usize, mailbox: &Mailbox) -> bool {
        self.acting == Some(at) || self.is_named(&mailbox.delegates)
    }

    fn is_named(&self, list: &[String]) -> bool {
        let acting = self.acting.and_then(|acting| self.site.mailboxes.get(acting));
        let address = acting.map(|acting| acting.address.as_str());
        let account = (!self.impersonating).then_some(self.user.as_str());
        let mut names = [address, account].into_iter().flatten();
        names.any(|name| list.iter().any(|one| one.eq_ignore_ascii_case(name)))
    }

    /// The folder that `FolderId` or `DistinguishedFolderId` names.
    pub fn folder(&self, id: &Element) -> Result<(usize, u64), Refusal> {
        let text = id.attribute("Id").unwrap_or_default();
        if id.name == "DistinguishedFolderId" {
            let address = id.child("Mailbox").and_then(|mailbox| mailbox.text_of("EmailAddress"));
            let at = match address {
                Some(address) => self.site.at_address(address)?,
                None => self.acting.ok_or_else(|| {
                    Refusal::new("ErrorMissingEmailAddress", "The account has no mailbox and names none.")
                })?,
            };
            let folder = self.mailbox(at)?.distinguished(text);
            let folder = folder.ok_or_else(|| Refusal::of("ErrorFolderNotFound"))?;
            return Ok((at, folder.number));
        }
        let Id::Folder(store, number) = Id::decode(text)? else {
            return Err(Refusal::new("ErrorInvalidFolderId", "The id is not that of a folder."));
        };
        let at = self
            .site
            .at_store(store)
            .ok_or_else(|| Refusal::of("ErrorFolderNotFound"))?;
        let folder = self.mailbox(at)?.folder(number);
        folder
            .map(|_| (at, number))
            .ok_or_else(|| Refusal::of("ErrorFolderNotFound"))
    }

    /// The folder inside an element such as `ToFolderId`.
    pub fn folder_in(&self, element: Option<&Element>) -> Result<(usize, u64), Refusal> {
        let id = element.and_then(|element| element.children.first());
        self.folder(id.ok_or_else(|| Refusal::schema("A folder id is expected."))?)
    }

    /// The item that `ItemId` names; it exists.
    pub fn item(&self, id: &Element) -> Result<(usize, u64), Refusal> {
        let Id::Item(store, number) = Id::decode(id.attribute("Id").unwrap_or_default())? else {
            return Err(Refusal::new("ErrorInvalidId", "The id is not that of an item."));
        };
        let at = self
            .site
            .at_store(store)
            .ok_or_else(|| Refusal::of("ErrorItemNotFound"))?;
        self.mailbox(at)?.item(number)?;
        Ok((at, number))
    }

    /// Records an effect: `body` is `effect`, `mailbox`, `internet_message_id`, `subject`, `folder` and `more`.
    pub fn effect(&self, effect: &str, mailbox: &Mailbox, item: &Item, more: &Value) {
        let mut body = Map::new();
        body.insert("effect".to_owned(), effect.into());
        body.insert("mailbox".to_owned(), mailbox.address.clone().into());
        body.insert("internet_message_id".to_owned(), json!(item.mail.message_id));
        body.insert("subject".to_owned(), json!(item.subject()));
        body.insert("folder".to_owned(), mailbox.path(item.folder).into());
        body.extend(more.as_object().cloned().unwrap_or_default());
        let marker = item.categories.iter().find(|name| name.starts_with("synapse:"));
        let id = Id::Item(mailbox.store(), item.number).encode();
        self.control.effect(
            "POST",
            super::super::PATH,
            Value::Object(body),
            marker.cloned(),
            Some(id),
        );
    }
}

/// The version of the change key in an id, if there is one.
pub fn key(id: &Element) -> Result<Option<u64>, Refusal> {
    let key = id.attribute("ChangeKey").filter(|key| !key.is_empty());
    key.map(version_of).transpose()
}
