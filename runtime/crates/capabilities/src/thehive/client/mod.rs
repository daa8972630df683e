//! How is TheHive's v1 API called? Typed requests and answers, no policy; one file per entity. That of 3 and 4 is in `v0`.

mod alerts;
mod attachments;
mod bulk;
mod case_pages;
mod cases;
mod changes;
mod comments;
mod cortex;
mod links;
mod merging;
mod observables;
mod pages;
mod platform;
mod procedures;
mod raw;
mod search;
mod shares;
mod statuses;
mod tasks;
mod timeline;
mod turns;
mod upload;
mod users;
mod v0;

use std::sync::Arc;

use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::Instant;

use super::observables::KnownTypes;
use super::{refusal, types};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Egress, Request, Response};
use crate::gate::{Certainty, Failure};

pub use changes::{Changes, Since};

pub(super) use alerts::Created;
pub(super) use bulk::Patch;
pub(super) use links::Change;
pub(super) use merging::Into;
pub(super) use observables::Answered;
pub(super) use upload::File;

/// The major version that speaks v1. What is older speaks v0.
const MAJOR: u8 = 5;

/// What an operator says about an organisation beyond the way to it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The server's major version; none: it is asked.
    pub major: Option<u8>,
    /// A custom field (type string) that carries the marker instead of a tag.
    pub marker_field: Option<String>,
    /// Where analysts open TheHive; none: the connection's URL.
    pub public_url: Option<String>,
}

/// A client of one organisation.
#[derive(Debug)]
pub struct Client {
    egress: Egress,
    options: Options,
    major: OnceCell<u8>,
    types: Mutex<Option<(Instant, Arc<KnownTypes>)>>,
    statuses: statuses::Kept,
    turns: turns::Turns,
}

impl Client {
    /// The way to the target.
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// A client over this egress.
    pub fn new(egress: Egress, options: Options) -> Self {
        Self {
            egress,
            options,
            major: OnceCell::new(),
            types: Mutex::new(None),
            statuses: statuses::Kept::default(),
            turns: turns::Turns::default(),
        }
    }

    /// The custom field that carries the marker.
    pub(super) fn marker_field(&self) -> Option<&str> {
        self.options.marker_field.as_deref()
    }

    /// The page of an object in TheHive; `kind` is `alerts` or `cases`.
    fn link(&self, kind: &str, id: &str) -> String {
        let base = self
            .options
            .public_url
            .as_deref()
            .unwrap_or_else(|| self.egress.base_url());
        format!("{}/{kind}/{id}/details", base.trim_end_matches('/'))
    }

    /// The server's major version, asked once.
    async fn version(&self) -> Result<u8, Error> {
        let major = self.major.get_or_try_init(|| async {
            match self.options.major {
                Some(major) => Ok(major),
                None => self.probe().await,
            }
        });
        major.await.copied()
    }

    /// That the server speaks v1, for what v0 does not have. Functions that both have ask [`Client::v0`] before.
    pub(super) async fn major(&self) -> Result<u8, Error> {
        match self.version().await? {
            MAJOR => Ok(MAJOR),
            other => Err(Error::Unsupported(format!(
                "TheHive {other} does not have this; TheHive 5 does"
            ))),
        }
    }

    /// The server's major version, asked now.
    async fn probe(&self) -> Result<u8, Error> {
        let version = self.release().await?;
        let major = version.split('.').next().and_then(|major| major.parse().ok());
        major.ok_or_else(|| types::unreadable("a status without a version; is the connection's URL that of TheHive?"))
    }

    /// The server's version as it says it, asked now: `GET /api/status`, which 3, 4 and 5 have; else 5's own (contract section 0).
    pub(super) async fn release(&self) -> Result<String, Error> {
        let old: Option<serde_json::Value> = match self.ask(&Request::new(Method::GET, ["api", "status"])).await {
            Ok(status) => Some(status),
            Err(Error::NotFound | Error::Other(_) | Error::Unauthenticated) => None,
            Err(error) => return Err(error),
        };
        let named = old
            .as_ref()
            .and_then(|status| status.pointer("/versions/TheHive")?.as_str());
        if let Some(version) = named {
            return Ok(version.to_owned());
        }
        let public = Request::new(Method::GET, ["api", "v1", "status", "public"]);
        let status: serde_json::Value = self.ask(&public).await?;
        let version = status.get("version").and_then(|version| version.as_str());
        Ok(version.unwrap_or_default().to_owned())
    }

