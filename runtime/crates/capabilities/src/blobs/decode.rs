//! How does a part of a mail become the bytes that its sender attached? (RFC 2045, section 6)
//!
//! In a stream: any cut of the input into chunks gives the same bytes. Nothing is refused; what is malformed is read as mail programs
//! read it, because evidence that cannot be opened is worth less than evidence with a scar.

use crate::bindings::synapse::workflow::blobs::Encoding;

/// White space that is kept back until it is known not to end a line. RFC 2045 lines have 76 characters; beyond this it is data.
const HELD_BACK: usize = 1_024;

/// Undoes a transfer encoding.
#[derive(Debug)]
pub enum Decoder {
    /// There is none.
    Identity,
    /// Base64: bits that do not make a byte yet.
    Base64(Base64),
    /// Quoted-printable.
    QuotedPrintable(QuotedPrintable),
}

impl Decoder {
    /// For this encoding.
    pub fn of(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Identity => Self::Identity,
            Encoding::Base64 => Self::Base64(Base64::default()),
            Encoding::QuotedPrintable => Self::QuotedPrintable(QuotedPrintable::default()),
        }
    }

    /// Decodes the next bytes.
    pub fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Identity => out.extend_from_slice(input),
            Self::Base64(decoder) => input.iter().for_each(|byte| decoder.feed(*byte, out)),
            Self::QuotedPrintable(decoder) => input.iter().for_each(|byte| decoder.feed(*byte, out)),
        }
    }

    /// The input is over.
    pub fn end(self, out: &mut Vec<u8>) {
        match self {
            Self::Identity => {}
            Self::Base64(mut decoder) => decoder.flush(out),
            Self::QuotedPrintable(decoder) => decoder.end(out),
        }
    }
}

/// Four characters are three bytes. Padding ends a group, not the input: some programs join encoded parts.
#[derive(Debug, Default)]
pub struct Base64 {
    bits: u32,
    characters: u8,
}

impl Base64 {
    fn feed(&mut self, byte: u8, out: &mut Vec<u8>) {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' => return self.flush(out),
            _ => return,
        };
        self.bits = (self.bits << 6) | u32::from(value);
        self.characters = self.characters.wrapping_add(1);
        if self.characters == 4 {
            let [_, first, second, third] = self.bits.to_be_bytes();
            out.extend_from_slice(&[first, second, third]);
            *self = Self::default();
        }
    }

    /// The bytes of a group that is not full: two characters are one byte, three are two, one is none.
    fn flush(&mut self, out: &mut Vec<u8>) {
        match self.characters {
            2 => {
                let [_, first, _, _] = (self.bits << 12).to_be_bytes();
                out.push(first);
            }
            3 => {
                let [_, first, second, _] = (self.bits << 6).to_be_bytes();
                out.extend_from_slice(&[first, second]);
            }
            _ => {}
        }
        *self = Self::default();
    }
}

/// `=XY` is a byte, `=` at the end of a line joins it with the next, white space at the end of a line was added on the way.
#[derive(Debug, Default)]
pub struct QuotedPrintable {
    state: State,
    /// White space of which it is not known yet what it is.
    space: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    /// In the text.
    #[default]
    Text,
    /// After `=`.
    Equals,
    /// After `=` and white space.
    EqualsSpace,
    /// After `=` and a carriage return.
    EqualsReturn,
    /// After `=` and one hexadecimal digit.
    EqualsDigit(u8),
}

impl QuotedPrintable {
    fn feed(&mut self, byte: u8, out: &mut Vec<u8>) {
        match (self.state, byte) {
            (State::Text, _) => self.text(byte, out),
            (State::Equals | State::EqualsSpace, b'\n') | (State::EqualsReturn, b'\n') => self.join(),
            (State::Equals | State::EqualsSpace, b'\r') => {
                self.space.clear();
                self.state = State::EqualsReturn;
            }
            (State::Equals | State::EqualsSpace, b' ' | b'\t') if self.space.len() < HELD_BACK => {
                self.space.push(byte);
                self.state = State::EqualsSpace;
            }
            (State::Equals, _) if byte.is_ascii_hexdigit() => self.state = State::EqualsDigit(byte),
            (State::Equals | State::EqualsSpace, _) => {
                out.push(b'=');
                self.as_text(byte, out);
            }
            (State::EqualsReturn, _) => {
                self.join();
                self.text(byte, out);
            }
            (State::EqualsDigit(first), _) => match (digit(first), digit(byte)) {
                (Some(high), Some(low)) => {
                    out.push((high << 4) | low);
                    self.state = State::Text;
                }
                _ => {
                    out.extend_from_slice(&[b'=', first]);
                    self.as_text(byte, out);
                }
            },
        }
    }

    fn text(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b' ' | b'\t' if self.space.len() < HELD_BACK => self.space.push(byte),
            b'\r' | b'\n' => {
                self.space.clear();
                out.push(byte);
            }
            b'=' => {
                out.append(&mut self.space);
                self.state = State::Equals;
            }
            _ => {
                out.append(&mut self.space);
                out.push(byte);
            }
        }
    }

    /// A line ends softly.
    fn join(&mut self) {
        self.space.clear();
        self.state = State::Text;
    }

    /// What looked like a code is text; so is the white space after it.
    fn as_text(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.append(&mut self.space);
        self.state = State::Text;
        self.text(byte, out);
    }

    fn end(self, out: &mut Vec<u8>) {
        if let State::EqualsDigit(first) = self.state {
            out.extend_from_slice(&[b'=', first]);
        }
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
