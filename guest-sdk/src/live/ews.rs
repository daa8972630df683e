//! Which imports stand behind a mailbox's capabilities?

use super::Live;
use crate::bindings::ews::synapse::ews::{connection, folders, messages};
use crate::error::Error;
use crate::ews::{CategoryChange, Ews, Filter, Folder, Message, Page, Summary, SyncPage};

impl Ews for Live {
    type Mailbox = connection::Mailbox;

    fn mailbox(&self, binding: &str) -> Result<Self::Mailbox, Error> {
        connection::Mailbox::open(binding)
    }

    fn find_folder(&self, mailbox: &Self::Mailbox, name: &str) -> Result<Folder, Error> {
        folders::find_folder(mailbox, name)
    }

    fn list_messages(
        &self,
        mailbox: &Self::Mailbox,
        folder_id: &str,
        filter: &Filter,
        cursor: Option<&str>,
    ) -> Result<Page, Error> {
        messages::list_messages(mailbox, folder_id, filter, cursor)
    }

    fn get_messages(
        &self,
        mailbox: &Self::Mailbox,
        ids: &[String],
        html: bool,
    ) -> Result<Vec<Result<Message, Error>>, Error> {
        messages::get_messages(mailbox, ids, html)
    }

    fn get_mime(&self, mailbox: &Self::Mailbox, id: &str) -> Result<Self::Blob, Error> {
        messages::get_mime(mailbox, id)
    }

    fn get_attachment(
        &self,
        mailbox: &Self::Mailbox,
        message_id: &str,
        attachment_id: &str,
    ) -> Result<Self::Blob, Error> {
        messages::get_attachment(mailbox, message_id, attachment_id)
    }

    fn conversation(&self, mailbox: &Self::Mailbox, conversation_id: &str) -> Result<Vec<Summary>, Error> {
        messages::conversation(mailbox, conversation_id)
    }

    fn sync_folder(&self, mailbox: &Self::Mailbox, folder_id: &str, state: Option<&str>) -> Result<SyncPage, Error> {
        messages::sync_folder(mailbox, folder_id, state)
    }

    fn set_read(&self, mailbox: &Self::Mailbox, ids: &[String], is_read: bool) -> Vec<Result<bool, Error>> {
        messages::set_read(mailbox, ids, is_read)
    }

    fn set_categories(&self, mailbox: &Self::Mailbox, changes: &[CategoryChange]) -> Vec<Result<Vec<String>, Error>> {
        messages::set_categories(mailbox, changes)
    }

    fn move_messages(
        &self,
        mailbox: &Self::Mailbox,
        ids: &[String],
        folder_id: &str,
    ) -> Vec<Result<Option<String>, Error>> {
        messages::move_messages(mailbox, ids, folder_id)
    }
}
