//! What changed in a folder? SyncFolderItems (contract section 2).

use std::io::BufRead;

use super::super::model::{ItemRow, SyncAnswer, SyncChange, Trouble};
use super::super::reader::{Ns, Reader, Tag};
use super::item::{item, item_ref};
use super::{MAX_ANSWER, only, response};

#[derive(Default)]
struct Draft {
    changes: Vec<SyncChange>,
    state: Option<String>,
    last: Option<bool>,
}

/// Reads the answer to SyncFolderItems. Changes of a kind that is not known are left out.
pub fn read_sync_folder_items(answer: &[u8]) -> Result<SyncAnswer, Trouble> {
    let mut reader = Reader::new(answer, MAX_ANSWER);
    let draft = only(response(
        &mut reader,
        "SyncFolderItems",
        |reader, tag, draft: &mut Draft| {
            match (tag.ns, tag.name.as_str()) {
                (Ns::Messages, "SyncState") => draft.state = reader.some_text(tag)?,
                (Ns::Messages, "IncludesLastItemInRange") => draft.last = reader.flag(tag)?,
                (Ns::Messages, "Changes") => reader.children(tag, |reader, tag| {
                    if let Some(change) = change(reader, tag)? {
                        reader.push(&mut draft.changes, change)?;
                    }
                    Ok(())
                })?,
                _ => return Ok(false),
            }
            Ok(true)
        },
    )?)?;
    match draft.state {
        Some(state) => Ok(SyncAnswer {
            changes: draft.changes,
            state,
            more: draft.last == Some(false),
        }),
        None => Err(Trouble::Malformed("the answer has no sync state".to_owned())),
    }
}

fn change<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Option<SyncChange>, Trouble> {
    if tag.ns != Ns::Types {
        return Ok(None);
    }
    match tag.name.as_str() {
        "Create" => Ok(changed_item(reader, tag)?.map(SyncChange::Created)),
        "Update" => Ok(changed_item(reader, tag)?.map(SyncChange::Updated)),
        "Delete" => Ok(id_and_flag(reader, tag)?.map(|(id, _)| SyncChange::Deleted(id))),
        "ReadFlagChange" => {
            let change = id_and_flag(reader, tag)?;
            Ok(change.and_then(|(id, flag)| Some(SyncChange::ReadFlag(id, flag?))))
        }
        _ => Ok(None),
    }
}

fn changed_item<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Option<Box<ItemRow>>, Trouble> {
    let mut found = None;
    reader.children(tag, |reader, tag| {
        if tag.ns == Ns::Types {
            reader.keep(size_of::<ItemRow>())?;
            found = Some(Box::new(item(reader, tag)?));
        }
        Ok(())
    })?;
    Ok(found)
}

fn id_and_flag<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Option<(String, Option<bool>)>, Trouble> {
    let (mut id, mut flag) = (None, None);
    reader.children(tag, |reader, tag| {
        match (tag.ns, tag.name.as_str()) {
            (Ns::Types, "ItemId") => id = item_ref(tag).map(|item| item.id),
            (Ns::Types, "IsRead") => flag = reader.flag(tag)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(id.map(|id| (id, flag)))
}
