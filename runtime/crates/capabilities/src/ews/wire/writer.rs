//! How is a request put together? quick-xml's writer, with names from two namespaces and values that cannot break out (contract section 1).

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text::escape;

/// Namespace of SOAP 1.1 envelopes; prefix `soap`.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of operations; prefix `m`.
pub const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
/// Namespace of their parts; prefix `t`.
pub const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";

/// Attributes of an element: name and value, the value not escaped yet.
pub type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A document under construction. Names are ours, values are anybody's.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A document with its declaration.
    pub fn new() -> Self {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
        xml
    }

    /// `<name attributes>…</name>`
    pub fn element(&mut self, name: &str, attributes: Attributes<'_>, content: impl FnOnce(&mut Self)) {
        self.put(Event::Start(start(name, attributes)));
        content(self);
        self.put(Event::End(BytesEnd::new(name)));
    }

    /// `<name>…</name>`
    pub fn parent(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.element(name, &[], content);
    }

    /// `<name>text</name>`
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.parent(name, |xml| xml.put(Event::Text(BytesText::from_escaped(escape(text)))));
    }

    /// `<name attributes/>`
    pub fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.put(Event::Empty(start(name, attributes)));
    }

    /// The document.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    fn put(&mut self, event: Event<'_>) {
        let written = self.0.write_event(event);
        debug_assert!(written.is_ok(), "a Vec takes everything");
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'_>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((name.as_bytes(), escape(value).as_bytes()));
    }
    start
}
