//! How does TheHive say no? `{"type", "message"}` with the status of contract section 4.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Value, json};

/// An error answer.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: Value,
}

impl ApiError {
    fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            body: json!({"type": kind, "message": message.into()}),
        }
    }

    /// 404, the wording of the servers: `"<Entity> not found"`.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFoundError", format!("{what} not found"))
    }

    /// 400 for a request that makes no sense as a whole.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 401.
    pub fn authentication() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "AuthenticationError",
            "Authentication failure",
        )
    }

    /// 403; the missing article is the product's.
    pub fn authorization(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AuthorizationError", message)
    }

    /// 413; the type is the one of 4.1.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Unknown", "Request Entity Too Large")
    }

    /// The state of the simulator refuses more entities.
    pub fn full() -> Self {
        Self::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "SimulatorLimit",
            "the simulator holds too many entities: reset it",
        )
    }

    /// Something exists already: 400 up to 5.5, 409 from 5.6 (contract section 4; both exist in the field).
    pub fn create(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, "CreateError", message)
    }

    /// Adds a member to the answer.
    pub fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(body) = self.body.as_object_mut() {
            body.insert(key.to_owned(), value);
        }
        self
    }

    /// Status and body.
    pub fn into_parts(self) -> (StatusCode, Value) {
        (self.status, self.body)
    }

    /// 400 for fields; `errors` are the elements of contract section 4. The message lists them in brackets.
    pub fn attributes(errors: Vec<Value>) -> Self {
        let text: String = errors.iter().map(describe).collect();
        Self::new(StatusCode::BAD_REQUEST, "AttributeCheckingError", text).with("errors", Value::Array(errors))
    }
}

fn describe(error: &Value) -> String {
    let name = error.get("name").and_then(Value::as_str).unwrap_or("?");
    match error.get("type").and_then(Value::as_str) {
        Some("MissingAttributeError") => format!("[Attribute {name} is missing]"),
        Some("UnknownAttributeError") => format!("[Attribute {name} is unknown]"),
        _ => format!(
            "[Invalid format for {name}: {}]",
            error.get("format").and_then(Value::as_str).unwrap_or("?")
        ),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
