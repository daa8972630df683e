//! How does an error look to a caller? RFC 9457 (`application/problem+json`): what, where, what to do; never internals.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use synapse_domain::manifest::Refused;
use synapse_store::StoreError;

/// The media type of RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// An error as a caller sees it.
#[derive(Debug, Clone)]
pub struct Problem(Box<Members>);

#[derive(Debug, Clone)]
struct Members {
    status: StatusCode,
    detail: String,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, String)>,
}

impl Problem {
    /// A problem with this status and explanation.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Members {
            status,
            detail: detail.into(),
            more: Map::new(),
            headers: Vec::new(),
        }))
    }

    /// Unknown and foreign objects answer alike (G9).
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "there is no such thing here, or none that this key may know of",
        )
    }

    /// No key, or a wrong one.
    pub fn unauthenticated() -> Self {
        let problem = Self::new(
            StatusCode::UNAUTHORIZED,
            "send an API key as `Authorization: Bearer syn_...`",
        );
        problem.header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// Input that cannot be accepted.
    pub fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Adds a member.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Members {
            status,
            detail,
            more,
            headers,
        } = *self.0;
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Some(members) = body.as_object_mut() {
            members.extend(more);
        }
        let mut response = (status, Json(body)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Longest text of an extractor that is told on.
const PLAIN_BYTES: usize = 4 << 10;

/// Errors of extractors (a body over the limit, an unknown query parameter) come as plain text; callers get one shape.
pub(super) async fn uniform(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error()) || kind.is_some_and(|kind| kind == PROBLEM) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, PLAIN_BYTES).await.unwrap_or_default();
    let mut told = Problem::new(status, String::from_utf8_lossy(&text)).into_response();
    // `Allow` and the like stay; what described the old body does not.
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    told.headers_mut().extend(parts.headers);
    told
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Conflict(why) => Self::new(StatusCode::CONFLICT, why),
            StoreError::Quota(name) => {
                let detail = format!("the tenant's quota `{name}` is used up; try again later");
                Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
                    .with("quota", name)
                    .header(header::RETRY_AFTER, "10")
            }
            StoreError::Fenced | StoreError::Damaged(_) | StoreError::Failed(_) => {
                tracing::error!(%error, "a request failed in the store");
                let detail = "the server cannot reach its store; nothing was accepted, try again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).header(header::RETRY_AFTER, "1")
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, refused.to_string()).with("place", refused.place)
    }
}

impl From<synapse_domain::ids::InvalidId> for Problem {
    fn from(_: synapse_domain::ids::InvalidId) -> Self {
        Self::not_found()
    }
}
