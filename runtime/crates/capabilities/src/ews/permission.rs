//! Which permission does each call need, and which folders may it touch?
//!
//! Calls name folders and messages by opaque ids, so no argument is compared with a grant's scope `folder` as text: what the scope
//! names is resolved to folder ids, and those limit what is asked for, changed and handed out. A folder below a named one is not
//! named. Outside the scope things answer like things that do not exist (G9).

use std::collections::BTreeSet;

use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use super::calls::{
    Conversation, FindFolder, GetAttachment, GetMessages, GetMime, ListMessages, Movable, MoveMessage, SetCategories,
    SetRead, SyncFolder,
};
use super::client::Client;
use super::wire::{ItemRow, Shape};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, EffectId, Failure};

/// `folders.find-folder`
pub const FIND_FOLDER: Operation = Operation::read("ews/folders.find-folder");
/// `messages.list-messages`
pub const LIST_MESSAGES: Operation = Operation::read("ews/messages.list-messages");
/// `messages.get-messages`
pub const GET_MESSAGES: Operation = Operation::read("ews/messages.get-messages");
/// `messages.get-mime`
pub const GET_MIME: Operation = Operation::read("ews/messages.get-mime");
/// `messages.get-attachment`
pub const GET_ATTACHMENT: Operation = Operation::read("ews/messages.get-attachment");
/// `messages.conversation`
pub const CONVERSATION: Operation = Operation::read("ews/messages.conversation");
/// `messages.sync-folder`
pub const SYNC_FOLDER: Operation = Operation::read("ews/messages.sync-folder");
/// `messages.set-read`
pub const SET_READ: Operation = Operation::write("ews/messages.set-read", Effect::Keyed);
/// `messages.set-categories`
pub const SET_CATEGORIES: Operation = Operation::write("ews/messages.set-categories", Effect::Keyed);
/// `messages.move-messages`, what is read before: covered by the same grant.
pub const MOVABLE: Operation = Operation::read("ews/messages.move-messages");
/// `messages.move-messages`
pub const MOVE_MESSAGES: Operation = Operation::write("ews/messages.move-messages", Effect::Probe);

/// The scope of a grant that names folders, as an operator writes them: `inbox/TheHive`.
pub const FOLDER: &str = "folder";

