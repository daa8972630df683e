//! Did it happen, and what is there now? How changes of messages are made, repeated and found again (design G3, contract section 2).
//!
//! Read flag and categories are absolute or merged, so a repeat is harmless. A moved message has a new id and no mark of ours: it is found
//! again by its `Message-ID`, which is read, and journaled, before it is moved.

use synapse_domain::permission::Scopes;
use synapse_domain::run::How;
use tokio::time::Instant;

use super::calls::{MoveMessage, SetCategories, SetRead};
use super::check;
use super::client::{Client, Fault};
use super::permission::{Folders, looked};
use super::refusal::Meaning;
use super::wire::{Change, ItemRef, ItemRow, Resolution, Shape};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Done, EffectId, Failure};

/// Tries of a change that somebody else's change can spoil (D29).
const TRIES: u32 = 2;

/// Sets the read flag: whatever the message was before, and with a fresh change key only where the server insists on one.
pub(super) async fn set_read(
    client: &Client,
    call: &SetRead,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<bool>, Failure> {
    let start = Instant::now();
    enter(client, scopes, &call.id, effect).await?;
    let change = Change::Read(call.is_read);
    let any = ItemRef {
        id: call.id.clone(),
        change_key: None,
    };
    match client.update(&any, &change, Resolution::AlwaysOverwrite, start).await {
        Ok(()) => {}
        Err(fault) if fault.meaning() == Some(Meaning::Stale) => {
            let (item, _) = now(client, &call.id, effect).await?;
            client
                .update(&item, &change, Resolution::AutoResolve, start)
                .await
                .map_err(|fault| fault.into_failure(client))?;
        }
        Err(fault) => return Err(fault.into_failure(client)),
    }
    Ok(Done {
        answer: call.is_read,
        how: How::Performed,
    })
}

/// Adds and removes categories: reads, merges, and writes only if nobody wrote meanwhile; otherwise once more.
pub(super) async fn set_categories(
    client: &Client,
    call: &SetCategories,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Vec<String>>, Failure> {
    let start = Instant::now();
    enter(client, scopes, &call.id, effect).await?;
    let mut spoiled = None;
    for _ in 0..TRIES {
        let (item, row) = now(client, &call.id, effect).await?;
        let merged = merge(&row.categories, call);
        if merged == row.categories {
            // As asked already: by an earlier sending, or by somebody else.
            let how = if effect.repeat { How::Adopted } else { How::Performed };
            return Ok(Done { answer: merged, how });
        }
        let change = Change::Categories(merged.clone());
        match client.update(&item, &change, Resolution::NeverOverwrite, start).await {
            Ok(()) => {
                return Ok(Done {
                    answer: merged,
                    how: How::Performed,
                });
            }
            Err(fault) if fault.meaning() == Some(Meaning::Stale) => spoiled = Some(fault),
            Err(fault) => return Err(fault.into_failure(client)),
        }
    }
    Err(spoiled.map_or_else(
        || Failure {
            error: Error::Conflict("somebody else changes the message".to_owned()),
            certainty: Certainty::Refused,
        },
        |fault| fault.into_failure(client),
    ))
}

/// The categories as the change leaves them, in the order they have. Case tells none apart.
fn merge(categories: &[String], call: &SetCategories) -> Vec<String> {
    let kept = categories
        .iter()
        .filter(|name| !call.remove.iter().any(|gone| check::same(name, gone)));
    let mut merged: Vec<String> = kept.cloned().collect();
    for name in &call.add {
        if !merged.iter().any(|there| check::same(there, name)) {
            merged.push(name.clone());
        }
    }
    merged
}

/// The `Message-ID` of each message that is to be moved.
pub(super) async fn movable(
    client: &Client,
    folders: &Folders,
    ids: &[String],
) -> Result<Vec<Result<Option<String>, Error>>, Error> {
    check::count(ids)?;
    let mut answers = Vec::with_capacity(ids.len());
    for id in check::each(ids) {
        answers.push(match id {
            Ok(id) => message_id(client, folders, &id).await,
            Err(refused) => Err(refused),
        });
    }
    Ok(answers)
}

async fn message_id(client: &Client, folders: &Folders, id: &str) -> Result<Option<String>, Error> {
    folders.check_message(client, id).await?;
    let row = client.item(id, Shape::Read).await;
    row.map(|row| row.internet_message_id)
        .map_err(|fault| fault.into_error(client))
}

/// Moves a message. Both its folder and the one it goes to have to be in scope.
pub(super) async fn move_message(
    client: &Client,
    call: &MoveMessage,
    scopes: &Scopes,
    effect: &EffectId,
) -> Result<Done<Option<String>>, Failure> {
    let start = Instant::now();
    let folders = enter(client, scopes, &call.id, effect).await?;
    folders.check(&call.folder_id).map_err(|error| looked(error, effect))?;
    let moved = client.move_to(&call.id, &call.folder_id, start).await;
    let answer = match moved.map_err(|fault| fault.into_failure(client))? {
        Some(id) => Some(id),
        // It is there; only its new id has to be looked for, and without it the answer is true as well.
        None => found(client, call).await.ok().flatten().flatten(),
    };
    Ok(Done {
        answer,
        how: How::Performed,
    })
}

/// Was it moved? While its old id leads to it, it was not, unless it is where it was to go: servers may keep ids. Once the old id is gone it
/// was, if the folder holds a message with its `Message-ID`. If not, somebody else took it away; the repeat will say so.
pub(super) async fn moved(client: &Client, call: &MoveMessage) -> Result<Option<Option<String>>, Error> {
    match client.item(&call.id, Shape::Parent).await {
        Ok(row) if row.parent_folder.as_deref() == Some(&call.folder_id) => Ok(Some(Some(call.id.clone()))),
        Ok(_) => Ok(None),
        Err(fault) if fault.meaning() == Some(Meaning::Missing) => found(client, call).await,
        Err(fault) => Err(fault.into_error(client)),
    }
}

/// The message in its new folder; the inner none: it is there, and several have its `Message-ID`, so that its new id is not known.
async fn found(client: &Client, call: &MoveMessage) -> Result<Option<Option<String>>, Error> {
    let Some(message_id) = &call.internet_message_id else {
        return Ok(None);
    };
    let mut rows = client.with_message_id(&call.folder_id, message_id).await?;
    Ok(match (rows.pop(), rows.is_empty()) {
        (None, _) => None,
        (Some(row), true) => Some(row.item.map(|item| item.id)),
        (Some(_), false) => Some(None),
    })
}

/// Before a write: may it touch this message?
async fn enter(client: &Client, scopes: &Scopes, id: &str, effect: &EffectId) -> Result<Folders, Failure> {
    let folders = Folders::of(scopes, client).await;
    let folders = folders.map_err(|error| looked(error, effect))?;
    folders.check_write(client, id, effect).await?;
    Ok(folders)
}

/// The message as it is now, with its change key.
async fn now(client: &Client, id: &str, effect: &EffectId) -> Result<(ItemRef, ItemRow), Failure> {
    let row = client.item(id, Shape::Read).await;
    let mut row = row.map_err(|fault: Fault| looked(fault.into_error(client), effect))?;
    let item = row.item.take().unwrap_or_else(|| ItemRef {
        id: id.to_owned(),
        change_key: None,
    });
    Ok((item, row))
}
