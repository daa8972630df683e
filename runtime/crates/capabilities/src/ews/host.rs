//! How do the guest's calls reach the gate? The generated traits, a few lines a function.

use wasmtime::component::Resource;

use super::calls::{
    Conversation, FindFolder, GetAttachment, GetMessages, GetMime, ListMessages, Movable, MoveMessage, SetCategories,
    SetRead, SyncFolder,
};
use super::client::Client;
use crate::bindings::synapse::ews::folders::Folder;
use crate::bindings::synapse::ews::messages::{CategoryChange, Filter, Message, Page, Summary, SyncPage};
use crate::bindings::synapse::ews::{connection, folders, messages};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::Held;
use crate::connection::Handle;
use crate::context::Host;

/// What a guest gets; the outer error ends the run.
type Answer<T> = wasmtime::Result<Result<T, Error>>;
/// The same for each item of a list.
type Answers<T> = wasmtime::Result<Vec<Result<T, Error>>>;

impl connection::Host for Host {}

impl connection::HostMailbox for Host {
    async fn open(&mut self, binding: String) -> Answer<Resource<Handle>> {
        Host::open::<Client>(self, &binding)
    }

    async fn drop(&mut self, mailbox: Resource<Handle>) -> wasmtime::Result<()> {
        self.close(mailbox)
    }
}

impl folders::Host for Host {
    async fn find_folder(&mut self, mailbox: Resource<Handle>, name: String) -> Answer<Folder> {
        let handle = self.handle(&mailbox)?;
        Ok(self.gate.read(&handle, FindFolder { name }).await?)
    }
}

impl messages::Host for Host {
    async fn list_messages(
        &mut self,
        mailbox: Resource<Handle>,
        folder_id: String,
        filter: Filter,
        cursor: Option<String>,
    ) -> Answer<Page> {
        let handle = self.handle(&mailbox)?;
        let call = ListMessages {
            folder_id,
            filter,
            cursor,
        };
        Ok(self.gate.read(&handle, call).await?)
    }

    async fn get_messages(
        &mut self,
        mailbox: Resource<Handle>,
        ids: Vec<String>,
        html: bool,
    ) -> Answer<Vec<Result<Message, Error>>> {
        let handle = self.handle(&mailbox)?;
        Ok(self.gate.read(&handle, GetMessages { ids, html }).await?)
    }

    async fn get_mime(&mut self, mailbox: Resource<Handle>, id: String) -> Answer<Resource<Held>> {
        let (handle, spool) = (self.handle(&mailbox)?, self.gate.spool());
        let kept = self.gate.read(&handle, GetMime { id, spool }).await?;
        self.handed_out(kept)
    }

    async fn get_attachment(
        &mut self,
        mailbox: Resource<Handle>,
        message_id: String,
        attachment_id: String,
    ) -> Answer<Resource<Held>> {
        let (handle, spool) = (self.handle(&mailbox)?, self.gate.spool());
        let call = GetAttachment {
            message_id,
            attachment_id,
            spool,
        };
        let kept = self.gate.read(&handle, call).await?;
        self.handed_out(kept)
    }

    async fn conversation(&mut self, mailbox: Resource<Handle>, conversation_id: String) -> Answer<Vec<Summary>> {
        let handle = self.handle(&mailbox)?;
        Ok(self.gate.read(&handle, Conversation { conversation_id }).await?)
    }

    async fn sync_folder(
        &mut self,
        mailbox: Resource<Handle>,
        folder_id: String,
        state: Option<String>,
    ) -> Answer<SyncPage> {
        let handle = self.handle(&mailbox)?;
        Ok(self.gate.read(&handle, SyncFolder { folder_id, state }).await?)
    }

    async fn set_read(&mut self, mailbox: Resource<Handle>, ids: Vec<String>, is_read: bool) -> Answers<bool> {
        let handle = self.handle(&mailbox)?;
        let calls = ids.into_iter().map(|id| SetRead { id, is_read }).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    async fn set_categories(
        &mut self,
        mailbox: Resource<Handle>,
        changes: Vec<CategoryChange>,
    ) -> Answers<Vec<String>> {
        let handle = self.handle(&mailbox)?;
        let call = |CategoryChange { id, add, remove }| SetCategories { id, add, remove };
        let calls = changes.into_iter().map(call).collect();
        Ok(self.gate.write_all(&handle, calls).await?)
    }

    /// Two calls of the gate: one reads by what each message is found again, the other moves those that are there.
    async fn move_messages(
        &mut self,
        mailbox: Resource<Handle>,
        ids: Vec<String>,
        folder_id: String,
    ) -> Answers<Option<String>> {
        let handle = self.handle(&mailbox)?;
        let known = match self.gate.read(&handle, Movable { ids: ids.clone() }).await? {
            Ok(known) => known,
            Err(error) => return Ok(vec![Err(error); ids.len()]),
        };
        let (mut answers, mut calls) = (Vec::with_capacity(ids.len()), Vec::new());
        for (id, known) in ids.into_iter().zip(known) {
            match known {
                Ok(internet_message_id) => {
                    calls.push(MoveMessage {
                        id,
                        folder_id: folder_id.clone(),
                        internet_message_id,
                    });
                    answers.push(None);
                }
                Err(error) => answers.push(Some(error)),
            }
        }
        let mut moved = self.gate.write_all(&handle, calls).await?.into_iter();
        let lost = || Err(Error::Unavailable("the answer was lost".to_owned()));
        let answer = |refused: Option<Error>| refused.map_or_else(|| moved.next().unwrap_or_else(lost), Err);
        Ok(answers.into_iter().map(answer).collect())
    }
}
