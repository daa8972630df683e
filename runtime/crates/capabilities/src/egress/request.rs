//! What does a connector ask the egress to send?

use std::time::Duration;

use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::body::Outgoing;
use super::encode;
use super::fault::Fault;
use super::multipart::{self, Part};

/// A request, in parts that no value can break out of.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Segments below the base URL; encoded here, so that each stays one segment.
    pub path: Vec<String>,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Headers of this request. Control characters are refused before anything is sent.
    pub headers: Vec<(HeaderName, String)>,
    /// The body.
    pub body: Body,
    /// Largest answer, bytes; none: the connection's limit.
    pub max_bytes: Option<usize>,
    /// Longest time of the request; none: the connection's. A write never gets more than the connection's (design G2).
    pub deadline: Option<Duration>,
}

/// A request's body.
#[derive(Debug, Clone)]
pub enum Body {
    /// None, and no content type.
    Empty,
    /// `application/json`
    Json(Vec<u8>),
    /// `application/x-www-form-urlencoded; charset=UTF-8`
    Form(Vec<(String, String)>),
    /// `text/xml; charset=utf-8`
    Xml(Vec<u8>),
    /// `multipart/form-data`; files are read while they are sent.
    Multipart(Vec<Part>),
}

impl Request {
    /// A request without query, headers or body.
    pub fn new<S: Into<String>>(method: Method, path: impl IntoIterator<Item = S>) -> Self {
        let path = path.into_iter().map(Into::into).collect();
        Self {
            method,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            max_bytes: None,
            deadline: None,
        }
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn json(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// The same with an XML body, for instance a SOAP envelope.
    #[must_use]
    pub fn xml(mut self, body: Vec<u8>) -> Self {
        self.body = Body::Xml(body);
        self
    }

    /// The same with a form of parts.
    #[must_use]
    pub fn multipart(mut self, parts: Vec<Part>) -> Self {
        self.body = Body::Multipart(parts);
        self
    }

    /// Size of the body.
    pub fn body_bytes(&self) -> usize {
        match &self.body {
            Body::Empty => 0,
            Body::Json(bytes) | Body::Xml(bytes) => bytes.len(),
            Body::Form(fields) => encode::pairs(fields, encode::form).len(),
            Body::Multipart(parts) => usize::try_from(multipart::length(parts)).unwrap_or(usize::MAX),
        }
    }

    /// Adds the request's own headers to the connection's.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap) -> Result<(), Fault> {
        for (name, value) in &self.headers {
            headers.insert(
                name.clone(),
                header_value(value).ok_or_else(|| {
                    Fault::invalid(
                        name.as_str(),
                        "a header cannot hold control characters such as line breaks",
                    )
                })?,
            );
        }
        Ok(())
    }

    /// The body and its content type; none without a body. A file is opened here.
    pub(super) async fn open(&self) -> Result<Option<(HeaderValue, Outgoing)>, Fault> {
        let fixed = HeaderValue::from_static;
        Ok(Some(match &self.body {
            Body::Empty => return Ok(None),
            Body::Json(bytes) => (fixed("application/json"), bytes.clone().into()),
            Body::Form(fields) => (
                fixed("application/x-www-form-urlencoded; charset=UTF-8"),
                encode::pairs(fields, encode::form).into_bytes().into(),
            ),
            Body::Xml(bytes) => (fixed("text/xml; charset=utf-8"), bytes.clone().into()),
            Body::Multipart(parts) => multipart::open(parts).await?,
        }))
    }
}

/// A header's value; none if it holds CR, LF, NUL or another control character (threat row 30).
pub(super) fn header_value(text: &str) -> Option<HeaderValue> {
    // Names of organisations may be UTF-8, which `from_str` refuses and `from_bytes` does not; a tab is harmless.
    HeaderValue::from_bytes(text.as_bytes()).ok()
}
