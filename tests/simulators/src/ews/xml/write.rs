//! How is an answer written? As pieces: text, and base64 of content that is never in memory as a whole.

use crate::ews::content::Content;
use axum::body::{Body, Bytes};
use std::{convert::Infallible, fmt::Write as _};

enum Piece {
    Text(String),
    Base64(Content),
}

/// A growing answer.
#[derive(Default)]
pub struct Xml {
    done: Vec<Piece>,
    text: String,
}

impl Xml {
    /// Opens an element; `attributes` are escaped here.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push('>');
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        let _ = write!(self.text, "</{name}>");
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.text.push_str("/>");
    }

    /// An element with text.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    /// An element with attributes and text.
    pub fn leaf_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        escape(&mut self.text, text);
        self.close(name);
    }

    /// An element with `true` or `false`.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.leaf(name, if value { "true" } else { "false" });
    }

    /// An element with whatever `inside` writes.
    pub fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.open(name, &[]);
        inside(self);
        self.close(name);
    }

    /// Text that is XML already.
    pub fn raw(&mut self, xml: &str) {
        self.text.push_str(xml);
    }

    /// An element with content in base64, made while it is sent.
    pub fn base64(&mut self, name: &str, attributes: &[(&str, &str)], content: Content) {
        self.open(name, attributes);
        self.done.push(Piece::Text(std::mem::take(&mut self.text)));
        self.done.push(Piece::Base64(content));
        self.close(name);
    }

    /// Adds what another one holds.
    pub fn append(&mut self, other: Self) {
        for piece in other.done {
            if let Piece::Text(text) = piece {
                self.text.push_str(&text);
            } else {
                self.done.push(Piece::Text(std::mem::take(&mut self.text)));
                self.done.push(piece);
            }
        }
        self.text.push_str(&other.text);
    }

    /// The answer as an HTTP body; large content is made chunk by chunk while the client reads.
    pub fn into_body(mut self) -> Body {
        self.done.push(Piece::Text(std::mem::take(&mut self.text)));
        if let [Piece::Text(text)] = self.done.as_mut_slice() {
            return Body::from(std::mem::take(text));
        }
        let chunks = self
            .done
            .into_iter()
            .flat_map(|piece| -> Box<dyn Iterator<Item = Bytes> + Send> {
                match piece {
                    Piece::Text(text) => Box::new(std::iter::once(Bytes::from(text))),
                    Piece::Base64(content) => Box::new(content.into_base64()),
                }
            });
        Body::from_stream(futures::stream::iter(chunks.map(Ok::<_, Infallible>)))
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"");
            escape(&mut self.text, value);
            self.text.push('"');
        }
    }
}

/// Exchange writes characters that XML 1.0 forbids as references, which are forbidden too (contract section 4): so do we.
fn escape(out: &mut String, text: &str) {
    for found in text.chars() {
        match found {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(found),
            '\0'..=' ' | '\u{fffe}' | '\u{ffff}' if found != ' ' => {
                let _ = write!(out, "&#x{:X};", u32::from(found));
            }
            _ => out.push(found),
        }
    }
}
