//! How do files travel in a form (`multipart/form-data`, RFC 7578), so that no name can change the form's structure?

use std::path::{Path, PathBuf};

use http::HeaderValue;
use tokio::fs::File;

use super::body::Outgoing;
use super::fault::Fault;

/// Parts of one form: a file with its metadata is two or three, and every file part is an open file.
const PARTS: usize = 64;
/// Longest name, file name or media type, bytes.
const NAME_BYTES: usize = 255;
/// Random bytes of a boundary. Nobody can guess it, so nobody can write a content that holds it.
const BOUNDARY_BYTES: usize = 24;

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name. Printable ASCII without quotes and backslashes, like the two below.
    pub name: String,
    /// The file's name.
    pub file_name: Option<String>,
    /// The content's media type.
    pub media_type: Option<String>,
    /// What it holds.
    pub content: Content,
}

/// What a part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text, for instance JSON.
    Text(String),
    /// A file, read while it is sent.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its size, bytes. A file of another size is not sent.
        size: u64,
    },
}

impl Content {
    fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::File { size, .. } => *size,
        }
    }
}

/// Bytes of the whole form.
pub(super) fn length(parts: &[Part]) -> u64 {
    let boundary = "x".repeat(BOUNDARY_BYTES.saturating_mul(2));
    let lengths = parts.iter().map(|part| {
        let around = head(&boundary, part).len().saturating_add(LINE.len());
        part.content.length().saturating_add(around as u64)
    });
    lengths.fold(tail(&boundary).len() as u64, u64::saturating_add)
}

/// The content type and the body. Opens every file, so that a missing one or one of another size stops the request before it begins.
pub(super) async fn open(parts: &[Part]) -> Result<(HeaderValue, Outgoing), Fault> {
    if parts.len() > PARTS {
        return Err(Fault::invalid("parts", &format!("a form has at most {PARTS} parts")));
    }
    let boundary = hex::encode(rand::random::<[u8; BOUNDARY_BYTES]>());
    let mut body = Outgoing::default();
    for part in parts {
        check("name", &part.name)?;
        check("file_name", part.file_name.as_deref().unwrap_or_default())?;
        check("media_type", part.media_type.as_deref().unwrap_or_default())?;
        body.push(head(&boundary, part));
        match &part.content {
            Content::Text(text) => body.push(text.clone()),
            Content::File { path, size } => body.push_file(file(&part.name, path, *size).await?, *size),
        }
        body.push(LINE);
    }
    body.push(tail(&boundary));
    let content_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
    let content_type = content_type.map_err(|error| Fault::invalid("boundary", &error.to_string()))?;
    Ok((content_type, body))
}

const LINE: &str = "\r\n";

fn head(boundary: &str, part: &Part) -> String {
    let file_name = part.file_name.as_ref();
    let file_name = file_name.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
    let media_type = part.media_type.as_ref();
    let media_type = media_type.map_or_else(String::new, |kind| format!("content-type: {kind}{LINE}"));
    let disposition = format!("content-disposition: form-data; name=\"{}\"{file_name}", part.name);
    format!("--{boundary}{LINE}{disposition}{LINE}{media_type}{LINE}")
}

fn tail(boundary: &str) -> String {
    format!("--{boundary}--{LINE}")
}

/// Names that would need quoting are refused, not quoted: targets disagree about how to read them (case D16).
fn check(field: &str, text: &str) -> Result<(), Fault> {
    if text.len() > NAME_BYTES {
        return Err(Fault::invalid(field, &format!("at most {NAME_BYTES} bytes")));
    }
    let plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    if text.chars().all(plain) {
        return Ok(());
    }
    Err(Fault::invalid(
        field,
        "a form's names hold printable ASCII only, without quotes and backslashes",
    ))
}

async fn file(name: &str, path: &Path, size: u64) -> Result<File, Fault> {
    let unreadable = |error: std::io::Error| Fault::Content(format!("`{name}` cannot be read: {}", error.kind()));
    let file = File::open(path).await.map_err(unreadable)?;
    let found = file.metadata().await.map_err(unreadable)?;
    if !found.is_file() || found.len() != size {
        return Err(Fault::Content(format!("`{name}` is not a file of {size} bytes")));
    }
    Ok(file)
}
