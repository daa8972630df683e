//! How does base64 become bytes when it comes in pieces that end anywhere? White space is skipped, everything else must be right.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::model::Trouble;
use super::reader::io_trouble;

/// Characters that are decoded at once; a multiple of four.
const BLOCK: usize = 16 << 10;
/// White space beyond one for each character: a line break for every 76 is usual, endless white space is an attack.
const MAX_SPACE: u64 = 1 << 20;

/// Decodes into a sink.
pub struct Decoder<'a> {
    sink: &'a mut dyn FnMut(&[u8]) -> io::Result<()>,
    block: Vec<u8>,
    bytes: Vec<u8>,
    space: u64,
    written: u64,
    ended: bool,
}

impl<'a> Decoder<'a> {
    /// Nothing was decoded yet.
    pub fn new(sink: &'a mut dyn FnMut(&[u8]) -> io::Result<()>) -> Self {
        Self {
            sink,
            block: Vec::with_capacity(BLOCK),
            bytes: Vec::with_capacity(BLOCK),
            space: 0,
            written: 0,
            ended: false,
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Trouble> {
        for byte in piece {
            if byte.is_ascii_whitespace() {
                self.space = self.space.saturating_add(1);
                continue;
            }
            self.block.push(*byte);
            if self.block.len() >= BLOCK {
                self.flush()?;
            }
        }
        if self.space > self.written.saturating_mul(2).saturating_add(MAX_SPACE) {
            return Err(Trouble::Malformed("base64 is mostly white space".to_owned()));
        }
        Ok(())
    }

    /// That was all; how many bytes the sink got.
    pub fn finish(mut self) -> Result<u64, Trouble> {
        self.flush()?;
        Ok(self.written)
    }

    fn flush(&mut self) -> Result<(), Trouble> {
        if self.block.is_empty() {
            return Ok(());
        }
        if self.ended {
            return Err(Trouble::Malformed("base64 goes on after its end".to_owned()));
        }
        self.ended = self.block.ends_with(b"=");
        self.bytes.clear();
        STANDARD
            .decode_vec(&self.block, &mut self.bytes)
            .map_err(|error| Trouble::Malformed(format!("base64: {error}")))?;
        self.block.clear();
        (self.sink)(&self.bytes).map_err(|error| io_trouble(&error))?;
        let length = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        self.written = self.written.saturating_add(length);
        Ok(())
    }
}
