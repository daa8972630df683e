//! What does a refused call look like on the wire? (contract 2.1)

use serde_json::{Value, json};

/// One refusal: the envelope of contract 2.1, or an HTML page from the web server in front of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status, repeated in `http_response.code`.
    pub status: u16,
    /// QRadar's own number; meaningful only together with path and status.
    pub code: i64,
    /// The particular text.
    pub message: String,
    /// Table text of the endpoint; empty for framework errors (codes below 100).
    pub description: String,
    /// Answered by the web server before the API layer: HTML instead of JSON (414, unknown host path).
    pub html: bool,
}

impl ApiError {
    /// An error of the framework: code below 100, empty description.
    pub fn framework(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            description: String::new(),
            html: false,
        }
    }

    /// An error of an endpoint: code from 1000 up and a table text.
    pub fn endpoint(status: u16, code: i64, description: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            description: description.into(),
            html: false,
        }
    }

    /// A page of the web server.
    pub fn page(status: u16) -> Self {
        Self {
            status,
            code: 0,
            message: String::new(),
            description: String::new(),
            html: true,
        }
    }

    /// 422/1005: a parameter holds a value the endpoint does not take.
    pub fn bad_value(message: impl Into<String>) -> Self {
        Self::endpoint(422, 1005, "A request parameter is not valid.", message)
    }

    /// 422/1010: the filter cannot be parsed.
    pub fn filter_syntax() -> Self {
        Self::endpoint(
            422,
            1010,
            "An error occurred while building up the filter.",
            "A filter parameter was invalid. Please make sure that the syntax is correct: Error Parsing filter",
        )
    }

    /// 422/1010: the filter parses, but names a field, operator or value this endpoint does not filter by.
    pub fn filter_refused() -> Self {
        Self::endpoint(
            422,
            1010,
            "An error occurred while building up the filter.",
            "The filter parameter is not valid.",
        )
    }

    /// 422/2000: the AQL text is not accepted. Clients read either field (contract 4), so both carry the parser text.
    pub fn aql(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::endpoint(422, 2000, text.clone(), text)
    }

    /// The JSON envelope.
    pub fn body(&self) -> Value {
        json!({
            "http_response": { "code": self.status, "message": status_text(self.status) },
            "code": self.code,
            "description": self.description,
            "details": {},
            "message": self.message,
        })
    }
}

/// The fixed sentence per HTTP status (contract 2.1, `fixtures/qradar-contract/errors.json`).
fn status_text(status: u16) -> &'static str {
    match status {
        400 => "Invalid syntax for this request was provided.",
        401 => "You are unauthorized to access the requested resource.",
        403 => "Your account is not authorized to access the requested resource",
        404 => "We could not find the resource you requested.",
        405 => "The requested method is not allowed for this resource.",
        406 => "The requested media type cannot be produced.",
        409 => "The request could not be completed due to a conflict with the current state of the resource",
        410 => "The requested resource is no longer available.",
        413 => "The request body is too large.",
        422 => "The request was well-formed but was unable to be followed due to semantic errors",
        503 => "The server is currently unavailable.",
        _ => "Unexpected internal server error",
    }
}
