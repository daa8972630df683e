//! Which calls does this connector offer, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::limits;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use super::client::{Client, Content};
use super::permission::{self, Folders, Request};
use super::wire::{AttachmentKind, ItemRow, Shape};
use super::{check, client, reconcile, types};
use crate::bindings::synapse::ews::folders::Folder;
use crate::bindings::synapse::ews::messages::{Filter, Message, Page, Summary, SyncPage};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::canonical;
use crate::gate::{Done, EffectId, Failure, Read, Write};

/// Messages of one answer together, as they are journaled. Those that do not fit answer `too-large`, and fit when they are asked for alone.
const ANSWER_BYTES: usize = limits::JOURNAL_PAYLOAD_BYTES / 4 * 3;

/// Declares one read: its struct is what the journal compares, its body what is asked. Every read starts with the folders that the
/// grant covers, so none can forget them.
macro_rules! read {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $operation:ident -> $answer:ty,
        |$call:ident, $client:ident, $folders:ident| $ask:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Read for $name {
            const OPERATION: Operation = permission::$operation;
            type Target = Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                permission::scoped(&Request::$name(self))
            }

            async fn perform(&self, $client: &Client, scopes: &Scopes) -> Result<$answer, Error> {
                let $call = self;
                let $folders = &Folders::of(scopes, $client).await?;
                $ask
            }
        }
    };
}

/// Declares one write of a message.
macro_rules! change {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $operation:ident -> $answer:ty,
        check: $check:path, perform: $perform:path $(, probe: $probe:path)?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Write for $name {
            const OPERATION: Operation = permission::$operation;
            type Target = Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                permission::scoped(&Request::$name(self))
            }

            fn check(&self) -> Result<(), Error> {
                $check(self)
            }

            async fn perform(
                &self,
                client: &Client,
                scopes: &Scopes,
                effect: &EffectId,
            ) -> Result<Done<$answer>, Failure> {
                $perform(client, self, scopes, effect).await
            }

            $(
                async fn probe(&self, client: &Client, _effect: &EffectId) -> Result<Option<$answer>, Error> {
                    $probe(client, self).await
                }
            )?
        }
    };
}

read!(
    /// `find-folder`
    FindFolder {
        /// As an operator writes it.
        name: String,
    } = FIND_FOLDER -> Folder,
    |call, client, folders| {
        let found = client.find_folder("name", &call.name).await?;
        folders.check(&found.id)?;
        Ok(types::folder(found))
    }
);
read!(
    /// `list-messages`
    ListMessages {
        /// The folder.
        folder_id: String,
        /// Which messages.
        filter: Filter,
        /// Where the page starts.
        cursor: Option<String>,
    } = LIST_MESSAGES -> Page,
    |call, client, folders| {
        check::id("folder-id", &call.folder_id)?;
        folders.check(&call.folder_id)?;
        client.list(&call.folder_id, &call.filter, call.cursor.as_deref()).await
    }
);
read!(
    /// `get-messages`
    GetMessages {
        /// Messages.
        ids: Vec<String>,
        /// With the body as HTML too?
        html: bool,
    } = GET_MESSAGES -> Vec<Result<Message, Error>>,
    |call, client, folders| messages(client, folders, &call.ids, call.html).await
);
read!(
    /// `get-mime`
    GetMime {
        /// The message.
        id: String,
        /// Where the bytes go.
        #[serde(skip)]
        spool: Spool,
    } = GET_MIME -> Kept,
    |call, client, folders| {
        check::id("id", &call.id)?;
        folders.check_message(client, &call.id).await?;
        client.mime(&call.id, &call.spool).await
    }
);
read!(
    /// `get-attachment`
    GetAttachment {
        /// The message.
        message_id: String,
        /// Its attachment.
        attachment_id: String,
        /// Where the bytes go.
        #[serde(skip)]
        spool: Spool,
    } = GET_ATTACHMENT -> Kept,
    |call, client, folders| {
        check::id("message-id", &call.message_id)?;
        check::id("attachment-id", &call.attachment_id)?;
        if *folders != Folders::All {
            look_at_attachment(client, folders, call).await?;
        }
        client.attachment(&call.attachment_id, &call.spool).await
    }
);
read!(
    /// `conversation`
    Conversation {
        /// The conversation.
        conversation_id: String,
    } = CONVERSATION -> Vec<Summary>,
    |call, client, folders| {
        check::id("conversation-id", &call.conversation_id)?;
        let mut rows = client.conversation(&call.conversation_id).await?;
        rows.retain(|row| folders.check_row(row).is_ok());
        Ok(rows.into_iter().filter_map(types::summary).collect())
    }
);
read!(
    /// `sync-folder`
    SyncFolder {
        /// The folder.
        folder_id: String,
        /// Since when.
        state: Option<String>,
    } = SYNC_FOLDER -> SyncPage,
    |call, client, folders| {
        check::id("folder-id", &call.folder_id)?;
        check::state(call.state.as_deref())?;
        folders.check(&call.folder_id)?;
        client.sync(&call.folder_id, call.state.as_deref()).await.map(types::sync_page)
    }
);
read!(
    /// `move-messages`, before: each message's `Message-ID`, by which it is found again. Journaled, so that it is still known when the old
    /// id is gone.
    Movable {
        /// Messages.
        ids: Vec<String>,
    } = MOVABLE -> Vec<Result<Option<String>, Error>>,
    |call, client, folders| reconcile::movable(client, folders, &call.ids).await
);
change!(
    /// `set-read`, one item.
    SetRead {
        /// The message.
        id: String,
        /// The flag it gets.
        is_read: bool,
    } = SET_READ -> bool,
    check: check::set_read, perform: reconcile::set_read
);
change!(
    /// `set-categories`, one item.
    SetCategories {
        /// The message.
        id: String,
        /// Categories it gets.
        add: Vec<String>,
        /// Categories it loses.
        remove: Vec<String>,
    } = SET_CATEGORIES -> Vec<String>,
    check: check::categories, perform: reconcile::set_categories
);
change!(
    /// `move-messages`, one item.
    MoveMessage {
        /// The message.
        id: String,
        /// Where to.
        folder_id: String,
        /// Its `Message-ID`, as [`Movable`] found it.
        internet_message_id: Option<String>,
    } = MOVE_MESSAGES -> Option<String>,
    check: check::move_message, perform: reconcile::move_message, probe: reconcile::moved
);

