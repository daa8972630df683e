//! How much of an answer is read, and for how long? Lengths in headers are claims: what counts is what arrives (threat row 58).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, HeaderMap};

use super::fault::Fault;

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

/// Reads the whole body.
pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Result<Response, Fault> {
    // Nobody asked for compression; what comes compressed would have to be unpacked, and could be a bomb (threat row 59).
    if response
        .headers()
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Fault::Encoded);
    }
    if response
        .content_length()
        .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(Fault::TooLarge(limit));
    }
    let mut body = BytesMut::new();
    loop {
        let chunk = match tokio::time::timeout(SILENCE, response.chunk()).await {
            Err(_) => return Err(Fault::Late(SILENCE)),
            Ok(Err(error)) => return Err(Fault::of(&error)),
            Ok(Ok(chunk)) => chunk,
        };
        let Some(chunk) = chunk else { break };
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(Fault::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body: body.freeze(),
    })
}
