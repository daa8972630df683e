//! How is the API of TheHive 3 and 4 called (v0)? Behind the same functions as v1: each of those asks [`Client::v0`] first.
//!
//! What v0 does not have needs no line here: the functions of v1 ask [`Client::major`], which answers `unsupported` for 3 and 4.

mod alerts;
mod bulk;
mod cases;
mod changes;
mod find;
mod observables;
mod search;
mod tasks;
mod users;

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::{Client, MAJOR, json, not_sent, parse, unknown};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Body, Request, Response};
use crate::gate::Failure;
use crate::thehive::types::v0::{Kind, read};

/// The oldest version that is spoken.
const OLDEST: u8 = 3;
/// The status of what 3 deleted.
const DELETED: &str = "Deleted";
/// Before every path; 4 answers it like `api/v0`, 3 knows no other (contract section 0).
const BASE: &str = "api";

/// A client of a server that speaks v0.
#[derive(Debug, Clone, Copy)]
pub(in crate::thehive) struct V0<'a> {
    client: &'a Client,
    /// 3 or 4.
    major: u8,
}

impl Client {
    /// The client for v0, if that is what the server speaks.
    pub(in crate::thehive) async fn v0(&self) -> Result<Option<V0<'_>>, Error> {
        match self.version().await? {
            major @ OLDEST..MAJOR => Ok(Some(V0 { client: self, major })),
            MAJOR => Ok(None),
            other => Err(Error::Unsupported(format!(
                "TheHive {other}; this connector speaks to TheHive {OLDEST}, 4 and {MAJOR}"
            ))),
        }
    }

    /// The version whose numbers rows speak: those of 3 and 4 are translated when they are read. Asks the server, so that one that
    /// cannot be reached or is not spoken to is known before anything is sent.
    pub(in crate::thehive) async fn scale(&self) -> Result<u8, Error> {
        self.v0().await?;
        Ok(MAJOR)
    }
}

impl<'a> V0<'a> {
    /// The marker in the custom field that the operator chose.
    fn marker_field(self) -> Option<&'a str> {
        self.client.marker_field()
    }

    fn request(method: Method, path: &[&str]) -> Request {
        Request::new(method, std::iter::once(BASE).chain(path.iter().copied()))
    }

    /// One row by its path, as the server spells it.
    async fn raw(self, path: &[&str]) -> Result<Value, Error> {
        self.client.ask(&Self::request(Method::GET, path)).await
    }

    /// One row by its path.
    async fn get<T: DeserializeOwned>(self, kind: Kind, path: &[&str]) -> Result<T, Error> {
        read(kind, self.raw(path).await?)
    }

    /// Sends a change.
    async fn send(
        self,
        method: Method,
        path: &[&str],
        body: Body,
        start: Instant,
    ) -> Result<(Response, usize), Failure> {
        let mut request = Self::request(method, path);
        request.body = body;
        self.client.change(request, start).await
    }

    /// Sends a change and reads what the server answers.
    async fn make(self, method: Method, path: &[&str], body: Body, start: Instant) -> Result<Value, Failure> {
        let response = self.send(method, path, body, start).await?;
        self.client.accept(&response)?;
        parse(&response.0).map_err(unknown)
    }
}

/// A JSON body, made before anything is sent.
fn body(value: &Value) -> Result<Body, Failure> {
    Ok(Body::Json(json(value).map_err(not_sent)?))
}
