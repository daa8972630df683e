//! How is the laboratory target called?

use http::Method;

use super::query;
use super::types::{Entry, NewEntry};
use crate::bindings::synapse::workflow::types::{Error, OtherError};
use crate::egress::{Egress, Request, Response};
use crate::gate::{Certainty, Failure};

/// A client of one target. Without a way to it, only canned reads are possible.
#[derive(Debug)]
pub struct Client {
    egress: Option<Egress>,
}

impl Client {
    /// A client over this egress.
    pub fn new(egress: Option<Egress>) -> Self {
        Self { egress }
    }

    /// The way to the target, if there is one.
    pub fn way(&self) -> Option<&Egress> {
        self.egress.as_ref()
    }

    /// Appends a line; answers its id.
    pub(super) async fn append(&self, text: &str, marker: Option<&str>) -> Result<String, Failure> {
        let refuse = |error: Error, certainty| Failure { error, certainty };
        let egress = self.egress().map_err(|error| refuse(error, Certainty::NotSent))?;
        let unreadable = |error: serde_json::Error| refuse(other(&error.to_string()), Certainty::Unknown);
        let body = serde_json::to_vec(&NewEntry { text, marker }).map_err(unreadable)?;
        let response = egress
            .write(&Request::new(Method::POST, ["entries"]).json(body))
            .await?;
        match response.status {
            200..=299 => Ok(serde_json::from_slice::<Entry>(&response.body)
                .map_err(unreadable)?
                .id
                .to_string()),
            400..=499 => Err(refuse(refused(&response), Certainty::Refused)),
            _ => Err(refuse(refused(&response), Certainty::Unknown)),
        }
    }

    /// Entries with this marker.
    pub(super) async fn by_marker(&self, marker: &str) -> Result<Vec<Entry>, Error> {
        let response = self
            .egress()?
            .read(&query::by_marker(marker))
            .await
            .map_err(|failure| failure.error)?;
        if !response.is_success() {
            return Err(refused(&response));
        }
        serde_json::from_slice(&response.body).map_err(|error| other(&error.to_string()))
    }

    fn egress(&self) -> Result<&Egress, Error> {
        self.way().ok_or_else(|| {
            Error::Unsupported("this laboratory connection has no URL, so it can only be read from".to_owned())
        })
    }
}

fn refused(response: &Response) -> Error {
    match response.status {
        404 => Error::NotFound,
        500..=599 => Error::Unavailable(format!("the target answered {}", response.status)),
        status => other(&format!("the target answered {status}")),
    }
}

fn other(message: &str) -> Error {
    Error::Other(OtherError {
        code: "lab".to_owned(),
        message: message.to_owned(),
    })
}