/// Messages, one answer each: what is wrong with one is its own answer.
async fn messages(
    client: &Client,
    folders: &Folders,
    ids: &[String],
    html: bool,
) -> Result<Vec<Result<Message, Error>>, Error> {
    check::count(ids)?;
    let checked: Vec<Result<String, Error>> = check::each(ids);
    let good: Vec<String> = checked.iter().filter_map(|id| id.as_ref().ok()).cloned().collect();
    let mut contents = client.messages(&good, html).await?.into_iter();
    let mut room = ANSWER_BYTES;
    let mut answers = Vec::with_capacity(ids.len());
    for id in checked {
        let answer = match id {
            Ok(id) => match contents.next() {
                Some(Ok(content)) => message(client, folders, &id, content).await,
                Some(Err(error)) => Err(error),
                None => Err(Error::NotFound),
            },
            Err(refused) => Err(refused),
        };
        answers.push(answer.and_then(|message| fit(message, &mut room)));
    }
    Ok(answers)
}

async fn message(client: &Client, folders: &Folders, id: &str, content: Content) -> Result<Message, Error> {
    let Content { row, html } = content;
    if row.parent_folder.is_some() {
        folders.check_row(&row)?;
    } else {
        // The least part of a broken message does not say where it is.
        folders.check_message(client, id).await?;
    }
    types::message(row, html).ok_or_else(|| Error::Unreadable("the server answered without the message".to_owned()))
}

fn fit(message: Message, room: &mut usize) -> Result<Message, Error> {
    match room.checked_sub(canonical::text(&message).len()) {
        Some(left) => {
            *room = left;
            Ok(message)
        }
        None => Err(Error::TooLarge(ANSWER_BYTES as u64)),
    }
}

/// Is it an attachment of this message, in scope, with bytes, and not too many? Sizes are about, so an eighth more is let pass here.
async fn look_at_attachment(client: &Client, folders: &Folders, call: &GetAttachment) -> Result<(), Error> {
    let row: ItemRow = client
        .item(&call.message_id, Shape::Attachments)
        .await
        .map_err(|fault| fault.into_error(client))?;
    folders.check_row(&row)?;
    let found = row.attachments.iter().find(|one| one.id == call.attachment_id);
    let attachment = found.ok_or(Error::NotFound)?;
    let limit = client.max_attachment_bytes();
    match attachment.kind {
        AttachmentKind::Reference => Err(client::reference()),
        _ if attachment
            .size
            .is_some_and(|size| size > limit.saturating_add(limit / 8)) =>
        {
            Err(Error::TooLarge(limit))
        }
        _ => Ok(()),
    }
}
