//! What came out of an Outlook file?

use synapse_guest::blobs::Span;

use super::mapi::{Bag, id};
use crate::letter::Letter;

/// Attachments of one mail that are listed; more are counted.
pub const ATTACHMENTS: usize = 200;

/// One mail of the file. `M` says where a mail inside it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened<M> {
    /// Its words.
    pub letter: Letter,
    /// What is attached, in order.
    pub items: Vec<Item<M>>,
    /// What could not be read, in short.
    pub notes: Vec<String>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<M> {
    /// The name its sender gave it.
    pub name: Option<String>,
    /// Its media type in lower case, as its sender or its name says.
    pub media_type: String,
    /// What `cid:` links refer to.
    pub content_id: Option<String>,
    /// What it is.
    pub content: Content<M>,
}

/// What an attachment is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<M> {
    /// A file: these ranges of the container, one behind the other.
    Bytes(Vec<Span>),
    /// A mail.
    Message(M),
    /// Nothing that can be taken out, and why.
    Missing(&'static str),
}

impl<M> Item<M> {
    /// An attachment by its properties.
    pub(super) fn of(bag: &Bag, content: Content<M>) -> Self {
        let name = [id::LONG_NAME, id::SHORT_NAME, id::DISPLAY_NAME]
            .into_iter()
            .find_map(|id| bag.text(id));
        let media_type = bag
            .text(id::MEDIA_TYPE)
            .map(|text| text.to_lowercase())
            .unwrap_or_else(|| by_ending(name.as_deref()).to_owned());
        Self {
            name,
            media_type,
            content_id: bag.text(id::CONTENT_ID),
            content,
        }
    }
}

/// Outlook often names no type. Only pictures matter: a body may show them.
fn by_ending(name: Option<&str>) -> &'static str {
    let ending = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("bmp") => "image/bmp",
        _ => "application/octet-stream",
    }
}
