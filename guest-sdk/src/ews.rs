//! What may a workflow do in a mailbox?

use crate::bindings::ews::synapse::ews as wit;
use crate::blobs::Blobs;
use crate::error::Error;

pub use wit::folders::Folder;
pub use wit::messages::{
    Address, Attachment, AttachmentKind, CategoryChange, Change, Filter, Message, Page, Summary, SyncPage,
};

/// `synapse:ews`. Ids and cursors are opaque; a message's id changes when it is moved, its internet message id does not.
pub trait Ews: Blobs {
    /// A mailbox of the tenant: a handle, valid in this run only.
    type Mailbox;

    /// The mailbox bound under this name.
    ///
    /// # Errors
    /// `denied` if the name is not bound to a mailbox.
    fn mailbox(&self, binding: &str) -> Result<Self::Mailbox, Error>;
    /// One folder by a well-known name, a path, or a display name that occurs once.
    ///
    /// # Errors
    /// `not-found`, or `invalid` if several folders have that name.
    fn find_folder(&self, mailbox: &Self::Mailbox, name: &str) -> Result<Folder, Error>;
    /// One page of a folder, oldest first, at most 100 messages. Safe to repeat.
    ///
    /// # Errors
    /// `resync-required` for a cursor that is no longer valid, or the target could not be asked.
    fn list_messages(
        &self,
        mailbox: &Self::Mailbox,
        folder_id: &str,
        filter: &Filter,
        cursor: Option<&str>,
    ) -> Result<Page, Error>;
    /// At most 100 messages with their content; one answer each, in order. Safe to repeat.
    ///
    /// # Errors
    /// None of them could be asked for.
    fn get_messages(
        &self,
        mailbox: &Self::Mailbox,
        ids: &[String],
        html: bool,
    ) -> Result<Vec<Result<Message, Error>>, Error>;
    /// The message as MIME text, made anew by the server. Safe to repeat.
    ///
    /// # Errors
    /// `unreadable` where the server cannot, `too-large` above the connection's limit.
    fn get_mime(&self, mailbox: &Self::Mailbox, id: &str) -> Result<Self::Blob, Error>;
    /// The bytes of an attachment. Safe to repeat.
    ///
    /// # Errors
    /// `invalid` for a reference, `too-large` above the connection's limit.
    fn get_attachment(
        &self,
        mailbox: &Self::Mailbox,
        message_id: &str,
        attachment_id: &str,
    ) -> Result<Self::Blob, Error>;
    /// Messages of a conversation in this mailbox, oldest first. Safe to repeat.
    ///
    /// # Errors
    /// The target could not be asked.
    fn conversation(&self, mailbox: &Self::Mailbox, conversation_id: &str) -> Result<Vec<Summary>, Error>;
    /// What changed in a folder since a state; everything without one. Safe to repeat.
    ///
    /// # Errors
    /// `resync-required` when the state is too old.
    fn sync_folder(&self, mailbox: &Self::Mailbox, folder_id: &str, state: Option<&str>) -> Result<SyncPage, Error>;
    /// Sets the read flag of at most 100 messages, without telling the sender.
    fn set_read(&self, mailbox: &Self::Mailbox, ids: &[String], is_read: bool) -> Vec<Result<bool, Error>>;
    /// Adds and removes categories of at most 100 messages; answers what each has then.
    fn set_categories(&self, mailbox: &Self::Mailbox, changes: &[CategoryChange]) -> Vec<Result<Vec<String>, Error>>;
    /// Moves at most 100 messages into a folder; answers each one's new id, if the server tells.
    fn move_messages(
        &self,
        mailbox: &Self::Mailbox,
        ids: &[String],
        folder_id: &str,
    ) -> Vec<Result<Option<String>, Error>>;
}