    /// Whether the licence holds, and its end in milliseconds since 1970 where the server says it (contract 1.3). None: 3 and 4 have none.
    pub(super) async fn licence(&self) -> Result<Option<(bool, Option<u64>)>, Error> {
        if self.v0().await?.is_some() {
            return Ok(None);
        }
        let status: serde_json::Value = self.ask(&Request::new(Method::GET, ["api", "v1", "status"])).await?;
        let valid = status.pointer("/license/isValid").and_then(serde_json::Value::as_bool);
        let end = status.pointer("/license/expiresAt").and_then(serde_json::Value::as_u64);
        Ok(valid.map(|valid| (valid, end)))
    }

    /// Sends a change with what is left of the request's deadline. The answer comes with the number of bytes sent.
    async fn change(&self, mut request: Request, start: Instant) -> Result<(Response, usize), Failure> {
        let left = self.egress.request_deadline().saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(not_sent(Error::Unavailable(
                "TheHive was too slow to ask before the change could be sent".to_owned(),
            )));
        }
        let bytes = request.body_bytes();
        request.deadline = Some(left);
        request.headers.push((ACCEPT, "application/json".to_owned()));
        Ok((self.egress.write(&request).await?, bytes))
    }

    fn accept(&self, (response, bytes): &(Response, usize)) -> Result<(), Failure> {
        if response.is_success() {
            Ok(())
        } else {
            Err(refusal::read(response, &self.egress, *bytes))
        }
    }

    /// Sends a change that answers nothing.
    async fn tell(&self, request: Request, start: Instant) -> Result<(), Failure> {
        self.major().await.map_err(not_sent)?;
        let response = self.change(request, start).await?;
        self.accept(&response)
    }

    /// Sends a change without a body that answers nothing.
    async fn poke<'a>(
        &self,
        method: Method,
        path: impl IntoIterator<Item = &'a str>,
        start: Instant,
    ) -> Result<(), Failure> {
        self.tell(Request::new(method, path), start).await
    }

    /// Takes something away.
    pub(super) async fn remove(&self, path: Vec<&str>, start: Instant) -> Result<(), Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.remove(&path, start).await;
        }
        self.poke(Method::DELETE, path, start).await
    }

    /// Sends a change and reads what it made. After a success the server did something, so an answer that cannot be used leaves the
    /// outcome unknown.
    async fn make<T: DeserializeOwned>(&self, request: Request, start: Instant) -> Result<T, Failure> {
        let response = self.change(request, start).await?;
        self.accept(&response)?;
        parse(&response.0).map_err(unknown)
    }

    /// Asks and reads the answer.
    async fn ask<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        parse(&self.fetch(request).await?)
    }

    /// Asks; a status outside 2xx is an error.
    async fn fetch(&self, request: &Request) -> Result<Response, Error> {
        let mut request = request.clone();
        request.headers.push((ACCEPT, "application/json".to_owned()));
        let response = self.egress.read(&request).await.map_err(|failure| failure.error)?;
        if response.is_success() {
            Ok(response)
        } else {
            Err(refusal::read(&response, &self.egress, request.body_bytes()).error)
        }
    }
}

/// `POST /api/v1/query`; the label is for the server's log only.
fn asking<Q: Serialize>(label: &str, query: &Q) -> Result<Request, Error> {
    let mut request = Request::new(Method::POST, ["api", "v1", "query"]).json(json(query)?);
    request.query.push(("name".to_owned(), format!("synapse-{label}")));
    Ok(request)
}

fn json<T: Serialize>(body: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|error| types::unreadable(&format!("a body that is no JSON: {error}")))
}

/// Reads JSON; a proxy's or login page's HTML is named as such.
fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    let kind = response
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("no content type");
    if !kind.to_ascii_lowercase().contains("json") {
        let kind: String = kind.chars().take(64).collect();
        return Err(types::unreadable(&format!(
            "`{kind}` instead of JSON; is the connection's URL that of TheHive?"
        )));
    }
    // The position tells where to look; serde's own text may quote the body.
    let unreadable = |error: serde_json::Error| {
        types::unreadable(&format!(
            "JSON of another shape ({:?}, byte {})",
            error.classify(),
            error.column()
        ))
    };
    serde_json::from_slice(&response.body).map_err(unreadable)
}

pub(super) fn not_sent(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::NotSent,
    }
}

pub(super) fn unknown(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Unknown,
    }
}
