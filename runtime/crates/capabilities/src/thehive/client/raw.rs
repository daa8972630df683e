//! How is a request sent as a guest wrote it? Its path is taken apart first, so that each segment is encoded again as one segment.

use http::Method;
use tokio::time::Instant;

use super::{Client, not_sent};
use crate::bindings::synapse::thehive::raw::{self as wit, RawAnswer, RawRequest};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Request, Response};
use crate::gate::{Certainty, Failure};
use crate::thehive::check::RawPath;

/// Largest answer.
const ANSWER: usize = 1 << 20;

impl Client {
    /// Asks.
    pub(in crate::thehive) async fn raw_read(&self, request: &RawRequest) -> Result<RawAnswer, Error> {
        let request = self.raw(request)?;
        let response = self.egress.read(&request).await.map_err(|failure| failure.error)?;
        self.raw_answer(&response)
    }

    /// Changes. An answer of the server's own, whatever it says, is an answer; a server that failed may have done it.
    pub(in crate::thehive) async fn raw_write(
        &self,
        request: &RawRequest,
        start: Instant,
    ) -> Result<RawAnswer, Failure> {
        let request = self.raw(request).map_err(not_sent)?;
        let (response, _) = self.change(request, start).await?;
        let answer = self.raw_answer(&response);
        match (response.status, answer) {
            (200..=299 | 400..=407 | 409..=499, Ok(answer)) => Ok(answer),
            (200..=299, Err(error)) => Err(unknown(error)),
            (status, _) => Err(unknown(Error::Unavailable(format!("TheHive answered {status}")))),
        }
    }

    fn raw(&self, request: &RawRequest) -> Result<Request, Error> {
        let path = RawPath::read(&request.path)?;
        let method = match request.method {
            wit::Method::Get => Method::GET,
            wit::Method::Post => Method::POST,
            wit::Method::Put => Method::PUT,
            wit::Method::Patch => Method::PATCH,
            wit::Method::Delete => Method::DELETE,
        };
        let mut sent = Request::new(method, path.segments);
        sent.query = path.query;
        sent.max_bytes = Some(ANSWER);
        Ok(match &request.body {
            Some(body) => sent.json(body.clone().into_bytes()),
            None => sent,
        })
    }

    /// The answer without this connection's credentials.
    fn raw_answer(&self, response: &Response) -> Result<RawAnswer, Error> {
        let text = std::str::from_utf8(&response.body);
        let text = text.map_err(|_| Error::Unreadable("the answer is no UTF-8 text".to_owned()))?;
        Ok(RawAnswer {
            status: response.status,
            body: self.egress.scrub(text),
        })
    }
}

fn unknown(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Unknown,
    }
}
