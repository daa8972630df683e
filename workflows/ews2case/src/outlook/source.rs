//! How is a large container read without holding it?

use std::collections::{BTreeMap, VecDeque};

use synapse_guest::blobs::READ_BYTES;
use synapse_guest::error::Error;

/// Bytes of a block that is kept: tables are read entry by entry, and lie far apart.
const BLOCK: u64 = 4 << 10;
/// Blocks that are kept: 1 MiB of the workflow's memory.
const BLOCKS: usize = 256;
/// Blocks of one file that are fetched, so that a hostile layout cannot keep the host busy: a file of 512 MiB needs about 10,000.
const FETCHES: u32 = 32_768;

/// Ranges of one file that are read: more than the sectors of a file of 512 MiB. Ends circles, and what costs the workflow its fuel.
const STEPS: u32 = 2_000_000;

/// Why a file is not taken apart any further.
#[derive(Debug, Clone, PartialEq)]
pub enum Broken {
    /// What is wrong with the file, in short.
    Damaged(&'static str),
    /// The spool cannot be read.
    Host(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

/// Bytes that are fetched range by range.
pub struct Source<'a> {
    size: u64,
    fetch: Box<dyn Fn(u64, u32) -> Result<Vec<u8>, Error> + 'a>,
    kept: BTreeMap<u64, Vec<u8>>,
    order: VecDeque<u64>,
    fetches: u32,
    steps: u32,
}

impl<'a> Source<'a> {
    /// A file of this size; `fetch` answers at most [`READ_BYTES`] from an offset.
    pub fn new(size: u64, fetch: impl Fn(u64, u32) -> Result<Vec<u8>, Error> + 'a) -> Self {
        Self {
            size,
            fetch: Box::new(fetch),
            kept: BTreeMap::new(),
            order: VecDeque::new(),
            fetches: 0,
            steps: 0,
        }
    }

    /// Bytes that are in memory.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self::new(bytes.len() as u64, move |offset, len| {
            let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
            let to = from.saturating_add(len as usize).min(bytes.len());
            Ok(bytes[from..to].to_vec())
        })
    }

    /// Bytes of the whole file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a range to `out`.
    ///
    /// # Errors
    /// It is not inside the file, or too much of the file was fetched already.
    pub fn append(&mut self, offset: u64, len: u64, out: &mut Vec<u8>) -> Result<(), Broken> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(Broken::Damaged("it has too many parts"));
        }
        let end = offset.checked_add(len).filter(|end| *end <= self.size);
        let end = end.ok_or(Broken::Damaged("it ends too early"))?;
        let mut at = offset;
        while at < end {
            let left = end - at;
            if left >= BLOCK {
                let wanted = left.min(u64::from(READ_BYTES));
                self.fetches += u32::try_from(wanted / BLOCK).unwrap_or(FETCHES);
                let bytes = self.fetched(at, wanted)?;
                at += bytes.len() as u64;
                out.extend_from_slice(&bytes);
                continue;
            }
            let number = at / BLOCK;
            if !self.kept.contains_key(&number) {
                self.fetches += 1;
                let bytes = self.fetched(number * BLOCK, BLOCK.min(self.size - number * BLOCK))?;
                if self.order.len() == BLOCKS
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.kept.remove(&oldest);
                }
                self.order.push_back(number);
                self.kept.insert(number, bytes);
            }
            let block = self.kept.get(&number).map(Vec::as_slice).unwrap_or_default();
            let from = usize::try_from(at % BLOCK).unwrap_or(0);
            let to = from.saturating_add(usize::try_from(left).unwrap_or(0)).min(block.len());
            let piece = block.get(from..to).filter(|piece| !piece.is_empty());
            let piece = piece.ok_or(Broken::Damaged("it ends too early"))?;
            at += piece.len() as u64;
            out.extend_from_slice(piece);
        }
        Ok(())
    }

    /// A range.
    ///
    /// # Errors
    /// As [`Source::append`].
    pub fn bytes(&mut self, offset: u64, len: u64) -> Result<Vec<u8>, Broken> {
        let mut out = Vec::new();
        self.append(offset, len, &mut out)?;
        Ok(out)
    }

    /// A little-endian number of four bytes.
    ///
    /// # Errors
    /// As [`Source::append`].
    pub fn u32(&mut self, offset: u64) -> Result<u32, Broken> {
        Ok(le(&self.bytes(offset, 4)?) as u32)
    }

    /// A little-endian number of two bytes.
    ///
    /// # Errors
    /// As [`Source::append`].
    pub fn u16(&mut self, offset: u64) -> Result<u16, Broken> {
        Ok(le(&self.bytes(offset, 2)?) as u16)
    }

    /// All of a range, however little the host answers at a time.
    fn fetched(&self, offset: u64, len: u64) -> Result<Vec<u8>, Broken> {
        if self.fetches > FETCHES {
            return Err(Broken::Damaged("it is too scattered"));
        }
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < len {
            let (done, left) = (bytes.len() as u64, len - bytes.len() as u64);
            let more = (self.fetch)(offset + done, u32::try_from(left).unwrap_or(READ_BYTES))?;
            if more.is_empty() {
                return Err(Broken::Damaged("it ends too early"));
            }
            bytes.extend_from_slice(&more);
        }
        bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(bytes)
    }
}

/// Up to eight bytes as a little-endian number.
pub fn le(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn ranges_come_back_whatever_the_host_answers_at_a_time() {
        let bytes: Vec<u8> = (0..60_000_u32).map(|n| (n % 251) as u8).collect();
        let mut source = Source::new(60_000, |offset, len| {
            let to = (offset as usize + (len as usize).min(3_000)).min(60_000);
            Ok(bytes[offset as usize..to].to_vec())
        });
        for (offset, len) in [(0, 60_000), (5_000, 5_000), (59_999, 1), (60_000, 0)] {
            let range = offset as usize..(offset + len) as usize;
            assert_eq!(source.bytes(offset, len).unwrap(), &bytes[range]);
        }
        for (offset, len) in [(59_999, 2), (u64::MAX, 1), (0, u64::MAX)] {
            assert!(source.bytes(offset, len).is_err());
        }
    }

    #[test]
    fn a_block_is_fetched_once_and_memory_and_fetches_are_bounded() {
        let fetches = Cell::new(0);
        let mut source = Source::new(u64::MAX, |_, len| {
            fetches.set(fetches.get() + 1);
            Ok(vec![0; len as usize])
        });
        source.u32(0).unwrap();
        source.u32(4_000).unwrap();
        assert_eq!(fetches.get(), 1);
        let stopped = (0..100_000).find_map(|n| source.u32(n * BLOCK).err());
        assert_eq!(stopped, Some(Broken::Damaged("it is too scattered")));
        assert_eq!(fetches.get(), FETCHES);
        assert!(source.kept.len() <= BLOCKS);
    }
}
