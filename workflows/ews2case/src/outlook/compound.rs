//! Where do the streams of a compound file (OLE, MS-CFB) lie?
//!
//! A compound file is a small file system: sectors, a table that chains them, a tree of storages and streams. Nothing is believed: a chain
//! is as long as its stream says, a stream is no longer than the file, an entry is handed out once, and all streams together are no
//! larger than the file, so that cycles and shared sectors end by themselves.

use std::collections::{BTreeMap, BTreeSet};

use synapse_guest::blobs::{GATHERED_SPANS, Span};

use super::source::{Broken, Source, le};

/// Entries of the directory that are read: a mail with 200 attachments and 500 recipients has about 15,000.
pub const ENTRIES: usize = 32_768;
/// The largest number of a sector; above it are marks.
const LAST_SECTOR: u32 = 0xffff_fffa;
/// The mark at a chain's end.
const END: u32 = 0xffff_fffe;
/// The mark for no entry.
const NONE: u32 = 0xffff_ffff;
/// Bytes of a directory entry.
const ENTRY_BYTES: u64 = 128;
/// Table sectors that the header itself lists.
const IN_HEADER: u64 = 109;
/// Bytes of a sector of the small streams.
const SMALL: u64 = 64;

/// A compound file, opened.
pub struct Compound<'a> {
    source: Source<'a>,
    sector: u64,
    /// Sectors that hold the table of chains.
    table: Vec<u32>,
    entries: Vec<Entry>,
    /// Streams shorter than this lie in the stream of small ones.
    cutoff: u64,
    /// The stream of small ones, and its table.
    small: Pieces,
    small_table: Pieces,
    given: u64,
    seen: BTreeSet<u32>,
}

struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u64,
}

/// A stream's ranges, and where in the stream each begins.
#[derive(Default)]
struct Pieces {
    spans: Vec<Span>,
    begins: Vec<u64>,
}

impl Pieces {
    fn new(spans: Vec<Span>) -> Self {
        let mut at = 0;
        let begins = spans
            .iter()
            .map(|span| {
                let begin = at;
                at += span.len;
                begin
            })
            .collect();
        Self { spans, begins }
    }

    /// Where in the file `len` bytes of the stream lie.
    fn place(&self, offset: u64, len: u64) -> Result<u64, Broken> {
        let n = self.begins.partition_point(|begin| *begin <= offset).checked_sub(1);
        let place = n.and_then(|n| {
            let (span, within) = (self.spans.get(n)?, offset - self.begins.get(n)?);
            (within.checked_add(len)? <= span.len).then_some(span.offset + within)
        });
        place.ok_or(Broken::Damaged("a chain leads out of the file"))
    }
}

/// What a storage holds.
#[derive(Default)]
pub struct Children {
    /// Streams and storages by their names in lower case.
    pub by_name: BTreeMap<String, u32>,
}

impl<'a> Compound<'a> {
    /// Reads header and directory.
    ///
    /// # Errors
    /// It is no compound file, or a damaged one.
    pub fn open(mut source: Source<'a>) -> Result<Self, Broken> {
        let header = source.bytes(0, 512)?;
        let number = |at: usize| le(header.get(at..at + 4).unwrap_or_default()) as u32;
        let sector = match le(&header[30..32]) {
            9 => 512,
            12 => 4_096,
            _ => return Err(Broken::Damaged("its header is wrong")),
        };
        if le(&header[32..34]) != 6 {
            return Err(Broken::Damaged("its header is wrong"));
        }
        let mut file = Self {
            source,
            sector,
            table: Vec::new(),
            entries: Vec::new(),
            cutoff: u64::from(number(56)),
            small: Pieces::default(),
            small_table: Pieces::default(),
            given: 0,
            seen: BTreeSet::from([0]),
        };
        file.read_table(u64::from(number(44)), number(68))?;
        file.read_directory(number(48))?;
        let root = file.entries.first().filter(|root| root.kind == 5);
        let (start, size) = root
            .map(|root| (root.start, root.size))
            .ok_or(Broken::Damaged("it has no root"))?;
        let table_bytes = u64::from(number(64)) * sector;
        if size > 0 {
            file.small = Pieces::new(file.chain(start, size)?);
            file.small_table = Pieces::new(file.chain(number(60), table_bytes)?);
        }
        Ok(file)
    }

