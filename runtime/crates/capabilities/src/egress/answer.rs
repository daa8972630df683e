//! How much of an answer is read, and for how long? Lengths in headers are claims: what counts is what arrives (threat row 58).

use std::fmt;
use std::mem;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, HeaderMap};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::fault::Fault;
use super::reading::Reading;
use crate::gate::Failure;

/// Longest silence inside an answer's body; the request's deadline ends it as well.
const SILENCE: Duration = Duration::from_secs(30);

/// A complete answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    /// Is the status one of success?
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What the head of an answer says.
pub(super) trait Answered {
    fn status(&self) -> u16;
    fn headers(&self) -> &HeaderMap;
}

impl Answered for Response {
    fn status(&self) -> u16 {
        self.status
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// An answer whose body is still on its way. It holds one of the connection's slots until the body ends or it is dropped.
pub struct Streamed {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: State,
    bounds: Bounds,
    seen: usize,
}

/// What ends an answer early.
pub(super) struct Bounds {
    /// Largest body, bytes.
    pub limit: usize,
    /// When the request began, and how long it may take.
    pub start: Instant,
    pub deadline: Duration,
    /// For error texts.
    pub host: String,
}

impl Bounds {
    /// Time until the deadline.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.start.elapsed())
    }
}

enum State {
    Open {
        body: Box<Reading>,
        /// Free again when the body ends.
        _slot: OwnedSemaphorePermit,
    },
    Ended,
    Failed(Fault),
}

/// An answer whose head has arrived, whatever brought it.
pub(super) struct Head {
    pub status: u16,
    pub headers: HeaderMap,
    /// How long its body says it is.
    pub claimed: Option<u64>,
    pub body: Box<Reading>,
}

impl Streamed {
    /// An answer whose head has arrived.
    pub(super) fn new(head: Head, slot: OwnedSemaphorePermit, bounds: Bounds) -> Result<Self, Fault> {
        // Nobody asked for compression; what comes compressed would have to be unpacked, and could be a bomb (threat row 59).
        let encoding = head.headers.get(CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(Fault::Encoded);
        }
        if head
            .claimed
            .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > bounds.limit))
        {
            return Err(Fault::TooLarge(bounds.limit));
        }
        Ok(Self {
            status: head.status,
            headers: head.headers,
            body: State::Open {
                body: head.body,
                _slot: slot,
            },
            bounds,
            seen: 0,
        })
    }

    /// Is the status one of success?
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The next bytes of the body; none at its end. A failed body stays failed.
    ///
    /// # Errors
    /// The connection broke, the deadline passed, half a minute passed without a byte, or the body is larger than the limit.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let result = self.next().await;
        result.map_err(|fault| fault.into_failure(&self.bounds.host))
    }

    /// The rest of the body in memory, at most `limit` bytes of it.
    ///
    /// # Errors
    /// As [`Streamed::chunk`].
    pub async fn whole(mut self, limit: usize) -> Result<Response, Failure> {
        self.bounds.limit = self.bounds.limit.min(limit.saturating_add(self.seen));
        let host = mem::take(&mut self.bounds.host);
        self.collect().await.map_err(|fault| fault.into_failure(&host))
    }

    /// The rest of the body in memory.
    pub(super) async fn collect(mut self) -> Result<Response, Fault> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.next().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status: self.status,
            headers: self.headers,
            body: body.freeze(),
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let body = match &mut self.body {
            State::Open { body, .. } => body,
            State::Ended => return Ok(None),
            State::Failed(fault) => return Err(fault.clone()),
        };
        let left = self.bounds.left();
        let result = match tokio::time::timeout(left.min(SILENCE), body.chunk()).await {
            Ok(chunk) => chunk,
            Err(_) if left <= SILENCE => Err(Fault::Late(self.bounds.deadline)),
            Err(_) => Err(Fault::Late(SILENCE)),
        };
        let result = result.and_then(|chunk| {
            let length = chunk.as_ref().map_or(0, Bytes::len);
            self.seen = self.seen.saturating_add(length);
            if self.seen > self.bounds.limit {
                return Err(Fault::TooLarge(self.bounds.limit));
            }
            Ok(chunk)
        });
        // Ends the connection or gives it back, and the slot with it.
        match &result {
            Ok(Some(_)) => {}
            Ok(None) => self.body = State::Ended,
            Err(fault) => self.body = State::Failed(fault.clone()),
        }
        result
    }
}

impl Answered for Streamed {
    fn status(&self) -> u16 {
        self.status
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed")
            .field("status", &self.status)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}
