//! Why did a request bring no answer, and how sure is it that nothing happened at the target (design G3)?

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::{CertificateError, Error as TlsError};

use super::resolver::Blocked;
use crate::bindings::synapse::workflow::types::{Error, InvalidArgument, OtherError};
use crate::gate::{Certainty, Failure};

/// Causes that are looked at: a cycle of sources would be a bug of somebody else's that must not hang us.
const NESTED: usize = 16;

/// A request without an answer. Texts name hosts and causes, never credentials, bodies or query values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request itself cannot be sent.
    Invalid { field: String, reason: String },
    /// The address may not be connected to.
    Blocked(String),
    /// The target is not who it should be.
    Untrusted(String),
    /// No connection.
    Connect(String),
    /// No request could begin within this time, and why.
    Busy(&'static str, Duration),
    /// The operator's proxy does not let us through; the text names it.
    Proxy(String),
    /// The deadline passed.
    Late(Duration),
    /// The connection broke after the request may have been sent.
    Broken(String),
    /// The target does not accept who we are; the text is for the operator's log.
    Unauthenticated(String),
    /// What was to be sent cannot be read here.
    Content(String),
    /// The answer is larger than the limit, bytes.
    TooLarge(usize),
    /// The answer is encoded in a way that was not asked for.
    Encoded,
}

impl Fault {
    pub fn invalid(field: &str, reason: &str) -> Self {
        Self::Invalid {
            field: field.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// What it means that a connection could not be made.
    pub fn connecting(error: &(dyn StdError + 'static)) -> Self {
        for cause in causes(error) {
            if let Some(Blocked(why)) = cause.downcast_ref() {
                return Self::Blocked(why.clone());
            }
            if let Some(tls) = tls(cause) {
                return Self::Untrusted(untrusted(tls));
            }
        }
        Self::Connect(innermost(error))
    }

    /// What it means that a connection broke after the request may have been sent.
    pub fn sending(error: &hyper::Error) -> Self {
        Self::Broken(innermost(error))
    }

    /// May the same read do better?
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Late(_) | Self::Broken(_) => true,
            Self::Invalid { .. }
            | Self::Blocked(_)
            | Self::Untrusted(_)
            | Self::Busy(..)
            | Self::Proxy(_)
            | Self::Unauthenticated(_)
            | Self::Content(_)
            | Self::TooLarge(_)
            | Self::Encoded => false,
        }
    }

    /// Does it say nothing about the target or the way to it?
    pub fn is_ours(&self) -> bool {
        match self {
            Self::Invalid { .. } | Self::Busy(..) | Self::Content(_) => true,
            Self::Blocked(_)
            | Self::Untrusted(_)
            | Self::Connect(_)
            | Self::Proxy(_)
            | Self::Late(_)
            | Self::Broken(_)
            | Self::Unauthenticated(_)
            | Self::TooLarge(_)
            | Self::Encoded => false,
        }
    }

    fn certainty(&self) -> Certainty {
        match self {
            Self::Invalid { .. }
            | Self::Blocked(_)
            | Self::Untrusted(_)
            | Self::Connect(_)
            | Self::Busy(..)
            | Self::Proxy(_)
            | Self::Content(_) => Certainty::NotSent,
            Self::Unauthenticated(_) => Certainty::Refused,
            Self::Late(_) | Self::Broken(_) | Self::TooLarge(_) | Self::Encoded => Certainty::Unknown,
        }
    }

    /// The fault as the gate and the guest see it.
    pub fn into_failure(self, host: &str) -> Failure {
        let certainty = self.certainty();
        let other = |code: &str, message: String| {
            Error::Other(OtherError {
                code: code.to_owned(),
                message,
            })
        };
        let error = match self {
            Self::Invalid { field, reason } => Error::Invalid(InvalidArgument { field, reason }),
            Self::Blocked(why) => other("address-refused", why),
            Self::Untrusted(why) => other("tls", format!("`{host}`: {why}")),
            Self::Connect(why) => Error::Unavailable(format!("no connection to `{host}`: {why}")),
            Self::Busy(why, limit) => Error::Unavailable(format!("`{host}`: {why} for {} ms", limit.as_millis())),
            Self::Proxy(why) => other("proxy", format!("no connection to `{host}`: {why}")),
            Self::Late(limit) => Error::Unavailable(format!(
                "`{host}` did not answer completely within {} ms",
                limit.as_millis()
            )),
            Self::Broken(why) => Error::Unavailable(format!("the connection to `{host}` broke: {why}")),
            Self::Unauthenticated(why) => {
                // The guest learns only that an operator has to act.
                tracing::warn!(host, why, "the connection's credentials were refused");
                Error::Unauthenticated
            }
            Self::Content(why) => other("unreadable-content", why),
            Self::TooLarge(limit) => Error::TooLarge(limit as u64),
            Self::Encoded => other(
                "unreadable-answer",
                format!("`{host}` compressed its answer although it was asked not to"),
            ),
        };
        Failure { error, certainty }
    }
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let error: &'a (dyn StdError + 'static) = *error;
        error.source()
    })
    .take(NESTED)
}

/// The innermost cause in words: the outer ones repeat it.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error)
        .last()
        .map_or_else(|| "request failed".to_owned(), ToString::to_string)
}

fn tls<'a>(mut cause: &'a (dyn StdError + 'static)) -> Option<&'a TlsError> {
    // io::Error hides what it wraps from `source()`, and the TLS layers wrap one in another.
    for _ in 0..NESTED {
        if let Some(tls) = cause.downcast_ref() {
            return Some(tls);
        }
        cause = cause.downcast_ref::<io::Error>()?.get_ref()?;
    }
    None
}

fn untrusted(error: &TlsError) -> String {
    match error {
        // Made by our own verifier, with the missing issuer's name (D11).
        TlsError::InvalidCertificate(CertificateError::Other(inner)) => inner.0.to_string(),
        TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => {
            format!("{error}; if the target is the right one, set server_name to a name that its certificate holds")
        }
        _ => error.to_string(),
    }
}
