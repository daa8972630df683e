//! How is a request body kept while faults and the product look at it? Small ones in memory, large ones in a nameless file.

use axum::body::{Body, Bytes};
use futures::StreamExt;
use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::fs::FileExt,
    sync::Arc,
};

/// Bodies up to this size stay in memory; it is also what a fault's `body` is compared with when the body is larger.
const IN_MEMORY: usize = 1 << 20;
/// How much of a file is read at once.
const CHUNK: usize = 256 << 10;

/// A whole request body. Cheap to clone. The layer puts it into the request's extensions, so that a product that takes files
/// can read it without a second copy in memory.
#[derive(Clone, Debug)]
pub struct Received {
    head: Bytes,
    /// All of it, if it did not fit into memory.
    file: Option<Arc<File>>,
    size: u64,
}

impl Received {
    /// Reads a body to its end. Errors: it breaks off, is larger than `limit`, or the disk is full.
    pub(super) async fn read(body: Body, limit: u64) -> io::Result<Self> {
        let mut stream = body.into_data_stream();
        let (mut head, mut file, mut size) = (Vec::new(), None::<File>, 0_u64);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(io::Error::other)?;
            size += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if size > limit {
                return Err(io::Error::other("request body over the simulator's limit"));
            }
            match &mut file {
                Some(file) => file.write_all(&chunk)?,
                None if head.len() + chunk.len() <= IN_MEMORY => head.extend_from_slice(&chunk),
                None => {
                    let mut new = tempfile::tempfile()?;
                    new.write_all(&head)?;
                    new.write_all(&chunk)?;
                    file = Some(new);
                }
            }
        }
        Ok(Self {
            head: head.into(),
            file: file.map(Arc::new),
            size,
        })
    }

    /// Its beginning: all of a body that fits into memory.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// A reader from the beginning; any number of them work side by side.
    pub fn reader(&self) -> impl Read + Send + use<> {
        Reader {
            body: self.clone(),
            at: 0,
        }
    }

    /// The body as a request carries it.
    pub(super) fn body(&self) -> Body {
        if self.file.is_none() {
            return Body::from(self.head.clone());
        }
        let chunks = futures::stream::unfold(self.reader(), async |mut reader| {
            let mut chunk = vec![0; CHUNK];
            match reader.read(&mut chunk) {
                Ok(0) => None,
                Ok(read) => {
                    chunk.truncate(read);
                    Some((Ok(Bytes::from(chunk)), reader))
                }
                Err(error) => Some((Err(error), reader)),
            }
        });
        Body::from_stream(chunks)
    }
}

struct Reader {
    body: Received,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &self.body.file {
            Some(file) => file.read_at(into, self.at)?,
            None => {
                let at = usize::try_from(self.at).unwrap_or(usize::MAX);
                self.body.head.get(at..).unwrap_or_default().read(into)?
            }
        };
        self.at += u64::try_from(read).unwrap_or(0);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_reads_back_the_same_from_memory_and_from_disk() {
        for size in [0, 1, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY + 17] {
            let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
            let chunks: Vec<_> = bytes
                .chunks(100_000)
                .map(|one| Ok::<_, io::Error>(Bytes::copy_from_slice(one)))
                .collect();
            let body = Body::from_stream(futures::stream::iter(chunks));
            let received = Received::read(body, 1 << 30).await.unwrap();
            let mut read = Vec::new();
            received.reader().read_to_end(&mut read).unwrap();
            assert!(read == bytes && received.size() == size as u64, "{size}");
            assert!(axum::body::to_bytes(received.body(), usize::MAX).await.unwrap() == bytes);
        }
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        assert!(Received::read(Body::from("12345"), 4).await.is_err());
    }
}
