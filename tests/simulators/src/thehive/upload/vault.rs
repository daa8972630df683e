//! Where are the contents of files? Each once, by its hash: small ones in memory, larger ones in one nameless file.

use axum::body::{Body, Bytes};
use md5::Md5;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use std::{
    collections::HashMap,
    fs, io,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, PoisonError},
};

/// Contents up to this size stay in memory.
const IN_MEMORY: usize = 64 << 10;
/// Larger contents go to the disk in pieces of this size.
const PIECE: usize = 1 << 20;
/// Bytes of all contents on disk: a test run uploads far less.
const MAX_BYTES: u64 = 16 << 30;

/// The content of one file.
#[derive(Debug)]
pub struct Content {
    /// Hexadecimal, lower case. Also the attachment's `id` on the wire.
    pub sha256: String,
    pub sha1: String,
    pub md5: String,
    /// Bytes.
    pub size: u64,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Memory(Bytes),
    /// Pieces of the file: offset and length.
    Disk(Arc<fs::File>, Vec<(u64, usize)>),
}

impl Content {
    /// The digests in the order of the product.
    pub fn hashes(&self) -> Value {
        json!([self.sha256, self.sha1, self.md5])
    }

    /// The bytes as a response streams them.
    pub fn body(&self) -> Body {
        match &self.place {
            Place::Memory(bytes) => Body::from(bytes.clone()),
            Place::Disk(file, pieces) => {
                let file = Arc::clone(file);
                let pieces = pieces.clone().into_iter().map(move |piece| read(&file, piece));
                Body::from_stream(futures::stream::iter(pieces))
            }
        }
    }

    /// All bytes at once.
    pub fn bytes(&self) -> io::Result<Bytes> {
        match &self.place {
            Place::Memory(bytes) => Ok(bytes.clone()),
            Place::Disk(file, pieces) => {
                let mut all = Vec::new();
                for piece in pieces {
                    all.extend_from_slice(&read(file, *piece)?);
                }
                Ok(all.into())
            }
        }
    }
}

fn read(file: &fs::File, (offset, length): (u64, usize)) -> io::Result<Bytes> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes.into())
}

/// All contents of one server. They are kept until the state is replaced.
#[derive(Default)]
pub struct Vault(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    contents: HashMap<String, Arc<Content>>,
    file: Option<Arc<fs::File>>,
    end: u64,
}

impl Vault {
    /// The content with this SHA-256.
    pub fn get(&self, sha256: &str) -> Option<Arc<Content>> {
        self.lock().contents.get(sha256).cloned()
    }

    /// A writer for new content.
    pub fn writer(self: &Arc<Self>) -> Writer {
        Writer {
            vault: Arc::clone(self),
            buffer: Vec::new(),
            pieces: Vec::new(),
            size: 0,
            sha256: sha2::Digest::new(),
            sha1: sha1::Digest::new(),
            md5: md5::Digest::new(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, bytes: &[u8]) -> io::Result<(u64, usize)> {
        let mut inner = self.lock();
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if inner.end.saturating_add(length) > MAX_BYTES {
            return Err(io::Error::other(
                "the simulator holds too many bytes of files: reset it",
            ));
        }
        let file = match &inner.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(inner.file.insert(Arc::new(tempfile::tempfile()?))),
        };
        let offset = inner.end;
        inner.end += length;
        drop(inner);
        file.write_all_at(bytes, offset)?;
        Ok((offset, bytes.len()))
    }
}

/// Takes one file's bytes, hashing as they come.
pub struct Writer {
    vault: Arc<Vault>,
    buffer: Vec<u8>,
    pieces: Vec<(u64, usize)>,
    size: u64,
    sha256: Sha256,
    sha1: Sha1,
    md5: Md5,
}

impl Writer {
    /// Adds bytes. Errors: the disk or the vault is full.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        sha2::Digest::update(&mut self.sha256, bytes);
        sha1::Digest::update(&mut self.sha1, bytes);
        md5::Digest::update(&mut self.md5, bytes);
        self.size += u64::try_from(bytes.len()).unwrap_or(0);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.pieces.push(self.vault.append(&self.buffer)?);
            self.buffer.clear();
        }
        Ok(())
    }

    /// The content; one that was there before is shared.
    pub fn finish(mut self) -> io::Result<Arc<Content>> {
        let sha256 = hex::encode(sha2::Digest::finalize(self.sha256));
        if let Some(known) = self.vault.get(&sha256) {
            return Ok(known);
        }
        let place = if self.pieces.is_empty() && self.buffer.len() <= IN_MEMORY {
            Place::Memory(self.buffer.into())
        } else {
            self.pieces.push(self.vault.append(&self.buffer)?);
            let file = self.vault.lock().file.clone();
            Place::Disk(
                file.ok_or_else(|| io::Error::other("the vault lost its file"))?,
                self.pieces,
            )
        };
        let content = Arc::new(Content {
            sha256: sha256.clone(),
            sha1: hex::encode(sha1::Digest::finalize(self.sha1)),
            md5: hex::encode(md5::Digest::finalize(self.md5)),
            size: self.size,
            place,
        });
        self.vault.lock().contents.insert(sha256, Arc::clone(&content));
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn contents_of_any_size_come_back_and_equal_ones_are_kept_once() {
        let vault = Arc::new(Vault::default());
        for size in [0, 1, IN_MEMORY, IN_MEMORY + 1, PIECE, 2 * PIECE + 5] {
            let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 241).unwrap_or(0)).collect();
            let write = || {
                let mut writer = vault.writer();
                bytes.chunks(70_001).try_for_each(|piece| writer.write(piece)).unwrap();
                writer.finish().unwrap()
            };
            let (first, second) = (write(), write());
            assert!(Arc::ptr_eq(&first, &second) && first.size == size as u64);
            assert!(first.bytes().unwrap() == bytes, "{size}");
            assert!(axum::body::to_bytes(first.body(), usize::MAX).await.unwrap() == bytes);
        }
        let empty = vault.writer().finish().unwrap();
        assert_eq!(empty.md5, "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(empty.sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert!(empty.sha256.starts_with("e3b0c44298fc1c14"));
    }
}
