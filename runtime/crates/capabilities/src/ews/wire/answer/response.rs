//! Is it the answer to our question, and what became of each input? The body element, response classes and codes (contract sections 0 and 4).

use std::io::BufRead;

use super::super::model::{PerItem, Refusal, Trouble};
use super::super::reader::{Ns, Reader, Tag};
use super::fault::{Told, fault};

/// The largest answer that is read from memory, in bytes. What of it is kept has a smaller limit.
pub const MAX_ANSWER: u64 = 128 << 20;

/// Reads a whole answer. `content` is shown what a response message contains besides its status, and says whether that was content.
/// A message is a refusal if it says `Error`, or if it says `Warning` (`ErrorBatchProcessingStopped`: not tried) and has no content.
pub fn response<R: BufRead, T: Default>(
    reader: &mut Reader<R>,
    operation: &str,
    mut content: impl FnMut(&mut Reader<R>, &Tag, &mut T) -> Result<bool, Trouble>,
) -> Result<PerItem<T>, Trouble> {
    let mut results = None;
    reader.document(|reader, root| {
        if !root.is(Ns::Soap, "Envelope") {
            return Err(Trouble::Malformed(format!("not a SOAP envelope, but <{}>", root.name)));
        }
        reader.children(root, |reader, part| {
            if !part.is(Ns::Soap, "Body") {
                return Ok(());
            }
            reader.children(part, |reader, tag| {
                if results.is_none() {
                    results = Some(body(reader, tag, operation, &mut content)?);
                }
                Ok(())
            })
        })
    })?;
    results.ok_or_else(|| Trouble::Malformed("the envelope has no body".to_owned()))
}

fn body<R: BufRead, T: Default>(
    reader: &mut Reader<R>,
    tag: &Tag,
    operation: &str,
    content: &mut impl FnMut(&mut Reader<R>, &Tag, &mut T) -> Result<bool, Trouble>,
) -> Result<PerItem<T>, Trouble> {
    if tag.is(Ns::Soap, "Fault") {
        return Err(Trouble::Fault(fault(reader, tag)?));
    }
    let expected = format!("{operation}Response");
    if !tag.is(Ns::Messages, &expected) {
        return Err(Trouble::OtherOperation {
            expected,
            got: tag.name.clone(),
        });
    }
    let mut results = Vec::new();
    reader.children(tag, |reader, tag| {
        if !tag.is(Ns::Messages, "ResponseMessages") {
            return Ok(());
        }
        reader.children(tag, |reader, tag| {
            if tag.ns != Ns::Messages {
                return Ok(());
            }
            let result = message(reader, tag, content)?;
            reader.push(&mut results, result)
        })
    })?;
    Ok(results)
}

fn message<R: BufRead, T: Default>(
    reader: &mut Reader<R>,
    tag: &Tag,
    content: &mut impl FnMut(&mut Reader<R>, &Tag, &mut T) -> Result<bool, Trouble>,
) -> Result<Result<T, Refusal>, Trouble> {
    let class = tag.attribute("ResponseClass");
    let mut told = Told::default();
    let mut answer = T::default();
    let mut has_content = false;
    reader.children(tag, |reader, tag| {
        match (tag.ns, tag.name.as_str()) {
            (Ns::Messages, "ResponseCode") => told.code = reader.text(tag)?.trim().to_owned(),
            (Ns::Messages, "MessageText") => told.message = reader.text(tag)?,
            (Ns::Messages, "MessageXml") => told.values(reader, tag)?,
            _ if class.as_deref() == Some("Error") => {}
            _ => has_content |= content(reader, tag, &mut answer)?,
        }
        Ok(())
    })?;
    let fine = matches!(told.code.as_str(), "" | "NoError");
    let accepted = match class.as_deref() {
        Some("Error") => false,
        Some("Warning") => has_content || fine,
        _ => fine,
    };
    Ok(if accepted { Ok(answer) } else { Err(told.refusal()) })
}

/// The only result of an operation that has one.
pub fn only<T>(results: PerItem<T>) -> Result<T, Trouble> {
    match results.into_iter().next() {
        Some(result) => result.map_err(Trouble::Fault),
        None => Err(Trouble::Malformed("the answer has no response message".to_owned())),
    }
}
