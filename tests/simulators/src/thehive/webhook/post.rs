//! How is one event posted? A connection of its own, JSON, and no second attempt.

use super::endpoint::Auth;
use axum::body::Body;
use http::{Method, Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a receiver may take. Servers wait for two minutes (contract 6.2); no test does.
const LIMIT: Duration = Duration::from_secs(20);

/// Posts `body` and answers the status. Errors: no answer, in words.
pub async fn json(url: &str, auth: &Auth, body: String) -> Result<u16, String> {
    match tokio::time::timeout(LIMIT, attempt(url, auth, body)).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer in {} s", LIMIT.as_secs())),
    }
}

async fn attempt(url: &str, auth: &Auth, body: String) -> Result<u16, String> {
    let uri: Uri = url.parse().map_err(|error| format!("url: {error}"))?;
    let authority = uri.authority().ok_or("url: no host")?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80)));
    let stream = stream.await.map_err(|error| format!("connecting: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| format!("connecting: {error}"))?;
    let connection = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, authority.as_str())
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(value) = auth.header() {
        request = request.header(header::AUTHORIZATION, value?);
    }
    let request = request.body(Body::from(body)).map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(|error| error.to_string());
    connection.abort();
    Ok(answer?.status().as_u16())
}
