//! How does TheHive spell observables and attachments, and what does it answer to a new one (contract 2.4, section 5)?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bindings::synapse::thehive::observables::Existing;

/// `InputCreateObservable`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservableBody {
    pub data_type: String,
    /// None: the bytes are a part of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub tags: Vec<String>,
    pub ioc: bool,
    pub ignore_similarity: bool,
    pub tlp: u8,
    pub pap: u8,
}

/// `OutputObservable`, as far as it is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservableRow {
    #[serde(rename = "_id")]
    pub id: String,
    pub data_type: String,
    #[serde(default)]
    pub data: Option<String>,
    #[serde(default)]
    pub attachment: Option<AttachmentRow>,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
}

/// `OutputAttachment`, as far as it is used. Inside an observable it may have no id of its own.
#[derive(Debug, Clone, Deserialize)]
pub struct AttachmentRow {
    #[serde(rename = "_id", default)]
    pub id: Option<String>,
    pub name: String,
    #[serde(default)]
    pub hashes: Vec<String>,
}

/// `OutputAttachments`
#[derive(Debug, Deserialize)]
pub struct AttachmentsRow {
    pub attachments: Vec<AttachmentRow>,
}

/// `OutputObservableType`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservableTypeRow {
    pub name: String,
    #[serde(default)]
    pub is_attachment: bool,
}

impl AttachmentRow {
    /// Are these its bytes?
    pub fn has_digest(&self, sha256: &str) -> bool {
        self.hashes.iter().any(|hash| hash.eq_ignore_ascii_case(sha256))
    }

    /// SHA-256 by its length among the hashes, lower-case.
    fn sha256(&self) -> Option<String> {
        self.hashes
            .iter()
            .find(|hash| hash.len() == 64)
            .map(|hash| hash.to_ascii_lowercase())
    }
}

impl ObservableRow {
    /// As guests see it.
    pub fn into_existing(self) -> Existing {
        let sha256 = self.attachment.as_ref().and_then(AttachmentRow::sha256);
        Existing {
            id: self.id,
            data_type: self.data_type,
            data: self.data,
            file_name: self.attachment.map(|file| file.name),
            sha256,
            message: self.message,
            tags: self.tags,
        }
    }
}

/// What became of the observables of one request.
#[derive(Debug, Default)]
pub struct Added {
    /// The new ones.
    pub rows: Vec<ObservableRow>,
    /// Why others were not made.
    pub failures: Vec<ItemFailure>,
}

/// The failure of one item, or of a whole request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ItemFailure {
    /// The server's error type.
    pub r#type: String,
    /// Its words.
    pub message: String,
}

impl ItemFailure {
    /// Is it "there is one already"? Known by type, never by message (contract section 4).
    pub fn says_exists(&self) -> bool {
        matches!(self.r#type.as_str(), "CreateError" | "ConflictError")
    }
}

/// Reads an answer in any of its three shapes: a list, one object, or `{success, failure}`.
pub fn read_added(answer: Value) -> Result<Added, serde_json::Error> {
    match answer {
        Value::Array(rows) => Ok(Added {
            rows: rows.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?,
            failures: Vec::new(),
        }),
        Value::Object(mut parts) if parts.contains_key("success") || parts.contains_key("failure") => {
            let mut list = |name: &str| parts.remove(name).unwrap_or_else(|| Value::Array(Vec::new()));
            Ok(Added {
                rows: serde_json::from_value(list("success"))?,
                failures: serde_json::from_value(list("failure"))?,
            })
        }
        one => Ok(Added {
            rows: vec![serde_json::from_value(one)?],
            failures: Vec::new(),
        }),
    }
}
