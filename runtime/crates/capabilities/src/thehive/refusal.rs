//! What does a status outside 2xx mean (contract section 4)?

use std::time::Duration;

use synapse_domain::clock::{Clock as _, SystemClock};

use super::types::ItemFailure;
use crate::bindings::synapse::workflow::types::{Error, OtherError};
use crate::egress::{Egress, Response, retry_after};
use crate::gate::{Certainty, Failure};

/// Longest message of the server's that is handed on.
const MESSAGE_CHARS: usize = 300;
/// Longest error type that is one.
const TYPE_CHARS: usize = 64;
/// How long to stay away from a server that says "too often" and not for how long.
const PAUSE: Duration = Duration::from_secs(1);

/// Is it "there is such an alert or observable already"? Known by status and type, never by message (D13).
pub(super) fn says_exists(response: &Response) -> bool {
    match response.status {
        409 => true,
        400 => body(response).says_exists(),
        _ => false,
    }
}

/// The error for the guest, and how sure the refusal is. For reads the certainty has no meaning.
pub(super) fn read(response: &Response, egress: &Egress, sent_bytes: usize) -> Failure {
    let status = response.status;
    let certainty = match status {
        // The server understood and said no. A 408 and a redirect are a proxy's words about a request it may have passed on.
        400..=407 | 409..=499 => Certainty::Refused,
        _ => Certainty::Unknown,
    };
    let body = body(response);
    let message = || message(&body, status, egress);
    let error = match status {
        401 | 402 => Error::Unauthenticated,
        403 => other("forbidden", &message()),
        404 => Error::NotFound,
        409 => Error::Conflict(message()),
        413 => Error::TooLarge(sent_bytes as u64),
        429 => Error::RateLimited(pause(response)),
        300..=399 => other(
            "redirect",
            &format!("TheHive answered with a redirect ({status}); set the connection's URL to the final address"),
        ),
        500..=599 => Error::Unavailable(format!("TheHive answered {status}: {}", message())),
        _ => other(&code(&body, status), &message()),
    };
    Failure { error, certainty }
}

/// The failure of one item inside an answer of success: the server did not do it.
pub(super) fn of_item(failure: &ItemFailure, egress: &Egress) -> Failure {
    Failure {
        error: other(&code(failure, 207), &message(failure, 207, egress)),
        certainty: Certainty::Refused,
    }
}

/// The body of an error, as far as it is one; the first of a list of them.
fn body(response: &Response) -> ItemFailure {
    let list = || {
        serde_json::from_slice::<Vec<ItemFailure>>(&response.body)
            .ok()?
            .into_iter()
            .next()
    };
    let one = serde_json::from_slice(&response.body).ok();
    one.or_else(list).unwrap_or_default()
}

/// The server's own error type, if it looks like one.
fn code(failure: &ItemFailure, status: u16) -> String {
    let kind = failure.r#type.clone();
    let plausible = !kind.is_empty()
        && kind.len() <= TYPE_CHARS
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if plausible { kind } else { format!("http-{status}") }
}

/// The server's message in one line, without our credentials: a server may echo what it was sent (threat row 34).
fn message(failure: &ItemFailure, status: u16, egress: &Egress) -> String {
    let text = &failure.message;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = egress.scrub(&line);
    if clean.is_empty() {
        format!("status {status} without a message")
    } else {
        clean.chars().take(MESSAGE_CHARS).collect()
    }
}

fn pause(response: &Response) -> u64 {
    let now = Duration::from_millis(SystemClock.now());
    let pause = retry_after(&response.headers, now).unwrap_or(PAUSE);
    u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)
}

fn other(code: &str, message: &str) -> Error {
    Error::Other(OtherError {
        code: code.to_owned(),
        message: message.to_owned(),
    })
}
