//! What did a request bring that may carry files? Its JSON (the whole body, or the part `_json`) and the files by part name.

use super::{
    parts::Parts,
    vault::{Content, Vault},
};
use crate::{
    control::Received,
    thehive::{app::TheHive, body, error::ApiError},
};
use axum::extract::{FromRequest, Request};
use http::header;
use serde_json::{Value, json};
use std::{io, sync::Arc};

/// Bodies above this are taken apart on a thread of their own: hashing them takes a while.
const LONG: u64 = 1 << 20;
/// Bytes of a part that is not a file (`maxMemoryBuffer` of a stock 5.x, contract section 5).
const MAX_FIELD: usize = 10 << 20;
/// Longest file name (contract 8).
const MAX_NAME: usize = 128;

/// A file of a multipart request.
#[derive(Clone)]
pub struct File {
    /// The form field it came in.
    pub part: String,
    pub name: String,
    pub media_type: String,
    pub content: Arc<Content>,
}

impl File {
    /// What the effects log says about it.
    pub fn summary(&self) -> Value {
        json!({
            "part": self.part, "name": self.name, "contentType": self.media_type, "size": self.content.size,
            "sha256": self.content.sha256,
        })
    }
}

/// A request body that may be multipart. The JSON part may look like a plain field or like a file (contract section 5).
#[derive(Clone, Default)]
pub struct Form {
    /// Null if there is none.
    pub json: Value,
    pub files: Vec<File>,
}

impl Form {
    /// The body as the effects log shows it: the JSON, and what is known of the files.
    pub fn logged(&self) -> Value {
        let mut body = self.json.clone();
        if self.files.is_empty() {
            return body;
        }
        let files: Vec<Value> = self.files.iter().map(File::summary).collect();
        match body.as_object_mut() {
            Some(fields) => drop(fields.insert("files".into(), files.into())),
            None => body = json!({"files": files}),
        }
        body
    }

    /// The files of one part name.
    pub fn files_of<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.part == part)
    }
}

impl FromRequest<Arc<TheHive>> for Form {
    type Rejection = ApiError;

    async fn from_request(mut request: Request, app: &Arc<TheHive>) -> Result<Self, ApiError> {
        // Read already, by what stands before the routes.
        if let Some(form) = request.extensions_mut().remove::<Self>() {
            return Ok(form);
        }
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let Some(boundary) = kind.and_then(boundary) else {
            let json = body::Json::from_request(request, app).await?.0;
            return Ok(Self {
                json,
                files: Vec::new(),
            });
        };
        // The control layer read the body already; without it there are no uploads.
        let received = request.extensions().get::<Received>().cloned();
        let received = received.ok_or_else(|| ApiError::bad_request("multipart: no body"))?;
        let (vault, ascii_only) = {
            let hive = app.lock();
            (Arc::clone(&hive.vault), hive.settings.ascii_filenames_only)
        };
        let size = received.size();
        let read = move || take_apart(&received, &boundary, &vault, ascii_only);
        if size <= LONG {
            return read();
        }
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|error| ApiError::bad_request(error.to_string()))?
    }
}

/// The boundary of a multipart content type.
fn boundary(kind: &str) -> Option<String> {
    let mut parameters = kind.split(';');
    if !parameters.next()?.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.find_map(|one| {
        let (name, value) = one.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"').to_owned())
    });
    Some(named.unwrap_or_default())
}

fn take_apart(received: &Received, boundary: &str, vault: &Arc<Vault>, ascii_only: bool) -> Result<Form, ApiError> {
    let wrong = |error: io::Error| ApiError::bad_request(error.to_string());
    if boundary.is_empty() {
        return Err(ApiError::bad_request(
            "multipart body: the content type names no boundary",
        ));
    }
    let mut form = Form::default();
    let mut parts = Parts::new(received.reader(), boundary);
    parts.content(&mut |_| Ok(())).map_err(wrong)?;
    while let Some(head) = parts.next_head().map_err(wrong)? {
        if head.name == "_json" || head.file_name.is_none() {
            let mut text = Vec::new();
            let mut take = |piece: &[u8]| {
                if text.len() + piece.len() > MAX_FIELD {
                    return Err(io::Error::other("multipart body: a field is too long"));
                }
                text.extend_from_slice(piece);
                Ok(())
            };
            parts.content(&mut take).map_err(wrong)?;
            if head.name == "_json" {
                let json = serde_json::from_slice(&text);
                form.json = json.map_err(|error| ApiError::bad_request(format!("Invalid Json: {error}")))?;
            }
            continue;
        }
        let mut writer = vault.writer();
        parts.content(&mut |piece| writer.write(piece)).map_err(wrong)?;
        if ascii_only && head.unusual_name {
            // The file is not recognised as one, so the call lacks it. The product's own words (D16).
            return Err(ApiError::bad_request(
                "Artifact must contain data or attachment (but not both)",
            ));
        }
        let name = head.file_name.unwrap_or_default();
        if name.is_empty() || name.chars().count() > MAX_NAME {
            return Err(ApiError::bad_request(format!(
                "attachment name: 1 to {MAX_NAME} characters expected"
            )));
        }
        form.files.push(File {
            part: head.name,
            name,
            media_type: head.media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
            content: writer.finish().map_err(wrong)?,
        });
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_read_with_and_without_quotes() {
        assert_eq!(boundary("multipart/form-data; boundary=a-b").as_deref(), Some("a-b"));
        assert_eq!(
            boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\"").as_deref(),
            Some("a b")
        );
        assert_eq!(boundary("multipart/form-data").as_deref(), Some(""));
        assert_eq!(boundary("application/json"), None);
    }
}
