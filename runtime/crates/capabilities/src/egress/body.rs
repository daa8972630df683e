//! How does a request's body leave: exactly as long as it says, and never as a whole in memory when it comes from disk?

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// Bytes that are read from a file at once.
const CHUNK: usize = 64 << 10;

/// A body that is being sent. Whatever it is made of, its length is known before its first byte.
#[derive(Default)]
pub(super) struct Outgoing {
    pieces: VecDeque<Piece>,
}

enum Piece {
    Bytes(Bytes),
    /// A file that has to end after this many more bytes.
    File {
        content: ReaderStream<File>,
        left: u64,
    },
}

impl Outgoing {
    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        if !bytes.is_empty() {
            self.pieces.push_back(Piece::Bytes(bytes));
        }
    }

    /// Adds a file of `size` bytes at the end. Should it turn out longer or shorter, the body fails before its own end, so that the
    /// target never takes it for complete; something has to follow the file for that.
    pub fn push_file(&mut self, file: File, size: u64) {
        let content = ReaderStream::with_capacity(file, CHUNK);
        self.pieces.push_back(Piece::File { content, left: size });
    }

    /// Bytes that are still to be sent.
    pub fn length(&self) -> u64 {
        let lengths = self.pieces.iter().map(|piece| match piece {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::File { left, .. } => *left,
        });
        lengths.fold(0, u64::saturating_add)
    }
}

impl From<Vec<u8>> for Outgoing {
    fn from(bytes: Vec<u8>) -> Self {
        let mut body = Self::default();
        body.push(bytes);
        body
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        loop {
            match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Bytes(bytes)) => {
                    let bytes = mem::take(bytes);
                    self.pieces.pop_front();
                    return frame(bytes);
                }
                Some(Piece::File { content, left }) => match ready!(Pin::new(content).poll_next(cx)) {
                    None if *left == 0 => drop(self.pieces.pop_front()),
                    None => return Poll::Ready(Some(Err(changed()))),
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Some(Ok(bytes)) => match left.checked_sub(bytes.len() as u64) {
                        None => return Poll::Ready(Some(Err(changed()))),
                        Some(rest) => {
                            *left = rest;
                            return frame(bytes);
                        }
                    },
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length())
    }
}

fn changed() -> io::Error {
    io::Error::other("a file that was being sent changed its length")
}
