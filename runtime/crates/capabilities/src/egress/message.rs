//! What does a request look like on its way: which head, and does its body go with it?

use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue, TRANSFER_ENCODING, USER_AGENT,
};
use http::{Method, Request};

use super::body::Outgoing;
use super::fault::Fault;
use super::transport::{self, Asked};

/// Does a body go with it?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carries {
    Body,
    Nothing,
}

/// The request as it is sent. A file is opened only here, so that there are never more open ones than slots.
pub(super) async fn message(
    asked: &Asked<'_>,
    authorization: Option<HeaderValue>,
    carries: Carries,
) -> Result<Request<Outgoing>, Fault> {
    let mut headers = asked.headers.clone();
    let mut body = Outgoing::default();
    if carries == Carries::Body
        && let Some((content_type, content)) = asked.request.open().await?
    {
        headers.entry(CONTENT_TYPE).or_insert(content_type);
        body = content;
    }
    let invalid = |error: &dyn std::fmt::Display| Fault::invalid("request", &error.to_string());
    let host = asked.url.host_str().unwrap_or_default();
    let port = asked.url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = HeaderValue::try_from(format!("{host}{port}")).map_err(|error| invalid(&error))?;
    headers.insert(HOST, host);
    headers.insert(USER_AGENT, HeaderValue::from_static(transport::USER_AGENT));
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    // The body says how long it is, and nothing else may.
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    if body.length() > 0 || !matches!(asked.request.method, Method::GET | Method::HEAD) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.length()));
    }
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, authorization);
    }
    let target = match asked.url.query() {
        Some(query) => format!("{}?{query}", asked.url.path()),
        None => asked.url.path().to_owned(),
    };
    let mut message = Request::new(body);
    *message.method_mut() = asked.request.method.clone();
    *message.uri_mut() = target.parse().map_err(|error| invalid(&error))?;
    *message.headers_mut() = headers;
    Ok(message)
}
