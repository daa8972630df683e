//! How is something changed at a console? Sent once, and what is not known to have happened says how sure that is (design G3).

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::ask::{Ask, parse};
use super::fault::{Fault, is_page};
use super::{Client, offenses::inconsistent};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Response;
use crate::gate::{Certainty, Failure};

/// A change that is not known to have happened.
#[derive(Debug)]
pub struct Unchanged {
    /// What went wrong.
    pub fault: Fault,
    /// How sure it is that nothing happened.
    pub certainty: Certainty,
}

impl Unchanged {
    /// For the gate. `what` names the call.
    pub fn into_failure(self, what: &str) -> Failure {
        let Self { fault, certainty } = self;
        Failure {
            error: fault.into_error(what),
            certainty,
        }
    }

    /// Did the API refuse with this status?
    pub fn is_status(&self, status: u16) -> bool {
        matches!(&self.fault, Fault::Refused(refusal) if refusal.status == status)
    }
}

impl Client {
    /// Sends a change and reads what it made. `start` is when the call began: what was asked before counts against the
    /// request's deadline, so that a later look at the console cannot come before the sending.
    pub async fn change<T: DeserializeOwned>(&self, ask: &Ask, start: Instant) -> Result<T, Unchanged> {
        let response = self.send_change(ask, start).await?;
        // Something happened, so an answer that cannot be read leaves open what.
        parse(&response).map_err(|fault| Unchanged {
            fault,
            certainty: Certainty::Unknown,
        })
    }

    /// Sends a change whose answer does not matter.
    pub async fn send_change(&self, ask: &Ask, start: Instant) -> Result<Response, Unchanged> {
        let not_sent = |fault| Unchanged {
            fault,
            certainty: Certainty::NotSent,
        };
        let version = self.version().await.map_err(not_sent)?;
        let mut request = ask.request(None, Some(&version));
        let left = self.egress.request_deadline().saturating_sub(start.elapsed());
        if left.is_zero() {
            let why = "QRadar was too slow to ask before the change could be sent";
            return Err(not_sent(Fault::Transport(Error::Unavailable(why.to_owned()))));
        }
        request.deadline = Some(left);
        let response = self.egress.write(&request).await.map_err(|failure| Unchanged {
            fault: Fault::Transport(failure.error),
            certainty: failure.certainty,
        })?;
        self.note_deprecation(ask, &response, &version);
        let fault = match response.status {
            200..=299 if response.body.is_empty() || !is_page(&response) => return Ok(response),
            200..=299 => Fault::Page(response.status),
            _ => Fault::of(&response, |text| self.egress.scrub(text)),
        };
        if fault.is_version() {
            self.version.forget(&version).await;
        }
        // A gateway's 5xx or a page with a success says nothing about what the API did behind it.
        let certainty = match response.status {
            400..=499 => Certainty::Refused,
            _ => Certainty::Unknown,
        };
        Err(Unchanged { fault, certainty })
    }
}

/// Nothing was sent.
pub fn not_sent(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::NotSent,
    }
}

/// The console said no, or what is there says it.
pub fn refused(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Refused,
    }
}

/// Nobody knows.
pub fn unknown(error: Error) -> Failure {
    Failure {
        error,
        certainty: Certainty::Unknown,
    }
}

/// The console accepted a change and answered something that does not fit it.
pub fn odd(message: String) -> Failure {
    unknown(inconsistent(message))
}
