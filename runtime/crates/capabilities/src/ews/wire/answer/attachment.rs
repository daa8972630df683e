//! What is known about an item's attachments, before their bytes are fetched (contract section 2)?

use std::io::BufRead;

use super::super::model::{AttachmentKind, AttachmentRow, Trouble};
use super::super::reader::{Ns, Reader, Tag};

/// The rows of an `Attachments` element. Content that a server sends unasked is skipped (fixture 014).
pub fn attachments<R: BufRead>(
    reader: &mut Reader<R>,
    tag: &Tag,
    list: &mut Vec<AttachmentRow>,
) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        let kind = match (tag.ns, tag.name.as_str()) {
            (Ns::Types, "FileAttachment") => AttachmentKind::File,
            (Ns::Types, "ItemAttachment") => AttachmentKind::Item,
            (Ns::Types, "ReferenceAttachment") => AttachmentKind::Reference,
            _ => return Ok(()),
        };
        let row = attachment(reader, tag, kind)?;
        reader.push(list, row)
    })
}

fn attachment<R: BufRead>(reader: &mut Reader<R>, tag: &Tag, kind: AttachmentKind) -> Result<AttachmentRow, Trouble> {
    let mut row = AttachmentRow::new(kind);
    reader.children(tag, |reader, tag| {
        if tag.ns != Ns::Types {
            return Ok(());
        }
        match tag.name.as_str() {
            "AttachmentId" => row.id = tag.attribute("Id").unwrap_or_default(),
            "Name" => row.name = reader.some_text(tag)?,
            "ContentType" => row.media_type = reader.some_text(tag)?,
            "ContentId" => row.content_id = reader.some_text(tag)?,
            "Size" => row.size = reader.word(tag)?,
            "IsInline" => row.is_inline = reader.flag(tag)? == Some(true),
            "AttachLongPathName" => row.url = reader.some_text(tag)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(row)
}
