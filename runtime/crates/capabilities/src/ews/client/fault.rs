//! What went wrong when a mailbox was asked: did its server refuse, or is there no answer to speak of?

use super::super::refusal::{self, Meaning};
use super::super::wire::Refusal;
use super::Client;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Certainty, Failure};

/// A call without the answer that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ews) enum Fault {
    /// The server refused, in EWS's words.
    Refused(Refusal),
    /// Anything else.
    Failed(Failure),
}

impl Fault {
    /// A failure with this certainty.
    pub fn new(error: Error, certainty: Certainty) -> Self {
        Self::Failed(Failure { error, certainty })
    }

    /// What the server's words mean, if they are its words.
    pub fn meaning(&self) -> Option<Meaning> {
        match self {
            Self::Refused(refusal) => Some(refusal::meaning(refusal)),
            Self::Failed(_) => None,
        }
    }

    /// For a guest that asked.
    pub fn into_error(self, client: &Client) -> Error {
        self.into_failure(client).error
    }

    /// For the gate.
    pub fn into_failure(self, client: &Client) -> Failure {
        match self {
            Self::Refused(refusal) => Failure {
                certainty: refusal::certainty(&refusal),
                error: client.error(&refusal),
            },
            Self::Failed(failure) => failure,
        }
    }
}

impl Client {
    /// A refusal as a guest sees it.
    pub(in crate::ews) fn error(&self, refusal: &Refusal) -> Error {
        refusal::error(refusal, self.options.mailbox.as_deref(), |text| self.egress.scrub(text))
    }
}
