//! How does TheHive spell observables and attachments, and what does it answer to a new one (contract 2.4, section 5)?

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SCALE;
use super::labels::{self, pap, read_pap, read_tlp, tlp};
use crate::bindings::synapse::thehive::attachments::Attachment;
use crate::bindings::synapse::thehive::observables::{Existing, ObservablePatch};
use crate::bindings::synapse::workflow::types::Error;

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
    #[serde(default = "labels::amber")]
    pub tlp: i64,
    #[serde(default = "labels::amber")]
    pub pap: i64,
    #[serde(default)]
    pub ioc: bool,
    #[serde(default)]
    pub sighted: bool,
    #[serde(default)]
    pub ignore_similarity: bool,
    #[serde(rename = "_createdAt")]
    pub created_at: u64,
    #[serde(default, rename = "_updatedAt")]
    pub updated_at: Option<u64>,
}

/// `InputUpdateObservable`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservablePatchBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pap: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ioc: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sighted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_similarity: Option<bool>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub add_tags: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub remove_tags: &'a [String],
}

/// The body of a change.
pub fn observable_patch(patch: &ObservablePatch, major: u8) -> ObservablePatchBody<'_> {
    ObservablePatchBody {
        message: patch.message.as_deref(),
        tlp: patch.tlp.map(|label| tlp(label, major)),
        pap: patch.pap.map(pap),
        ioc: patch.ioc,
        sighted: patch.sighted,
        ignore_similarity: patch.ignore_similarity,
        add_tags: &patch.add_tags,
        remove_tags: &patch.remove_tags,
    }
}

/// `OutputAttachment`, as far as it is used. Inside an observable it may have no id of its own.
#[derive(Debug, Clone, Deserialize)]
pub struct AttachmentRow {
    #[serde(rename = "_id", default)]
    pub id: Option<String>,
    /// The file's own id: the SHA-256 of its bytes.
    #[serde(rename = "id", default)]
    pub file: Option<String>,
    pub name: String,
    #[serde(default)]
    pub hashes: Vec<String>,
    #[serde(default)]
    pub size: Option<u64>,
    #[serde(rename = "contentType", default)]
    pub content_type: Option<String>,
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

    /// What it is asked for by.
    fn handle(&self) -> Option<&str> {
        self.id.as_deref().or(self.file.as_deref())
    }

    /// As guests see it; none for one that cannot be asked for.
    pub fn into_attachment(self) -> Option<Attachment> {
        Some(Attachment {
            id: self.handle()?.to_owned(),
            sha256: self.sha256(),
            name: self.name,
            size: self.size,
            media_type: self.content_type,
        })
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
    /// Is it this value, as the server compares: without blanks at the ends, and perhaps without case (contract section 7)?
    pub fn has_value(&self, data_type: &str, data: &str) -> bool {
        let plain = |text: &str| text.trim().to_lowercase();
        let own = self.data.as_deref();
        self.data_type == data_type && own.is_some_and(|own| own == data || plain(own) == plain(data))
    }

    /// Is it a file with these bytes?
    pub fn has_file(&self, sha256: &str) -> bool {
        self.attachment.as_ref().is_some_and(|file| file.has_digest(sha256))
    }

    /// Is it already as the change would leave it?
    pub fn is_as_asked(&self, body: &ObservablePatchBody<'_>) -> bool {
        let ObservablePatchBody {
            message,
            tlp,
            pap,
            ioc,
            sighted,
            ignore_similarity,
            add_tags,
            remove_tags,
        } = body;
        message.is_none_or(|message| self.message.as_deref().unwrap_or_default() == message)
            && tlp.is_none_or(|tlp| self.tlp == i64::from(tlp))
            && pap.is_none_or(|pap| self.pap == i64::from(pap))
            && ioc.is_none_or(|ioc| self.ioc == ioc)
            && sighted.is_none_or(|sighted| self.sighted == sighted)
            && ignore_similarity.is_none_or(|ignore| self.ignore_similarity == ignore)
            && add_tags.iter().all(|tag| self.tags.contains(tag))
            && !remove_tags.iter().any(|tag| self.tags.contains(tag))
    }

    /// As guests see it.
    pub fn into_existing(self) -> Result<Existing, Error> {
        let sha256 = self.attachment.as_ref().and_then(AttachmentRow::sha256);
        let attachment_id = self.attachment.as_ref().and_then(AttachmentRow::handle);
        Ok(Existing {
            attachment_id: attachment_id.map(str::to_owned),
            id: self.id,
            data_type: self.data_type,
            data: self.data,
            file_name: self.attachment.map(|file| file.name),
            sha256,
            message: self.message,
            tags: self.tags,
            tlp: read_tlp(self.tlp, SCALE)?,
            pap: read_pap(self.pap)?,
            ioc: self.ioc,
            sighted: self.sighted,
            ignore_similarity: self.ignore_similarity,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
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