    /// The sectors of the table: the header lists the first ones, a chain of sectors the others.
    fn read_table(&mut self, count: u64, mut next: u32) -> Result<(), Broken> {
        let per_sector = self.sector / 4;
        // A file cannot have more of them than sectors.
        if count > self.source.size() / self.sector {
            return Err(Broken::Damaged("its table is larger than the file"));
        }
        for n in 0..count.min(IN_HEADER) {
            self.table.push(self.source.u32(76 + n * 4)?);
        }
        while (self.table.len() as u64) < count {
            let at = self.place(next)?;
            let left = (count - self.table.len() as u64).min(per_sector - 1);
            let numbers = self.source.bytes(at, self.sector)?;
            let listed = numbers.chunks_exact(4).map(|four| le(four) as u32);
            self.table
                .extend(listed.take(usize::try_from(left).unwrap_or(usize::MAX)));
            next = self.source.u32(at + self.sector - 4)?;
        }
        Ok(())
    }

    fn read_directory(&mut self, start: u32) -> Result<(), Broken> {
        let mut at = start;
        while at != END {
            if self.entries.len() as u64 + self.sector / ENTRY_BYTES > ENTRIES as u64 {
                return Err(Broken::Damaged("its directory is too large"));
            }
            let place = self.place(at)?;
            let bytes = self.source.bytes(place, self.sector)?;
            let entries = bytes.chunks_exact(ENTRY_BYTES as usize);
            self.entries
                .extend(entries.map(|entry| Entry::read(entry, self.sector)));
            at = self.next(at)?;
        }
        Ok(())
    }

    /// Where a sector begins in the file.
    fn place(&self, sector: u32) -> Result<u64, Broken> {
        let place = (u64::from(sector) + 1) * self.sector;
        if sector > LAST_SECTOR || place >= self.source.size() {
            return Err(Broken::Damaged("a chain leads out of the file"));
        }
        Ok(place)
    }

    fn next(&mut self, sector: u32) -> Result<u32, Broken> {
        let per_sector = self.sector / 4;
        let (n, within) = (u64::from(sector) / per_sector, u64::from(sector) % per_sector);
        let table = usize::try_from(n).ok().and_then(|n| self.table.get(n)).copied();
        let place = self.place(table.unwrap_or(NONE))?;
        self.source.u32(place + within * 4)
    }

    /// The ranges of a chain of sectors.
    fn chain(&mut self, start: u32, size: u64) -> Result<Vec<Span>, Broken> {
        let (mut spans, mut at, mut left) = (Vec::new(), start, size);
        if size > self.source.size() {
            return Err(Broken::Damaged("a stream is larger than the file"));
        }
        while left > 0 {
            let (offset, len) = (self.place(at)?, left.min(self.sector));
            if offset + len > self.source.size() {
                return Err(Broken::Damaged("it ends too early"));
            }
            add(&mut spans, offset, len)?;
            left -= len;
            if left > 0 {
                at = self.next(at)?;
            }
        }
        Ok(spans)
    }

    /// The same in the stream of small ones.
    fn small_chain(&mut self, start: u32, size: u64) -> Result<Vec<Span>, Broken> {
        let (mut spans, mut at, mut left) = (Vec::new(), start, size);
        while left > 0 {
            let len = left.min(SMALL);
            add(&mut spans, self.small.place(u64::from(at) * SMALL, len)?, len)?;
            left -= len;
            if left > 0 {
                let entry = self.small_table.place(u64::from(at) * 4, 4)?;
                at = self.source.u32(entry)?;
            }
        }
        Ok(spans)
    }

