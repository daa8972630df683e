//! How much may a reader take in before it is told to stop?

use std::io::{self, BufRead, Read};

/// A source that fails once it has given more bytes than its limit.
#[derive(Debug)]
pub struct Metered<R> {
    source: R,
    limit: u64,
    left: u64,
    exceeded: bool,
}

impl<R> Metered<R> {
    /// A source that gives at most `limit` bytes.
    pub const fn new(source: R, limit: u64) -> Self {
        Self {
            source,
            limit,
            left: limit,
            exceeded: false,
        }
    }

    /// Counts from the beginning again: what came so far was passed on, not kept.
    pub const fn refill(&mut self) {
        self.left = self.limit;
    }

    /// The limit, if the source had more than that.
    pub const fn exceeded(&self) -> Option<u64> {
        if self.exceeded { Some(self.limit) } else { None }
    }
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let taken = self.fill_buf()?.read(buf)?;
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.source.fill_buf()?;
        if self.left == 0 && !bytes.is_empty() {
            self.exceeded = true;
            return Err(io::Error::other("more bytes than the limit"));
        }
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.get(..length).unwrap_or(bytes))
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(u64::try_from(amount).unwrap_or(u64::MAX));
        self.source.consume(amount);
    }
}
