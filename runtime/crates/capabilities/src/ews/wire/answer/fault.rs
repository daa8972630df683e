//! Why did the server refuse? Codes, texts and the time to wait, out of faults and response messages (contract section 4, D28).

use std::io::BufRead;

use super::super::model::{Refusal, Trouble};
use super::super::reader::{Reader, Tag};

/// What was told about an error so far.
#[derive(Debug, Default)]
pub struct Told {
    /// `ResponseCode`
    pub code: String,
    /// `MessageText`, or what a fault says.
    pub message: String,
    inner_code: Option<String>,
    back_off_ms: Option<u64>,
}

impl Told {
    /// The values of a `MessageXml`, each by its name: other elements in there have numbers too (D28).
    pub fn values<R: BufRead>(&mut self, reader: &mut Reader<R>, tag: &Tag) -> Result<(), Trouble> {
        reader.children(tag, |reader, tag| {
            if tag.name != "Value" {
                return Ok(());
            }
            match tag.attribute("Name").as_deref() {
                Some("BackOffMilliseconds") => self.back_off_ms = reader.word(tag)?,
                Some("InnerErrorResponseCode") => self.inner_code = reader.some_text(tag)?,
                _ => {}
            }
            Ok(())
        })
    }

    /// All of it.
    pub fn refusal(self) -> Refusal {
        let code = match self.inner_code {
            Some(inner) if self.code == "ErrorInternalServerError" => inner.trim().to_owned(),
            _ => self.code,
        };
        Refusal {
            code,
            message: self.message,
            back_off_ms: self.back_off_ms,
        }
    }
}

/// A SOAP fault, with or without `detail`.
pub fn fault<R: BufRead>(reader: &mut Reader<R>, tag: &Tag) -> Result<Refusal, Trouble> {
    let mut told = Told::default();
    let mut fault_code = String::new();
    let mut detail_message = String::new();
    reader.children(tag, |reader, tag| {
        match tag.name.as_str() {
            "faultcode" => fault_code = reader.text(tag)?,
            "faultstring" => told.message = reader.text(tag)?,
            "detail" => reader.children(tag, |reader, tag| {
                match tag.name.as_str() {
                    "ResponseCode" => told.code = reader.text(tag)?.trim().to_owned(),
                    "Message" => detail_message = reader.text(tag)?,
                    "MessageXml" => told.values(reader, tag)?,
                    _ => {}
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    if told.message.is_empty() {
        told.message = detail_message;
    }
    if told.code.is_empty() {
        // `a:ErrorSchemaValidation` at Exchange, `SOAP:Client` or a code alone elsewhere (fixtures 018, 079).
        let last = fault_code.trim().rsplit(':').next();
        told.code = last.unwrap_or_default().to_owned();
    }
    Ok(told.refusal())
}