    /// The root storage.
    pub const fn root(&self) -> u32 {
        0
    }

    /// What is in a storage. Each entry of the file is handed out once.
    ///
    /// # Errors
    /// The tree is damaged: a cycle, or an entry in two places.
    pub fn children(&mut self, storage: u32) -> Result<Children, Broken> {
        let mut children = Children::default();
        let entry = self.entry(storage)?;
        if !matches!(entry.kind, 1 | 5) {
            return Err(Broken::Damaged("a storage is none"));
        }
        let mut open = vec![entry.child];
        while let Some(id) = open.pop() {
            if id == NONE {
                continue;
            }
            if !self.seen.insert(id) {
                return Err(Broken::Damaged("its directory runs in a circle"));
            }
            let entry = self.entry(id)?;
            open.extend([entry.left, entry.right]);
            if matches!(entry.kind, 1 | 2) {
                let name = entry.name.clone();
                children.by_name.insert(name, id);
            }
        }
        Ok(children)
    }

    /// Is it a stream? Then its bytes are this many.
    pub fn stream_size(&self, id: u32) -> Option<u64> {
        let entry = self.entry(id).ok()?;
        (entry.kind == 2).then_some(entry.size)
    }

    /// Where a stream's first bytes lie, all of them unless `limit` is smaller.
    ///
    /// # Errors
    /// It is none, or damaged, or in more pieces than the host puts together.
    pub fn spans(&mut self, id: u32, limit: u64) -> Result<Vec<Span>, Broken> {
        let size = self.stream_size(id).ok_or(Broken::Damaged("a stream is none"))?;
        let (start, len) = (self.entry(id)?.start, size.min(limit));
        self.given = self.given.saturating_add(len);
        if self.given > self.source.size() {
            return Err(Broken::Damaged("its streams are larger than the file"));
        }
        if size < self.cutoff {
            self.small_chain(start, len)
        } else {
            self.chain(start, len)
        }
    }

    /// A stream's first bytes, at most `limit`.
    ///
    /// # Errors
    /// As [`Compound::spans`].
    pub fn bytes(&mut self, id: u32, limit: u64) -> Result<Vec<u8>, Broken> {
        let mut out = Vec::new();
        for span in self.spans(id, limit)? {
            self.source.append(span.offset, span.len, &mut out)?;
        }
        Ok(out)
    }

    fn entry(&self, id: u32) -> Result<&Entry, Broken> {
        let entry = usize::try_from(id).ok().and_then(|id| self.entries.get(id));
        entry.ok_or(Broken::Damaged("its directory leads out of the file"))
    }
}

impl Entry {
    fn read(bytes: &[u8], sector: u64) -> Self {
        let number = |at: usize| le(bytes.get(at..at + 4).unwrap_or_default()) as u32;
        let name_bytes = (number(64) as usize & 0xffff).clamp(2, 64) - 2;
        let units: Vec<u16> = bytes
            .get(..name_bytes)
            .unwrap_or_default()
            .chunks_exact(2)
            .map(|two| le(two) as u16)
            .collect();
        // Files with small sectors may have rubbish in the upper half.
        let size = le(bytes
            .get(120..if sector == 512 { 124 } else { 128 })
            .unwrap_or_default());
        Self {
            name: String::from_utf16_lossy(&units).to_lowercase(),
            kind: bytes.get(66).copied().unwrap_or(0),
            left: number(68),
            right: number(72),
            child: number(76),
            start: number(116),
            size,
        }
    }
}

/// Adds a range; neighbours become one.
fn add(spans: &mut Vec<Span>, offset: u64, len: u64) -> Result<(), Broken> {
    if let Some(last) = spans.last_mut()
        && last.offset + last.len == offset
    {
        last.len += len;
        return Ok(());
    }
    if spans.len() == GATHERED_SPANS {
        return Err(Broken::Damaged("a stream lies in too many pieces"));
    }
    spans.push(Span { offset, len });
    Ok(())
}
