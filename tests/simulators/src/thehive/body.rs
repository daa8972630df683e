//! Is the request body acceptable? Content type (a 400 on 5.4.8+ when it is missing), then JSON.

use super::error::ApiError;
use axum::{
    body::{Bytes, HttpBody},
    extract::{FromRequest, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::Value;

/// Largest JSON body, like `play.http.parser.maxMemoryBuffer` of a stock 5.x (contract section 5).
const MAX_JSON_BYTES: usize = 10 << 20;

/// Layer: a request with a body must say that it is JSON or multipart (CSRF guard of 5.4.8+). Bodyless ones pass without.
pub async fn check_content_type(request: Request, next: Next) -> Response {
    let has_body = request.body().size_hint().exact() != Some(0);
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // Multipart reaches the handlers: those that take no files fail to read it as JSON.
    if has_body && !["application/json", "multipart/form-data"].contains(&kind.as_str()) {
        return ApiError::bad_request(format!("Content-Type {kind:?} is refused: expected application/json"))
            .into_response();
    }
    next.run(request).await
}

/// A JSON body.
pub struct Json(pub Value);

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        if bytes.len() > MAX_JSON_BYTES {
            return Err(ApiError::too_large());
        }
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::bad_request(format!("Invalid Json: {error}")))
    }
}
