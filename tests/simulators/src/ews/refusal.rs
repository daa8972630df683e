//! How does Exchange say no? A response code with a text, for one item of a batch or as a fault for the whole request.

use super::xml::{ERRORS, TYPES, Xml};

/// Why an item or a request is refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The response code, for example `ErrorItemNotFound`.
    pub code: String,
    /// The text for people.
    pub text: String,
    /// Named values beside it (`BackOffMilliseconds`).
    pub values: Vec<(String, String)>,
}

impl Refusal {
    /// A refusal with a code and a text.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            text: text.into(),
            values: Vec::new(),
        }
    }

    /// The text of a well-known code.
    pub fn of(code: &str) -> Self {
        Self::new(code, text(code))
    }

    /// The request does not fit the schema.
    pub fn schema(violation: &str) -> Self {
        let mut refusal = Self::new(
            "ErrorSchemaValidation",
            format!("The request failed schema validation: {violation}"),
        );
        refusal.values.push(("Violation".to_owned(), violation.to_owned()));
        refusal
    }

    /// Too busy (contract section 4); without a time the client has to choose one itself.
    pub fn busy(back_off_ms: Option<u64>) -> Self {
        let mut refusal = Self::of("ErrorServerBusy");
        let value = back_off_ms.map(|ms| ("BackOffMilliseconds".to_owned(), ms.to_string()));
        refusal.values.extend(value);
        refusal
    }

    /// `MessageText`, `ResponseCode`, `DescriptiveLinkKey`, `MessageXml` of a response message.
    pub fn write(&self, xml: &mut Xml) {
        xml.leaf("m:MessageText", &self.text);
        xml.leaf("m:ResponseCode", &self.code);
        xml.leaf("m:DescriptiveLinkKey", "0");
        if !self.values.is_empty() {
            xml.within("m:MessageXml", |xml| self.write_values(xml));
        }
    }

    /// The body of a fault; the envelope is written by the caller.
    pub fn write_fault(&self, xml: &mut Xml) {
        xml.open("s:Fault", &[]);
        let client = self.code.starts_with("ErrorSchema") || self.code.starts_with("ErrorInvalidServerVersion");
        let kind = if client {
            "s:Client".to_owned()
        } else {
            format!("a:{}", self.code)
        };
        xml.leaf_with("faultcode", &[("xmlns:a", TYPES)], &kind);
        xml.leaf_with("faultstring", &[("xml:lang", "en-US")], &self.text);
        xml.open("detail", &[]);
        xml.leaf_with("e:ResponseCode", &[("xmlns:e", ERRORS)], &self.code);
        xml.leaf_with("e:Message", &[("xmlns:e", ERRORS)], &self.text);
        if !self.values.is_empty() {
            xml.open("t:MessageXml", &[("xmlns:t", TYPES)]);
            self.write_values(xml);
            xml.close("t:MessageXml");
        }
        xml.close("detail");
        xml.close("s:Fault");
    }

    fn write_values(&self, xml: &mut Xml) {
        for (name, value) in &self.values {
            if name == "Violation" {
                xml.leaf("t:Violation", value);
            } else {
                xml.leaf_with("t:Value", &[("Name", name)], value);
            }
        }
    }
}

fn text(code: &str) -> &'static str {
    match code {
        "ErrorItemNotFound" => "The specified object was not found in the store.",
        "ErrorFolderNotFound" => "The specified folder could not be found in the store.",
        "ErrorInvalidIdMalformed" => "Id is malformed.",
        "ErrorInvalidAttachmentId" => "The attachment id is invalid.",
        "ErrorAccessDenied" => "Access is denied. Check credentials and try again.",
        "ErrorNonExistentMailbox" => "The SMTP address has no mailbox associated with it.",
        "ErrorImpersonateUserDenied" => "The account does not have permission to impersonate the requested user.",
        "ErrorChangeKeyRequired" => "A change key is required for this conflict resolution.",
        "ErrorInvalidChangeKey" => "The change key is invalid.",
        "ErrorIrresolvableConflict" => {
            "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item."
        }
        "ErrorServerBusy" => "The server cannot service this request right now. Try again later.",
        "ErrorInvalidSyncStateData" => "The synchronization state data is corrupt or otherwise invalid.",
        "ErrorInvalidServerVersion" => "The specified server version is invalid.",
        "ErrorExceededFindCountLimit" => {
            "Exceeded the maximum number of items that a search may return. Use paging to reduce the result size."
        }
        "ErrorItemCorrupt" => "The item is corrupt.",
        "ErrorMimeContentConversionFailed" => "MIME content conversion failed.",
        "ErrorCannotOpenFileAttachment" => "The file attachment cannot be opened.",
        "ErrorMessageDispositionRequired" => "Message disposition is required for this operation.",
        "ErrorFolderExists" => "A folder with the specified name already exists.",
        _ => "The request was refused.",
    }
}