/// Every request a guest can make; a new function has to be decided on here.
pub(super) enum Request<'a> {
    FindFolder(&'a FindFolder),
    ListMessages(&'a ListMessages),
    GetMessages(&'a GetMessages),
    GetMime(&'a GetMime),
    GetAttachment(&'a GetAttachment),
    Conversation(&'a Conversation),
    SyncFolder(&'a SyncFolder),
    SetRead(&'a SetRead),
    SetCategories(&'a SetCategories),
    Movable(&'a Movable),
    MoveMessage(&'a MoveMessage),
}

/// Arguments of a request that a grant can limit as text: none. Every argument is named, so that a new one has to be decided on here.
pub(super) fn scoped(request: &Request<'_>) -> Vec<(&'static str, String)> {
    match request {
        Request::FindFolder(FindFolder { name: _ })
        | Request::ListMessages(ListMessages {
            folder_id: _,
            filter: _,
            cursor: _,
        })
        | Request::GetMessages(GetMessages { ids: _, html: _ })
        | Request::GetMime(GetMime { id: _, spool: _ })
        | Request::GetAttachment(GetAttachment {
            message_id: _,
            attachment_id: _,
            spool: _,
        })
        | Request::Conversation(Conversation { conversation_id: _ })
        | Request::SyncFolder(SyncFolder { folder_id: _, state: _ })
        | Request::SetRead(SetRead { id: _, is_read: _ })
        | Request::SetCategories(SetCategories {
            id: _,
            add: _,
            remove: _,
        })
        | Request::Movable(Movable { ids: _ })
        | Request::MoveMessage(MoveMessage {
            id: _,
            folder_id: _,
            internet_message_id: _,
        }) => Vec::new(),
    }
}

/// The folders that a call may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Folders {
    /// No scope: whatever the connection's account sees.
    All,
    /// Only these, by id.
    Only(BTreeSet<String>),
}

impl Folders {
    /// The folders of a grant's scopes. A name that no folder has allows nothing.
    ///
    /// # Errors
    /// `Denied`: the scope names nothing, or something that is no folder's name or several folders'. Nothing is guessed. Otherwise the server's.
    pub async fn of(scopes: &Scopes, client: &Client) -> Result<Self, Error> {
        let Some(names) = scopes.get(FOLDER) else {
            return Ok(Self::All);
        };
        if names.is_empty() {
            let why = "manifest and grant have no folder in common; an operator can widen the grant's scope `folder`";
            return Err(Error::Denied(why.to_owned()));
        }
        let mut ids = BTreeSet::new();
        for name in names {
            match client.folder_id(name).await {
                Ok(Some(id)) => {
                    ids.insert(id);
                }
                Ok(None) => tracing::warn!(
                    folder = name,
                    "a grant's scope names a folder that the mailbox does not have"
                ),
                Err(Error::Invalid(argument)) => {
                    let why = format!("the grant's scope `folder` holds `{name}`: {}", argument.reason);
                    return Err(Error::Denied(why));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self::Only(ids))
    }

    /// May this folder be touched? None: it is not known where something is.
    pub fn covers(&self, folder: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => folder.is_some_and(|id| ids.contains(id)),
        }
    }

    /// May this folder be asked about?
    ///
    /// # Errors
    /// `NotFound`, as if it did not exist.
    pub fn check(&self, folder: &str) -> Result<(), Error> {
        if self.covers(Some(folder)) {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    /// May this message be touched? Asks where it is, if that matters.
    ///
    /// # Errors
    /// `NotFound`, as if it did not exist; the server's.
    pub async fn check_message(&self, client: &Client, id: &str) -> Result<(), Error> {
        if *self == Self::All {
            return Ok(());
        }
        let row = client.item(id, Shape::Parent).await;
        let row = row.map_err(|fault| fault.into_error(client))?;
        self.check_row(&row)
    }

    /// The same for a message that was read with its folder.
    pub fn check_row(&self, row: &ItemRow) -> Result<(), Error> {
        if self.covers(row.parent_folder.as_deref()) {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    /// The same before a write. Until the first sending a failed look means that nothing was sent; afterwards only "no such message" is an end.
    pub async fn check_write(&self, client: &Client, id: &str, effect: &EffectId) -> Result<(), Failure> {
        self.check_message(client, id)
            .await
            .map_err(|error| looked(error, effect))
    }
}

/// How sure a look that failed is about the write that it was for.
pub(super) fn looked(error: Error, effect: &EffectId) -> Failure {
    let certainty = match (effect.repeat, &error) {
        (_, Error::NotFound) => Certainty::Refused,
        (false, _) => Certainty::NotSent,
        (true, _) => Certainty::Unknown,
    };
    Failure { error, certainty }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Operation; 11] = [
        FIND_FOLDER,
        LIST_MESSAGES,
        GET_MESSAGES,
        GET_MIME,
        GET_ATTACHMENT,
        CONVERSATION,
        SYNC_FOLDER,
        SET_READ,
        SET_CATEGORIES,
        MOVABLE,
        MOVE_MESSAGES,
    ];

    /// Threat row 24: a function without an entry here would be callable without a permission of its own.
    #[test]
    fn every_function_of_the_wit_has_its_operation_and_no_other_has_one() {
        let files = [
            ("folders", include_str!("../../../../../wit/ews/folders.wit")),
            ("messages", include_str!("../../../../../wit/ews/messages.wit")),
        ];
        let mut declared = BTreeSet::new();
        for (interface, text) in files {
            let functions = text
                .lines()
                .filter_map(|line| line.trim().split_once(": func(mailbox"))
                .map(|(name, _)| name);
            declared.extend(functions.map(|name| format!("ews/{interface}.{name}")));
        }
        let named: BTreeSet<String> = ALL.iter().map(|operation| operation.name.to_owned()).collect();
        assert_eq!(declared, named);
    }

    #[test]
    fn a_message_whose_folder_is_not_known_is_outside_every_scope() {
        let only = Folders::Only(["a".to_owned()].into());
        assert!(only.covers(Some("a")) && !only.covers(Some("b")) && !only.covers(None));
        assert!(Folders::All.covers(None));
    }
}
