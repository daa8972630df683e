//! How do bytes of the spool get into a request? As parts that are streamed from disk (contract section 5).

use serde::Serialize;

use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::egress::{Content, Part};
use crate::thehive::types;

/// The part that describes the others.
const DESCRIPTION: &str = "_json";

/// A file to send.
#[derive(Debug, Clone, Copy)]
pub(in crate::thehive) struct File<'a> {
    pub kept: &'a Kept,
    pub spool: &'a Spool,
}

impl File<'_> {
    /// The file as a part with this name.
    pub(super) fn part(&self, name: &str) -> Result<Part, Error> {
        Ok(Part {
            name: name.to_owned(),
            file_name: Some(types::ascii(&self.kept.name)),
            media_type: Some(types::media_type(&self.kept.media_type)),
            content: Content::File {
                path: self.spool.path(&self.kept.sha256)?,
                size: self.kept.size,
            },
        })
    }
}

/// The describing part: a form field without type or file name, as the vendor's own client sends it.
pub(super) fn json<T: Serialize>(body: &T) -> Result<Part, Error> {
    let text =
        serde_json::to_string(body).map_err(|error| types::unreadable(&format!("a body that is no JSON: {error}")))?;
    Ok(field(DESCRIPTION, text))
}

/// A form field.
pub(super) fn field(name: &str, text: String) -> Part {
    Part {
        name: name.to_owned(),
        file_name: None,
        media_type: None,
        content: Content::Text(text),
    }
}
