//! How does one envelope travel there and back? Version, mailbox headers, the three carriers of an error (contract section 4).

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, HeaderName};
use tokio::time::Instant;

use super::super::refusal::{self, Meaning};
use super::super::wire::{Envelope, PerItem, Refusal, Trouble};
use super::fault::Fault;
use super::patience::Patience;
use super::{Client, VERSIONS};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::{Body, Request, Response};
use crate::gate::{Certainty, Failure};

/// Leads the front end to the mailbox's server (contract section 1).
const ANCHOR: HeaderName = HeaderName::from_static("x-anchormailbox");
/// From this size on an answer is read on a thread of its own, so that other runs go on meanwhile.
const LARGE: usize = 256 << 10;

/// What reads an answer.
pub(super) type Parse<T> = fn(&[u8]) -> Result<T, Trouble>;

impl Client {
    /// Asks, and asks again as long as that is worth it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        build: impl Fn(&Envelope<'_>) -> Vec<u8>,
        parse: Parse<T>,
    ) -> Result<T, Fault> {
        let mut patience = self.patience();
        loop {
            let fault = match self.ask_once(&build, parse).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let pause = patience.pause(&fault, self.is_trusted());
            self.distrust(&fault);
            let Some(pause) = pause else { return Err(fault) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Asks about one thing.
    pub(super) async fn read_one<T: Send + 'static>(
        &self,
        build: impl Fn(&Envelope<'_>) -> Vec<u8>,
        parse: Parse<PerItem<T>>,
    ) -> Result<T, Fault> {
        let mut patience = self.patience();
        loop {
            let refusal = match only(self.read(&build, parse).await?)? {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            self.busy.note(&refusal);
            let Some(pause) = patience.pause_for(&refusal) else {
                return Err(Fault::Refused(refusal));
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Changes one thing, once. `start` is when the call began: everything before the sending counts against its deadline (design G2).
    pub(super) async fn write_one<T: Send + 'static>(
        &self,
        start: Instant,
        build: impl Fn(&Envelope<'_>) -> Vec<u8>,
        parse: Parse<PerItem<T>>,
    ) -> Result<T, Fault> {
        let mut version = self.version();
        loop {
            self.not_busy()?;
            let left = self.egress.request_deadline().saturating_sub(start.elapsed());
            if left.is_zero() {
                let why = "Exchange was too slow to ask before the change could be sent";
                return Err(Fault::new(Error::Unavailable(why.to_owned()), Certainty::NotSent));
            }
            let mut request = self.request(build(&self.envelope(version)));
            let bytes = request.body_bytes();
            request.deadline = Some(left);
            let response = self.egress.write(&request).await.map_err(Fault::Failed)?;
            let fault = match judge(response, bytes, parse).await.and_then(only) {
                Ok(Ok(answer)) => {
                    self.trust();
                    return Ok(answer);
                }
                Ok(Err(refusal)) => Fault::Refused(refusal),
                Err(fault) => fault,
            };
            self.distrust(&fault);
            match self.older(&fault, version) {
                Some(older) => version = older,
                None => return Err(fault),
            }
        }
    }

    /// One question; more than one request only to find a version that the server knows.
    async fn ask_once<T: Send + 'static>(
        &self,
        build: &impl Fn(&Envelope<'_>) -> Vec<u8>,
        parse: Parse<T>,
    ) -> Result<T, Fault> {
        let mut version = self.version();
        loop {
            self.not_busy()?;
            let request = self.request(build(&self.envelope(version)));
            let response = self.egress.read(&request).await.map_err(Fault::Failed)?;
            let fault = match judge(response, request.body_bytes(), parse).await {
                Ok(answer) => {
                    self.trust();
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            match self.older(&fault, version) {
                Some(older) => version = older,
                None => return Err(fault),
            }
        }
    }

    /// The version to go on with, if this fault says that the server does not know that one. Remembered.
    pub(super) fn older(&self, fault: &Fault, version: usize) -> Option<usize> {
        let older = version.saturating_add(1);
        if fault.meaning() != Some(Meaning::Version) || older >= VERSIONS.len() {
            return None;
        }
        self.version.fetch_max(older, Ordering::Relaxed);
        Some(older)
    }

    pub(super) fn version(&self) -> usize {
        self.version.load(Ordering::Relaxed)
    }

    pub(super) fn envelope(&self, version: usize) -> Envelope<'_> {
        Envelope {
            version: VERSIONS.get(version).copied().unwrap_or_default(),
            impersonate: self.impersonated(),
        }
    }

    pub(super) fn patience(&self) -> Patience {
        Patience::new(self.egress.request_deadline())
    }

    /// The connection's URL is the service itself.
    pub(super) fn request(&self, envelope: Vec<u8>) -> Request {
        let mut request = Request::new(Method::POST, [] as [&str; 0]);
        request.body = Body::Xml(envelope);
        request.headers.push((ACCEPT, "text/xml".to_owned()));
        let anchor = self.options.mailbox.iter().map(|mailbox| (ANCHOR, mailbox.clone()));
        request.headers.extend(anchor);
        request
    }

    /// Has the server known us when it was asked last?
    pub(super) fn is_trusted(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    /// It knows us.
    pub(super) fn trust(&self) {
        self.trusted.store(true, Ordering::Relaxed);
    }

    /// Nothing is asked while the server wants to be left alone.
    pub(super) fn not_busy(&self) -> Result<(), Fault> {
        self.busy
            .refusal()
            .map_or(Ok(()), |error| Err(Fault::new(error, Certainty::NotSent)))
    }

    /// What a fault says about those who come next.
    pub(super) fn distrust(&self, fault: &Fault) {
        match fault {
            Fault::Refused(refusal) => self.busy.note(refusal),
            Fault::Failed(failure) if failure.error == Error::Unauthenticated => {
                self.trusted.store(false, Ordering::Relaxed);
            }
            Fault::Failed(Failure {
                error: Error::Other(why),
                ..
            }) if why.code == refusal::OUT_OF_STEP => self.egress.forget_connections(),
            Fault::Failed(_) => {}
        }
    }
}

/// The answer's content. EWS speaks under 200 and 500; a fault can come with either.
pub(super) async fn judge<T: Send + 'static>(
    response: Response,
    sent_bytes: usize,
    parse: Parse<T>,
) -> Result<T, Fault> {
    if refusal::is_error_page(response.status, &response.headers) {
        // Exchange's way to say that it is in trouble just now.
        return Err(Fault::Refused(Refusal {
            code: "ErrorInternalServerTransientError".to_owned(),
            message: "a redirect to its error page".to_owned(),
            back_off_ms: None,
        }));
    }
    if !matches!(response.status, 200 | 500) {
        return Err(Fault::Failed(refusal::status(
            response.status,
            &response.headers,
            sent_bytes,
        )));
    }
    let trouble = match read(response.body.clone(), parse).await {
        Ok(answer) => return Ok(answer),
        Err(trouble) => trouble,
    };
    Err(match trouble {
        Trouble::Fault(refusal) => Fault::Refused(refusal),
        Trouble::Malformed(_) if response.status == 500 && refusal::names_version(&response.body) => {
            Fault::Refused(Refusal {
                code: "ErrorInvalidServerVersion".to_owned(),
                message: "the server does not know the version".to_owned(),
                back_off_ms: None,
            })
        }
        Trouble::Malformed(_) if response.status == 500 => {
            Fault::Failed(refusal::status(response.status, &response.headers, sent_bytes))
        }
        // What the server did is not known: its answer was about something else, or was lost on the way.
        trouble => Fault::new(refusal::trouble(trouble), Certainty::Unknown),
    })
}

async fn read<T: Send + 'static>(body: Bytes, parse: Parse<T>) -> Result<T, Trouble> {
    if body.len() < LARGE {
        return parse(&body);
    }
    let reading = tokio::task::spawn_blocking(move || parse(&body));
    reading
        .await
        .unwrap_or_else(|error| Err(Trouble::Malformed(format!("it could not be read: {error}"))))
}

/// The only result of a list.
pub(super) fn only<T>(results: PerItem<T>) -> Result<Result<T, Refusal>, Fault> {
    let count = results.len();
    let mut results = results.into_iter();
    match (results.next(), results.next()) {
        (Some(result), None) => Ok(result),
        _ => Err(inconsistent(&format!("{count} results for one question"))),
    }
}

/// An answer about something else than what was asked (threat row 65).
pub(super) fn inconsistent(what: &str) -> Fault {
    Fault::new(
        refusal::other("upstream-inconsistent", format!("Exchange answered with {what}")),
        Certainty::Unknown,
    )
}

/// How long an answer that is streamed may take, in request deadlines.
const STREAM_DEADLINES: u32 = 5;

/// The deadline of an answer that is streamed.
pub(super) fn streaming(deadline: Duration) -> Duration {
    deadline.saturating_mul(STREAM_DEADLINES)
}
