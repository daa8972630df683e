//! What does a handler know about the request once the framework checks are through?

use serde_json::Value;

use super::error::ApiError;
use super::list::fields::Field;
use super::list::range::Range;
use super::params::Params;
use super::tokens::Token;

/// A request that passed authentication, version, route, capability, `fields`, parameter and Range checks.
pub struct Call<'a> {
    /// The caller.
    pub token: &'a Token,
    /// Console time, epoch milliseconds.
    pub now_ms: i64,
    /// Path as sent, with `/api`, for the effects log.
    pub path: &'a str,
    /// Values of the `{…}` segments, in order.
    pub segments: Vec<String>,
    /// Query and form parameters.
    pub params: &'a Params,
    /// Body of an endpoint that takes JSON, as sent.
    pub body: &'a [u8],
    /// Selected fields; empty = all.
    pub fields: Vec<Field>,
    /// Parsed `Range`.
    pub range: Option<Range>,
    /// `Content-Range` on arrays even when no Range was asked (contract 2.4, configurable unknown).
    pub content_range_always: bool,
    /// `Accept` asks for CSV.
    pub csv: bool,
    /// `Prefer: wait=N`, seconds.
    pub prefer_wait_s: Option<i64>,
    /// Arrival time of the request; stays the same when a long poll asks again.
    pub arrived_ms: i64,
    /// A long poll asks again: the state machine must not count it as another poll.
    pub again: bool,
}

impl Call<'_> {
    /// The body as JSON: 422/10 without one, 400/1001 if it cannot be parsed (contract 2.1).
    pub fn json(&self) -> Result<Value, ApiError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(ApiError::framework(422, 10, "Missing required request body"));
        }
        let text = "The data provided is not in correct JSON format.";
        serde_json::from_slice(self.body).map_err(|_| ApiError::endpoint(400, 1001, text, text))
    }

    /// A parameter as text.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// A parameter the route declares as integer (already checked).
    pub fn int(&self, name: &str) -> Option<i64> {
        self.param(name)?.trim().parse().ok()
    }

    /// A parameter the route declares as boolean (already checked).
    pub fn boolean(&self, name: &str) -> Option<bool> {
        Some(self.param(name)?.trim().eq_ignore_ascii_case("true"))
    }

    /// The n-th `{…}` segment.
    pub fn segment(&self, n: usize) -> &str {
        self.segments.get(n).map(String::as_str).unwrap_or_default()
    }

    /// The n-th `{…}` segment of a route that declares it an integer (already checked).
    pub fn id(&self, n: usize) -> i64 {
        self.segment(n).parse().unwrap_or_default()
    }
}
