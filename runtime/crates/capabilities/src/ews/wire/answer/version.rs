//! Which server answered? The version in the answer's header (contract section 1).

use super::super::model::Trouble;
use super::super::reader::{Ns, Reader, Tag};
use super::MAX_ANSWER;

/// For people: `15.2.1544.4 (V2017_07_11)`, as far as the answer says it. None if it does not, or is no EWS answer.
pub fn server_version(answer: &[u8]) -> Option<String> {
    let mut found = None;
    // What follows the header does not matter.
    let _ = Reader::new(answer, MAX_ANSWER).document(|reader, root| {
        reader.children(root, |reader, part| {
            if part.is(Ns::Soap, "Body") {
                // Headers come before it.
                return Err(Trouble::Malformed(String::new()));
            }
            reader.children(part, |_, tag| {
                if tag.is(Ns::Types, "ServerVersionInfo") {
                    found = describe(tag);
                }
                Ok(())
            })
        })
    });
    found
}

fn describe(tag: &Tag) -> Option<String> {
    let numbers: Vec<String> = ["MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber"]
        .into_iter()
        .map_while(|name| tag.attribute(name))
        .collect();
    match (numbers.join("."), tag.attribute("Version")) {
        (numbers, None) if numbers.is_empty() => None,
        (numbers, None) => Some(numbers),
        (numbers, Some(schema)) if numbers.is_empty() => Some(schema),
        (numbers, Some(schema)) => Some(format!("{numbers} ({schema})")),
    }
}
