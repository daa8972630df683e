//! How is an answer walked through? A pull reader with caps, which sees namespaces and local names only and skips what nobody asked for.

use std::io::BufRead;

use quick_xml::Reader as Pull;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};

use super::metered::Metered;
use super::model::Trouble;
use super::text;
use super::writer::{MESSAGES, SOAP, TYPES};

/// EWS nests about 15 deep.
pub const MAX_DEPTH: usize = 64;
/// EWS elements have about 6, with all namespaces declared on one.
pub const MAX_ATTRIBUTES: usize = 64;
/// As many as an envelope has all in all; with the depth it bounds the search for a prefix.
pub const MAX_NAMESPACES: usize = 16;
/// 100 items with 512 headers each and everything else are below 100,000.
pub const MAX_ELEMENTS: u32 = 500_000;
/// Longer than every name that means something here, and short enough for a message.
const MAX_NAME_CHARS: usize = 64;
/// What is told about a broken document, in characters: its names are the server's.
const MAX_REASON_CHARS: usize = 200;
/// What an answer may leave in memory, in bytes (contract section 4).
pub const MAX_KEPT: u64 = 16 << 20;

/// Namespaces that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ns {
    /// The SOAP 1.1 envelope.
    Soap,
    /// Operations.
    Messages,
    /// Their parts.
    Types,
    /// Any other one, or none.
    Other,
}

impl Ns {
    fn of(resolved: &ResolveResult<'_>) -> Self {
        let ResolveResult::Bound(Namespace(uri)) = resolved else {
            return Self::Other;
        };
        [(SOAP, Self::Soap), (MESSAGES, Self::Messages), (TYPES, Self::Types)]
            .into_iter()
            .find_map(|(known, ns)| (known.as_bytes() == *uri).then_some(ns))
            .unwrap_or(Self::Other)
    }
}

/// An element that was opened.
#[derive(Debug)]
pub struct Tag {
    /// Its namespace.
    pub ns: Ns,
    /// Its local name.
    pub name: String,
    start: BytesStart<'static>,
    depth: usize,
}

impl Tag {
    /// Is it this element?
    pub fn is(&self, ns: Ns, name: &str) -> bool {
        self.ns == ns && self.name == name
    }

    /// An attribute's value; none if it is not there or empty.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let found = attributes.find(|one| one.key.as_ref() == name.as_bytes())?;
        Some(text::attribute(&found.value)).filter(|value| !value.is_empty())
    }
}

enum Step {
    Open(Tag),
    Close,
    Between,
    End,
}

/// Walks through one document.
///
/// Namespaces are resolved here and not by quick-xml's `NsReader`, because that one does not give out its stream.
pub struct Reader<R: BufRead> {
    inner: Pull<Metered<R>>,
    namespaces: NamespaceResolver,
    buffer: Vec<u8>,
    depth: usize,
    elements: u32,
    kept: u64,
    /// The element that was opened last has no content: its end is not in the document.
    is_empty: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads a document of at most `limit` bytes.
    pub fn new(source: R, limit: u64) -> Self {
        let mut namespaces = NamespaceResolver::default();
        namespaces.set_max_declarations_per_element(MAX_NAMESPACES);
        Self {
            inner: Pull::from_reader(Metered::new(source, limit)),
            namespaces,
            buffer: Vec::new(),
            depth: 0,
            elements: 0,
            kept: 0,
            is_empty: false,
        }
    }

    /// Shows the root element to `visit`, and reads to the end of the document.
    pub fn document(&mut self, visit: impl FnOnce(&mut Self, &Tag) -> Result<(), Trouble>) -> Result<(), Trouble> {
        let mut visit = Some(visit);
        loop {
            match self.step(None)? {
                Step::Open(tag) => match visit.take() {
                    Some(visit) => {
                        visit(self, &tag)?;
                        self.leave(&tag)?;
                    }
                    None => return Err(Trouble::Malformed("more than one document".to_owned())),
                },
                Step::Close | Step::Between => {}
                Step::End if visit.is_some() => return Err(Trouble::Malformed("no document".to_owned())),
                Step::End => return Ok(()),
            }
        }
    }

    /// Shows each child of this element to `visit`, which may read it or leave it, and reads to the element's end.
    pub fn children(
        &mut self,
        of: &Tag,
        mut visit: impl FnMut(&mut Self, &Tag) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        while self.depth >= of.depth {
            if let Step::Open(tag) = self.step(None)? {
                visit(self, &tag)?;
                self.leave(&tag)?;
            }
        }
        Ok(())
    }

    /// The text of this element, without that of its children; reads to the element's end.
    pub fn text(&mut self, of: &Tag) -> Result<String, Trouble> {
        let mut text = String::new();
        while self.depth >= of.depth {
            if let Step::Open(tag) = self.step(Some(&mut text))? {
                self.leave(&tag)?;
            }
        }
        self.keep(text.len())?;
        Ok(text)
    }

    /// The same; none if there is no text.
    pub fn some_text(&mut self, of: &Tag) -> Result<Option<String>, Trouble> {
        Ok(Some(self.text(of)?).filter(|text| !text.is_empty()))
    }

    /// The same as a number or another word; none if it is not one.
    pub fn word<T: std::str::FromStr>(&mut self, of: &Tag) -> Result<Option<T>, Trouble> {
        Ok(self.text(of)?.trim().parse().ok())
    }

    /// The same as `xs:boolean`; none if it is not one.
    pub fn flag(&mut self, of: &Tag) -> Result<Option<bool>, Trouble> {
        Ok(flag(&self.text(of)?))
    }

