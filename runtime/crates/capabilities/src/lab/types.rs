//! What does the laboratory read and write?

use serde::{Deserialize, Serialize};
use synapse_domain::digest::Digest;

use crate::bindings::synapse::workflow::types::{Error, InvalidArgument};

/// Largest canned text.
const READ_BYTES: u32 = 64 << 10;
/// Largest line.
const TEXT_BYTES: usize = 64 << 10;

/// The body of `POST /entries`.
#[derive(Debug, Serialize)]
pub(super) struct NewEntry<'a> {
    pub text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<&'a str>,
}

/// An entry, as far as it is used.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub id: u64,
}

/// Text of this many bytes that depends on the key only.
pub(super) fn canned(key: &str, size: u32) -> Result<String, Error> {
    if size > READ_BYTES {
        let reason = format!("{size} bytes; at most {READ_BYTES}");
        return Err(Error::Invalid(InvalidArgument {
            field: "size".to_owned(),
            reason,
        }));
    }
    let size = size as usize;
    let mut text = String::with_capacity(size.saturating_add(64));
    let mut block = 0u32;
    while text.len() < size {
        text.push_str(&Digest::of_parts(&[key.as_bytes(), &block.to_be_bytes()]).to_string());
        block = block.saturating_add(1);
    }
    text.truncate(size);
    Ok(text)
}

/// Is it a line that the target takes?
pub(super) fn check(text: &str) -> Result<(), Error> {
    if text.len() <= TEXT_BYTES {
        return Ok(());
    }
    let reason = format!("{} bytes; at most {TEXT_BYTES}", text.len());
    Err(Error::Invalid(InvalidArgument {
        field: "text".to_owned(),
        reason,
    }))
}
