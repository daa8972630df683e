//! What does a request say? Read back by quick-xml alone, without this layer's reader.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element of a request, with the prefixes that requests use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The root element of a document.
    pub fn parse(document: &[u8]) -> Self {
        let mut reader = Reader::from_reader(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Self::start(&start)),
                Event::Empty(start) => open.last_mut().unwrap().children.push(Self::start(&start)),
                Event::End(_) => {
                    let closed = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(closed);
                }
                Event::Text(text) => open.last_mut().unwrap().text.push_str(&text.decode().unwrap()),
                Event::GeneralRef(name) => {
                    let raw = format!("&{};", name.decode().unwrap());
                    open.last_mut()
                        .unwrap()
                        .text
                        .push_str(&quick_xml::escape::unescape(&raw).unwrap());
                }
                Event::Decl(_) => {}
                Event::Eof => return open.remove(0).children.remove(0),
                event => panic!("{event:?}"),
            }
        }
    }

    fn start(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|one| {
            let one = one.unwrap();
            let value = one.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
            (
                String::from_utf8(one.key.as_ref().to_vec()).unwrap(),
                value.into_owned(),
            )
        });
        Self {
            name: String::from_utf8(start.name().as_ref().to_vec()).unwrap(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    /// The first descendant of this name, itself included.
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The descendants at this path of first children.
    pub fn at(&self, name: &str) -> &Self {
        self.find(name).unwrap_or_else(|| panic!("no <{name}>"))
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// Names of the children.
    pub fn order(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.name.as_str()).collect()
    }
}