    /// The same as moment; none if it is not one.
    pub fn moment(&mut self, of: &Tag) -> Result<Option<u64>, Trouble> {
        Ok(super::time::parse(&self.text(of)?))
    }

    /// Passes the raw content of this element on, in pieces that end anywhere, and reads to the element's end. Nothing of it is kept.
    pub fn stream(&mut self, of: &Tag, mut sink: impl FnMut(&[u8]) -> Result<(), Trouble>) -> Result<(), Trouble> {
        let mut between = String::new();
        while self.depth >= of.depth {
            while !self.is_empty {
                self.inner.get_mut().refill();
                let mut source = self.inner.stream();
                let bytes = match source.fill_buf() {
                    Ok(bytes) => bytes,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(io_trouble(&error)),
                };
                // References and markup are the reader's.
                let end = bytes.iter().position(|byte| matches!(byte, b'<' | b'&'));
                let run = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes);
                sink(run)?;
                let (length, whole) = (run.len(), bytes.is_empty() || end.is_some());
                source.consume(length);
                if whole {
                    break;
                }
            }
            if let Step::Open(tag) = self.step(Some(&mut between))? {
                return Err(Trouble::Malformed(format!("<{}> inside base64", tag.name)));
            }
            sink(between.as_bytes())?;
            between.clear();
        }
        Ok(())
    }

    /// Counts bytes that stay in memory.
    pub fn keep(&mut self, bytes: usize) -> Result<(), Trouble> {
        self.kept = self.kept.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.kept > MAX_KEPT {
            return Err(Trouble::TooLarge(MAX_KEPT));
        }
        Ok(())
    }

    /// Adds to a list, and counts it.
    pub fn push<T>(&mut self, list: &mut Vec<T>, one: T) -> Result<(), Trouble> {
        self.keep(size_of::<T>())?;
        list.push(one);
        Ok(())
    }

    /// Reads to the end of this element, if that has not been done.
    fn leave(&mut self, tag: &Tag) -> Result<(), Trouble> {
        while self.depth >= tag.depth {
            self.step(None)?;
        }
        Ok(())
    }

    /// The next piece of markup. Text is added to `text`.
    fn step(&mut self, text: Option<&mut String>) -> Result<Step, Trouble> {
        if std::mem::take(&mut self.is_empty) {
            return Ok(self.close());
        }
        self.buffer.clear();
        let event = match self.inner.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(trouble(&error, self.inner.get_ref())),
        };
        let raw = match event {
            Event::Start(start) => {
                let start = start.into_owned();
                return self.open(start, false);
            }
            Event::Empty(start) => {
                let start = start.into_owned();
                return self.open(start, true);
            }
            Event::End(_) => return Ok(self.close()),
            Event::Eof if self.depth > 0 => return Err(Trouble::Malformed("it ends early".to_owned())),
            Event::Eof => return Ok(Step::End),
            Event::DocType(_) => return Err(Trouble::Malformed("it has a document type".to_owned())),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => return Ok(Step::Between),
            Event::GeneralRef(name) => text::reference(&name).to_string(),
            Event::Text(raw) if text.is_some() => text::content(&raw),
            Event::CData(raw) if text.is_some() => text::content(&raw),
            Event::Text(_) | Event::CData(_) => return Ok(Step::Between),
        };
        if let Some(text) = text {
            if text.len().saturating_add(raw.len()) as u64 > MAX_KEPT {
                return Err(Trouble::TooLarge(MAX_KEPT));
            }
            text.push_str(&raw);
        }
        Ok(Step::Between)
    }

    fn close(&mut self) -> Step {
        self.depth = self.depth.saturating_sub(1);
        self.namespaces.pop();
        Step::Close
    }

    fn open(&mut self, start: BytesStart<'static>, is_empty: bool) -> Result<Step, Trouble> {
        self.depth = self.depth.saturating_add(1);
        self.elements = self.elements.saturating_add(1);
        self.is_empty = is_empty;
        // Its attributes may be kept.
        self.keep(start.len())?;
        if self.depth > MAX_DEPTH {
            return Err(Trouble::Malformed(format!("nested deeper than {MAX_DEPTH}")));
        }
        if self.elements > MAX_ELEMENTS {
            return Err(Trouble::Malformed(format!("more than {MAX_ELEMENTS} elements")));
        }
        for (index, attribute) in start.attributes().with_checks(false).enumerate() {
            if index >= MAX_ATTRIBUTES {
                return Err(Trouble::Malformed(format!("more than {MAX_ATTRIBUTES} attributes")));
            }
            attribute.map_err(malformed)?;
        }
        self.namespaces.push(&start).map_err(malformed)?;
        let (ns, name) = self.namespaces.resolve_element(start.name());
        let name = String::from_utf8_lossy(name.as_ref());
        let (ns, name) = (Ns::of(&ns), name.chars().take(MAX_NAME_CHARS).collect());
        Ok(Step::Open(Tag {
            ns,
            name,
            start,
            depth: self.depth,
        }))
    }
}

/// `xs:boolean`; none if it is not one.
pub fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// What became of a source or sink.
pub fn io_trouble(error: &std::io::Error) -> Trouble {
    Trouble::Io(error.kind(), error.to_string())
}

fn malformed(error: impl std::fmt::Display) -> Trouble {
    Trouble::Malformed(error.to_string().chars().take(MAX_REASON_CHARS).collect())
}

fn trouble<R>(error: &quick_xml::Error, source: &Metered<R>) -> Trouble {
    match (source.exceeded(), error) {
        (Some(limit), _) => Trouble::TooLarge(limit),
        (None, quick_xml::Error::Io(error)) => io_trouble(error),
        (None, error) => malformed(error),
    }
}
