//! What came into a folder, or was categorised there? For the platform's own poller, not for guests (contract section 2, D36).
//!
//! The sync state decides, not a clock. What was deleted or moved out, and a read flag that changed, are no news here.

use synapse_domain::permission::Scopes;

use super::super::permission::Folders;
use super::super::wire::{ItemRow, Restriction, SyncChange};
use super::Client;
use crate::bindings::synapse::workflow::types::Error;

/// Mails of one page of a listing.
const PAGE: usize = 100;
/// Pages of a count: as many mails as a backfill may have.
const PAGES: u32 = 100;
/// Longest subject or sender kept, bytes: a line for people.
const LINE_BYTES: usize = 300;

/// A mail as a poller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailChange {
    /// Opaque; another one after a move.
    pub id: String,
    /// `Message-ID`: the sender chose it.
    pub message_id: Option<String>,
    /// One line.
    pub subject: String,
    /// When it was received, milliseconds.
    pub received: Option<u64>,
    /// Bytes, about.
    pub size: u64,
    /// Outlook categories, sorted.
    pub categories: Vec<String>,
}

/// Changes of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderChanges {
    /// Mails that are new in the folder, or changed there.
    pub mails: Vec<MailChange>,
    /// For the next call. Opaque, can be many kilobytes.
    pub state: String,
    /// There are more changes already.
    pub more: bool,
}

/// A mail for people to recognise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSample {
    /// The mail.
    pub mail: MailChange,
    /// Who sent it, one line.
    pub sender: String,
}

fn mail(row: ItemRow) -> Option<MailChange> {
    let line = |text: Option<String>| {
        let text = text.unwrap_or_default();
        let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        let mut line = line.collect::<String>().trim().to_owned();
        line.truncate(line.floor_char_boundary(LINE_BYTES));
        line
    };
    let mut categories = row.categories;
    categories.sort();
    Some(MailChange {
        id: row.item?.id,
        message_id: row.internet_message_id,
        subject: line(row.subject),
        received: row.received_at,
        size: row.size.unwrap_or(0),
        categories,
    })
}

impl Client {
    /// The id of a folder that these scopes cover.
    ///
    /// # Errors
    /// `NotFound`: there is none, or it is outside the scopes. `Invalid`: several have the name. Otherwise the server's.
    pub async fn watched_folder(&self, name: &str, scopes: &Scopes) -> Result<String, Error> {
        let folder = self.find_folder("folder", name).await?;
        Folders::of(scopes, self).await?.check(&folder.id)?;
        Ok(folder.id)
    }

    /// What changed in a folder since a state; everything without one.
    ///
    /// # Errors
    /// `ResyncRequired`: the state is of no use any more. Otherwise the server's.
    pub async fn folder_changes(&self, folder: &str, state: Option<&str>) -> Result<FolderChanges, Error> {
        let answer = self.sync(folder, state).await?;
        let rows = answer.changes.into_iter().filter_map(|change| match change {
            SyncChange::Created(row) | SyncChange::Updated(row) => mail(*row),
            SyncChange::Deleted(_) | SyncChange::ReadFlag(..) => None,
        });
        Ok(FolderChanges {
            mails: rows.collect(),
            state: answer.state,
            more: answer.more,
        })
    }

    /// The mails of a folder that were received in a time, oldest first, at most `most`; and whether there are more.
    ///
    /// # Errors
    /// The server's.
    pub async fn past_mails(
        &self,
        folder: &str,
        since: u64,
        before: u64,
        most: usize,
    ) -> Result<(Vec<MailChange>, bool), Error> {
        let restrictions = [Restriction::ReceivedSince(since)];
        let (mut found, mut offset) = (Vec::new(), 0u32);
        for _ in 0..PAGES {
            let page = self.find(folder, &restrictions, offset, PAGE).await?;
            let count = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
            for mail in page.items.into_iter().filter_map(mail) {
                if mail.received.is_some_and(|at| at >= before) {
                    continue;
                }
                if found.len() >= most {
                    return Ok((found, true));
                }
                found.push(mail);
            }
            if page.last || count == 0 {
                return Ok((found, false));
            }
            offset = page
                .next_offset
                .filter(|next| *next > offset)
                .unwrap_or(offset.saturating_add(count));
        }
        Ok((found, true))
    }

    /// Mails with their senders, for people. One that cannot be read is left out.
    ///
    /// # Errors
    /// The server's.
    pub async fn samples(&self, mails: &[MailChange]) -> Result<Vec<MailSample>, Error> {
        let ids: Vec<String> = mails.iter().map(|mail| mail.id.clone()).collect();
        let contents = self.messages(&ids, false).await?;
        let sample = |(known, content): (&MailChange, Result<super::Content, Error>)| {
            let row = content.ok()?.row;
            let person = row.from.or(row.sender).unwrap_or_default();
            let shown = [person.name, person.email.map(|email| format!("<{email}>"))];
            let sender = shown.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let line = sender.chars().filter(|c| !c.is_control()).take(LINE_BYTES / 2);
            Some(MailSample {
                mail: known.clone(),
                sender: line.collect(),
            })
        };
        Ok(mails.iter().zip(contents).filter_map(sample).collect())
    }
}
