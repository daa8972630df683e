//! How is a folder listed, a conversation gathered, and a folder's changes read?

use super::super::query::cursor::{self, Position};
use super::super::query::restriction;
use super::super::refusal::Meaning;
use super::super::types;
use super::super::wire::{self, FindAnswer, FolderId, ItemRow, Restriction, SyncAnswer};
use super::Client;
use super::ask::inconsistent;
use super::fault::Fault;
use crate::bindings::synapse::ews::messages::{Filter, Page};
use crate::bindings::synapse::workflow::types::Error;

/// Messages of one page, and changes of one answer.
const PAGE: usize = 100;
/// With a restriction the server gives at most so many (contract section 2).
const MOST: usize = 250;
/// Requests of one page: all messages of one moment that a cursor can hold, and the page behind them.
const REQUESTS: usize = cursor::SEEN / MOST + 3;

impl Client {
    /// A page of a folder, oldest first, from the cursor on. Messages that left the folder meanwhile do not hide others (D30).
    pub(in crate::ews) async fn list(&self, folder: &str, filter: &Filter, from: Option<&str>) -> Result<Page, Error> {
        let mut position = match from {
            Some(from) => cursor::decode(folder, filter, from)?,
            None => Position::default(),
        };
        let restrictions = restriction::of(filter, &position)?;
        let max = MOST.min(PAGE.saturating_add(position.seen()));
        let (mut messages, mut offset) = (Vec::new(), 0u32);
        for _ in 0..REQUESTS {
            let found = self.find(folder, &restrictions, offset, max).await?;
            let count = found.items.len();
            offset = found
                .next_offset
                .filter(|next| *next > offset)
                .unwrap_or(offset.saturating_add(u32::try_from(count).unwrap_or(u32::MAX)));
            for row in found.items {
                let Some(message) = types::summary(row) else { continue };
                if position.has_seen(&message.id) {
                    continue;
                }
                if messages.len() == PAGE {
                    // There is more, and it is where the next page begins.
                    let cursor = Some(cursor::encode(folder, filter, &position)?);
                    return Ok(Page { messages, cursor });
                }
                position.pass(&message.id, message.received_at);
                messages.push(message);
            }
            if found.last || count == 0 {
                return Ok(Page { messages, cursor: None });
            }
            if messages.len() == PAGE {
                break;
            }
        }
        let cursor = Some(cursor::encode(folder, filter, &position)?);
        Ok(Page { messages, cursor })
    }

    /// The messages of a folder with this `Message-ID`; the sender chose it, so there can be several.
    pub(in crate::ews) async fn with_message_id(&self, folder: &str, id: &str) -> Result<Vec<ItemRow>, Error> {
        let restrictions = [Restriction::InternetMessageId(id.to_owned())];
        let found = self.find(folder, &restrictions, 0, PAGE).await?;
        // A server that ignores the restriction must not give us a stranger.
        let has_id = |row: &ItemRow| row.internet_message_id.as_deref().is_none_or(|found| found == id);
        Ok(found.items.into_iter().filter(has_id).collect())
    }

    pub(super) async fn find(
        &self,
        folder: &str,
        restrictions: &[Restriction],
        offset: u32,
        max: usize,
    ) -> Result<FindAnswer, Error> {
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        let asked = self.read(
            |envelope| wire::find_item(envelope, &FolderId::Id(folder), restrictions, offset, max),
            wire::read_find_item,
        );
        asked.await.map_err(|fault| fault.into_error(self))
    }

    /// The messages of a conversation, oldest first.
    ///
    /// # Errors
    /// `Unsupported`: a server before 2013, or another product's; or a delegate, for whom EWS has no way to say whose conversation it is.
    pub(in crate::ews) async fn conversation(&self, id: &str) -> Result<Vec<ItemRow>, Error> {
        let asked = self.read(
            |envelope| wire::get_conversation_items(envelope, id),
            wire::read_get_conversation_items,
        );
        let mut rows = match asked.await {
            Ok(rows) => rows,
            // The request cannot name a mailbox: the account's own is looked into, and it has none.
            Err(Fault::Refused(refusal)) if refusal.code == "ErrorMissingEmailAddress" => {
                return Err(Error::Unsupported(
                    "conversations of another's mailbox can only be asked for with the connection's `impersonate`"
                        .to_owned(),
                ));
            }
            Err(Fault::Refused(refusal)) if is_unknown_operation(&refusal.code) => {
                return Err(Error::Unsupported(
                    "this server does not gather conversations (GetConversationItems, Exchange 2013 and newer)"
                        .to_owned(),
                ));
            }
            Err(fault) => return Err(fault.into_error(self)),
        };
        rows.retain(|row| row.item.is_some());
        rows.sort_by_key(|row| row.received_at.unwrap_or(u64::MAX));
        Ok(rows)
    }

    /// What changed in a folder since a state.
    pub(in crate::ews) async fn sync(&self, folder: &str, state: Option<&str>) -> Result<SyncAnswer, Error> {
        let max = u32::try_from(PAGE).unwrap_or(u32::MAX);
        let asked = self.read(
            |envelope| wire::sync_folder_items(envelope, &FolderId::Id(folder), state, max),
            wire::read_sync_folder_items,
        );
        match asked.await {
            Ok(answer) if answer.state.is_empty() => Err(inconsistent("changes without a sync state").into_error(self)),
            Ok(answer) => Ok(answer),
            // Without a state there is nothing to start anew from: the folder is gone.
            Err(fault) if state.is_none() && fault.meaning() == Some(Meaning::Resync) => Err(Error::NotFound),
            Err(fault) => Err(fault.into_error(self)),
        }
    }
}

/// A code, or a fault without one (fixture 034), for an operation that the server does not have.
fn is_unknown_operation(code: &str) -> bool {
    matches!(
        code,
        "ErrorInvalidOperation" | "ErrorUnsupportedOperation" | "ErrorNotSupported" | "Client" | "Server" | ""
    )
}
