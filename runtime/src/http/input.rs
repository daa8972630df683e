//! What may a caller send, and how is it read without trusting it?

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt as _;
use serde::de::{DeserializeOwned, IgnoredAny};
use synapse_domain::digest::Digest;
use synapse_domain::limits;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::problem::Problem;

/// A request's body, shared between the handler that reads it and the middleware that looks after what is left of it.
#[derive(Clone)]
pub struct Incoming {
    chunks: Arc<Mutex<BodyDataStream>>,
    end: Instant,
}

impl Incoming {
    /// The body, given up when it has not arrived in this time.
    pub fn new(body: Body, time: Duration) -> Self {
        Self {
            chunks: Arc::new(Mutex::new(body.into_data_stream())),
            end: Instant::now() + time,
        }
    }

    /// For the handler.
    pub fn body(&self) -> Body {
        let chunks = futures::stream::unfold(self.clone(), |incoming| async {
            Some((incoming.next().await?, incoming))
        });
        Body::from_stream(chunks)
    }

    /// Reads what the handler left: a caller that is still sending would otherwise see a reset connection and never the answer.
    pub async fn drain(&self) {
        let mut read = 0;
        while let Some(Ok(chunk)) = self.next().await {
            read += chunk.len();
            if read > limits::COMPONENT_BYTES {
                return;
            }
        }
    }

    async fn next(&self) -> Option<Result<Bytes, String>> {
        match tokio::time::timeout_at(self.end, async { self.chunks.lock().await.next().await }).await {
            Ok(chunk) => chunk.map(|chunk| chunk.map_err(|error| error.to_string())),
            Err(_) => Some(Err("the body did not arrive in time".to_owned())),
        }
    }
}

/// Refuses bodies that do not say they are JSON.
fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = media_type.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = format!("the body is `{essence}`; send `Content-Type: application/json`");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// The JSON text of an event's data; an empty body is an empty object.
pub fn event_data(headers: &HeaderMap, body: &Bytes) -> Result<String, Problem> {
    if body.is_empty() {
        return Ok("{}".to_owned());
    }
    expect_json(headers)?;
    if body.len() > limits::EVENT_BYTES {
        let detail = format!("{} bytes; an input has at most {}", body.len(), limits::EVENT_BYTES);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let text = std::str::from_utf8(body).map_err(|error| Problem::bad(format!("the body is not UTF-8: {error}")))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| Problem::bad(format!("the body is not JSON: {error}")))?;
    Ok(text.to_owned())
}

/// A JSON body of a known shape; unknown members are refused by the type.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Problem> {
    expect_json(headers)?;
    serde_json::from_slice(body).map_err(|error| Problem::bad(format!("the body does not fit: {error}")))
}

/// `Idempotency-Key` with the digest of what it came with.
pub fn idempotency(headers: &HeaderMap, deployment: &str, data: &str) -> Result<Option<(String, Digest)>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= limits::IDEMPOTENCY_KEY_BYTES);
    let key = key.ok_or_else(|| {
        Problem::bad(format!(
            "Idempotency-Key has 1 to {} visible ASCII characters",
            limits::IDEMPOTENCY_KEY_BYTES
        ))
    })?;
    Ok(Some((
        key.to_owned(),
        Digest::of_parts(&[deployment.as_bytes(), data.as_bytes()]),
    )))
}

/// `Prefer: wait=N` (RFC 7240), seconds; anything else there is ignored, as the RFC asks.
pub fn wait(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .filter_map(|preference| preference.trim().strip_prefix("wait="))
        .find_map(|seconds| seconds.trim_matches('"').parse::<u64>().ok())
        .map(|seconds| Duration::from_secs(seconds.min(limits::WAIT_SECONDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefer_is_read_as_rfc_7240_says() {
        let wait_of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", value.parse().unwrap());
            wait(&headers).map(|time| time.as_secs())
        };
        assert_eq!(wait_of("respond-async, wait=10"), Some(10));
        assert_eq!(wait_of("wait=99999"), Some(limits::WAIT_SECONDS));
        assert_eq!(wait_of("wait=soon"), None);
    }

    #[test]
    fn data_must_be_json_and_say_so() {
        let mut headers = HeaderMap::new();
        assert_eq!(event_data(&headers, &Bytes::new()).unwrap(), "{}");
        assert!(event_data(&headers, &Bytes::from_static(b"{}")).is_err());
        headers.insert(header::CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap());
        assert!(event_data(&headers, &Bytes::from_static(b"{\"a\":1}")).is_ok());
        assert!(event_data(&headers, &Bytes::from_static(b"{a}")).is_err());
    }
}
