//! How do an attachment's or a mail's bytes leave the answer? Decoded on the way into a sink, never in one string (contract section 4).

use std::io::{self, BufRead};

use super::answer::response;
use super::base64_stream::Decoder;
use super::model::{AttachmentKind, ItemRef, Trouble};
use super::reader::{Ns, Reader, Tag};

/// Everything of the answer but the content, in bytes: about a kilobyte is usual.
const MAX_AROUND: u64 = 16 << 20;

/// Which answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOperation {
    /// A file's `Content`, or an attached item's `MimeContent`.
    GetAttachment,
    /// An item's `MimeContent`.
    GetItem,
}

impl ByteOperation {
    const fn name(self) -> &'static str {
        match self {
            Self::GetAttachment => "GetAttachment",
            Self::GetItem => "GetItem",
        }
    }
}

/// What the answer said besides the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByteAnswer {
    /// How many bytes the sink got; none if the answer has no content, for instance that of a reference.
    pub written: Option<u64>,
    /// What the attachment is.
    pub kind: Option<AttachmentKind>,
    /// The attachment's name.
    pub name: Option<String>,
    /// The attachment's media type.
    pub media_type: Option<String>,
    /// What `cid:` links refer to.
    pub content_id: Option<String>,
    /// Bytes, about, as the server says.
    pub size: Option<u64>,
    /// The item, where one was asked for.
    pub item: Option<ItemRef>,
}

/// Reads the answer to a request for one attachment's or one item's bytes. The sink gets them in pieces of at most 16 KiB, some of them even
/// if the answer turns out to be of no use: what it got counts only if this succeeds. A refusal of the server is [`Trouble::Fault`];
/// a refusal of the sink, for instance of more bytes than it wants, is [`Trouble::Io`].
pub fn read_bytes(
    operation: ByteOperation,
    source: impl BufRead,
    sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<ByteAnswer, Trouble> {
    let mut decoder = Some(Decoder::new(sink));
    let mut reader = Reader::new(source, MAX_AROUND);
    let answers = response(&mut reader, operation.name(), |reader, tag, answer: &mut ByteAnswer| {
        match operation {
            ByteOperation::GetAttachment if tag.is(Ns::Messages, "Attachments") => {
                reader.children(tag, |reader, tag| attachment(reader, tag, answer, &mut decoder))?;
            }
            ByteOperation::GetItem if tag.is(Ns::Messages, "Items") => {
                reader.children(tag, |reader, tag| item(reader, tag, answer, &mut decoder))?;
            }
            ByteOperation::GetAttachment | ByteOperation::GetItem => return Ok(false),
        }
        Ok(answer.written.is_some())
    })?;
    super::answer::only(answers)
}

fn attachment<R: BufRead>(
    reader: &mut Reader<R>,
    tag: &Tag,
    answer: &mut ByteAnswer,
    decoder: &mut Option<Decoder<'_>>,
) -> Result<(), Trouble> {
    answer.kind = match (tag.ns, tag.name.as_str()) {
        (Ns::Types, "FileAttachment") => Some(AttachmentKind::File),
        (Ns::Types, "ItemAttachment") => Some(AttachmentKind::Item),
        (Ns::Types, "ReferenceAttachment") => Some(AttachmentKind::Reference),
        _ => return Ok(()),
    };
    reader.children(tag, |reader, tag| {
        match (tag.ns, tag.name.as_str()) {
            (Ns::Types, "Name") => answer.name = reader.some_text(tag)?,
            (Ns::Types, "ContentType") => answer.media_type = reader.some_text(tag)?,
            (Ns::Types, "ContentId") => answer.content_id = reader.some_text(tag)?,
            (Ns::Types, "Size") => answer.size = reader.word(tag)?,
            (Ns::Types, "Content") => content(reader, tag, answer, decoder)?,
            // Everything else that has content is the attached item, of whatever type.
            (Ns::Types, "AttachmentId" | "ContentLocation" | "LastModifiedTime" | "IsInline") => {}
            (Ns::Types, _) => item(reader, tag, answer, decoder)?,
            _ => {}
        }
        Ok(())
    })
}

fn item<R: BufRead>(
    reader: &mut Reader<R>,
    tag: &Tag,
    answer: &mut ByteAnswer,
    decoder: &mut Option<Decoder<'_>>,
) -> Result<(), Trouble> {
    reader.children(tag, |reader, tag| {
        match (tag.ns, tag.name.as_str()) {
            (Ns::Types, "MimeContent") => content(reader, tag, answer, decoder)?,
            (Ns::Types, "ItemId") => answer.item = super::answer::item_ref(tag),
            _ => {}
        }
        Ok(())
    })
}

/// The first content is the one that was asked for.
fn content<R: BufRead>(
    reader: &mut Reader<R>,
    tag: &Tag,
    answer: &mut ByteAnswer,
    decoder: &mut Option<Decoder<'_>>,
) -> Result<(), Trouble> {
    if let Some(mut decoder) = decoder.take() {
        reader.stream(tag, |piece| decoder.push(piece))?;
        answer.written = Some(decoder.finish()?);
    }
    Ok(())
}
