//! What is known about a folder? GetFolder and FindFolder.

use std::io::BufRead;

use super::super::model::{FolderAnswer, FolderRow, PerItem, Trouble};
use super::super::reader::{Ns, Reader, Tag};
use super::page::Paging;
use super::{MAX_ANSWER, only, response};

/// Reads the answer to GetFolder.
pub fn read_get_folder(answer: &[u8]) -> Result<PerItem<FolderRow>, Trouble> {
    response(
        &mut Reader::new(answer, MAX_ANSWER),
        "GetFolder",
        |reader, tag, row: &mut FolderRow| {
            let mut found = Vec::new();
            if tag.is(Ns::Messages, "Folders") {
                folders(reader, tag, &mut found)?;
            }
            Ok(found.into_iter().next().map(|first| *row = first).is_some())
        },
    )
}

/// Reads the answer to FindFolder for one parent folder.
pub fn read_find_folder(answer: &[u8]) -> Result<FolderAnswer, Trouble> {
    let mut reader = Reader::new(answer, MAX_ANSWER);
    only(response(
        &mut reader,
        "FindFolder",
        |reader, tag, page: &mut FolderAnswer| {
            if !tag.is(Ns::Messages, "RootFolder") {
                return Ok(false);
            }
            let paging = Paging::of(tag);
            (page.next_offset, page.total, page.last) = (paging.next_offset, paging.total, paging.last);
            reader.children(tag, |reader, tag| {
                if tag.is(Ns::Types, "Folders") {
                    folders(reader, tag, &mut page.folders)?;
                }
                Ok(())
            })?;
            Ok(true)
        },
    )?)
}

fn folders<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, list: &mut Vec<FolderRow>) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        // `Folder`, `SearchFolder`, `CalendarFolder` and whatever comes.
        if tag.ns != Ns::Types {
            return Ok(());
        }
        let row = folder(reader, tag)?;
        reader.push(list, row)
    })
}

fn folder<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<FolderRow, Trouble> {
    let mut row = FolderRow::default();
    reader.children(tag, |reader, tag| {
        if tag.ns != Ns::Types {
            return Ok(());
        }
        match tag.name.as_str() {
            "FolderId" => row.id = tag.attribute("Id").unwrap_or_default(),
            "ParentFolderId" => row.parent = tag.attribute("Id"),
            "FolderClass" => row.class = reader.some_text(tag)?,
            "DisplayName" => row.display_name = reader.some_text(tag)?,
            "TotalCount" => row.total = reader.word(tag)?,
            "UnreadCount" => row.unread = reader.word(tag)?,
            "EffectiveRights" => row.is_writable = writable(reader, tag)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(row)
}

/// `Modify` of the effective rights.
fn writable<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Option<bool>, Trouble> {
    let mut modify = None;
    reader.children(tag, |reader, tag| {
        if tag.is(Ns::Types, "Modify") {
            modify = reader.flag(tag)?;
        }
        Ok(())
    })?;
    Ok(modify)
}
