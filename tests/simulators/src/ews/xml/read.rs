//! How does a request become a tree? Namespaces are resolved; prefixes do not matter.

use super::{MESSAGES, SOAP, TYPES};
use quick_xml::{
    NsReader,
    events::{BytesRef, BytesStart, Event},
    name::ResolveResult,
};

/// Deepest request that is read; restrictions nest, but not like this.
const MAX_DEPTH: usize = 64;

/// The namespace of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ns {
    /// `soap:`
    Soap,
    /// `m:`
    Messages,
    /// `t:`
    Types,
    /// Anything else.
    Other,
}

/// One element of a request.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its namespace.
    pub ns: Ns,
    /// Its local name.
    pub name: String,
    /// Attributes by local name, in order.
    pub attributes: Vec<(String, String)>,
    /// Child elements, in order.
    pub children: Vec<Element>,
    /// The text directly inside.
    pub text: String,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of a child, without spaces around it.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// The children of a child (a list such as `ItemIds`).
    pub fn list(&self, name: &str) -> &[Self] {
        self.child(name).map_or(&[], |child| &child.children)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Parses a document. Errors: not well-formed, a document type, too deep.
pub fn parse(text: &[u8]) -> Result<Element, String> {
    let mut reader = NsReader::from_reader(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let (ns, event) = reader
            .read_resolved_event_into(&mut buffer)
            .map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    return Err("the request is nested too deeply".to_owned());
                }
                open.push(element(known(&ns), &start)?);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else {
                    return Err("an end without a start".to_owned());
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Ok(done),
                }
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|error| error.to_string())?;
                append(&mut open, &text);
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|error| error.to_string())?;
                append(&mut open, &text);
            }
            Event::GeneralRef(reference) => append(&mut open, &resolve(&reference)?),
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            Event::Eof => return Err("the document ends too early".to_owned()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn known(ns: &ResolveResult<'_>) -> Ns {
    let ResolveResult::Bound(ns) = ns else { return Ns::Other };
    match ns.as_ref() {
        uri if uri == SOAP.as_bytes() => Ns::Soap,
        uri if uri == MESSAGES.as_bytes() => Ns::Messages,
        uri if uri == TYPES.as_bytes() => Ns::Types,
        _ => Ns::Other,
    }
}

fn element(ns: Ns, start: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        attributes.push((name, value.into_owned()));
    }
    Ok(Element {
        ns,
        name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
        attributes,
        children: Vec::new(),
        text: String::new(),
    })
}

/// Exchange refuses references to characters that XML 1.0 forbids.
fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(found) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        let allowed = matches!(found, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        return allowed
            .then(|| found.to_string())
            .ok_or_else(|| format!("hexadecimal value 0x{:02X} is an invalid character", u32::from(found)));
    }
    let name = reference.decode().map_err(|error| error.to_string())?;
    match name.as_ref() {
        "amp" => Ok("&".to_owned()),
        "lt" => Ok("<".to_owned()),
        "gt" => Ok(">".to_owned()),
        "quot" => Ok("\"".to_owned()),
        "apos" => Ok("'".to_owned()),
        other => Err(format!("reference to undeclared entity {other:?}")),
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}
