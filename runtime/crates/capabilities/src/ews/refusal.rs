//! What does a "no" of the server mean (contract section 4)? One table, for guests, for repeats and for writes.

use std::time::Duration;

use http::HeaderMap;
use http::header::LOCATION;
use synapse_domain::clock::{Clock as _, SystemClock};

use super::wire::{Refusal, Trouble};
use crate::bindings::synapse::workflow::types::{Error, OtherError};
use crate::egress::retry_after;
use crate::gate::{Certainty, Failure};

/// Longest text of the server's that is handed on.
const TEXT_CHARS: usize = 300;
/// Longest response code, and longest value of a header that tells support where to look.
const CODE_CHARS: usize = 64;
/// How long to stay away from a server that is busy and does not say for how long.
const BACK_OFF_MS: u64 = 5_000;
/// Longest time that a server can keep us away: "in ten years" means "soon, please" here.
const LONGEST_BACK_OFF_MS: u64 = 60 * 60 * 1_000;
/// Headers that Exchange's support asks for.
const TRACES: [&str; 3] = ["x-caserrorcode", "x-feserver", "request-id"];
/// Code of an answer that is no EWS answer.
pub(super) const UNREADABLE: &str = "unreadable-answer";
/// The code of an answer to something else than what was asked.
pub(super) const OUT_OF_STEP: &str = "out-of-step";
/// What an old server says to a version it does not know, sometimes without a code.
const VERSION_TEXT: &str = "The specified server version is invalid";

/// What a response code comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Throttled: not done, and not before a while (D28).
    Busy,
    /// Not done, and perhaps done a little later.
    Later,
    /// Something broke on the way: nobody knows what was done.
    Broken,
    /// Gone, moved, or never ours.
    Missing,
    /// Somebody else wrote first, or the change key was asked for (D29).
    Stale,
    /// The item is there and the server cannot read it.
    Unreadable,
    /// The server is older than the version we speak.
    Version,
    /// The sync state is of no use any more.
    Resync,
    /// Mailbox, rights or account are not as the connection says: an operator has to act.
    Setup,
    /// Whatever else it says.
    Other,
}

/// The meaning of a response code. Codes that nobody knows are refusals like others: 480 are documented, and new ones come.
pub(super) fn meaning(refusal: &Refusal) -> Meaning {
    match refusal.code.as_str() {
        "ErrorServerBusy"
        | "ErrorExceededConnectionCount"
        | "ErrorTooManyObjectsOpened"
        | "ErrorExceededMessageLimit" => Meaning::Busy,
        "ErrorMailboxMoveInProgress" | "ErrorBatchProcessingStopped" | "ErrorMailboxFailover" => Meaning::Later,
        // The last two are faults without a code: `faultcode` says only whose mistake it was.
        "ErrorTimeoutExpired"
        | "ErrorInternalServerTransientError"
        | "ErrorInternalServerError"
        | "ErrorMailboxStoreUnavailable"
        | "ErrorConnectionFailed"
        | "ErrorADUnavailable"
        | "Server"
        | "" => Meaning::Broken,
        "ErrorItemNotFound"
        | "ErrorFolderNotFound"
        | "ErrorParentFolderNotFound"
        | "ErrorInvalidFolderId"
        | "ErrorInvalidAttachmentId" => Meaning::Missing,
        code if code.starts_with("ErrorInvalidId") => Meaning::Missing,
        "ErrorIrresolvableConflict"
        | "ErrorStaleObject"
        | "ErrorChangeKeyRequired"
        | "ErrorChangeKeyRequiredForWriteOperations"
        | "ErrorInvalidChangeKey" => Meaning::Stale,
        "ErrorMimeContentConversionFailed"
        | "ErrorMimeContentInvalid"
        | "ErrorContentConversionFailed"
        | "ErrorItemCorrupt"
        | "ErrorCorruptData"
        | "ErrorCannotOpenFileAttachment" => Meaning::Unreadable,
        "ErrorInvalidServerVersion" | "ErrorInvalidSchemaVersionForMailboxVersion" => Meaning::Version,
        _ if refusal.message.contains(VERSION_TEXT) => Meaning::Version,
        "ErrorInvalidSyncStateData" | "ErrorSyncFolderNotFound" => Meaning::Resync,
        "ErrorAccessDenied"
        | "ErrorImpersonateUserDenied"
        | "ErrorImpersonationDenied"
        | "ErrorImpersonationFailed"
        | "ErrorInvalidExchangeImpersonationHeaderData"
        | "ErrorNonExistentMailbox"
        | "ErrorAccountDisabled"
        | "ErrorMailboxConfiguration" => Meaning::Setup,
        _ => Meaning::Other,
    }
}

/// How sure a refused write is to have changed nothing.
pub(super) fn certainty(refusal: &Refusal) -> Certainty {
    match meaning(refusal) {
        Meaning::Broken => Certainty::Unknown,
        _ => Certainty::Refused,
    }
}

/// How long a busy server wants to be left alone, milliseconds.
pub(super) fn back_off(refusal: &Refusal) -> u64 {
    refusal.back_off_ms.unwrap_or(BACK_OFF_MS).min(LONGEST_BACK_OFF_MS)
}

/// For the guest. `scrub` takes credentials out of a text; `mailbox` is who to look at.
pub(super) fn error(refusal: &Refusal, mailbox: Option<&str>, scrub: impl Fn(&str) -> String) -> Error {
    let code: String = refusal.code.chars().take(CODE_CHARS).collect();
    let text = line(&scrub(&refusal.message), TEXT_CHARS);
    let said = format!("Exchange says {code}: {text}");
    match meaning(refusal) {
        Meaning::Busy => Error::RateLimited(back_off(refusal)),
        Meaning::Later | Meaning::Broken => Error::Unavailable(said),
        Meaning::Missing => Error::NotFound,
        Meaning::Stale => Error::Conflict(said),
        Meaning::Unreadable => Error::Unreadable(said),
        Meaning::Version => Error::Unsupported(said),
        Meaning::Resync => Error::ResyncRequired,
        Meaning::Setup => {
            let whose = mailbox.map_or_else(
                || "the account's own mailbox".to_owned(),
                |name| format!("mailbox `{name}`"),
            );
            other(
                &code,
                format!("{said} ({whose}; check that it exists and that the connection's account may open it)"),
            )
        }
        Meaning::Other => other(&code, said),
    }
}

/// An answer that cannot be read. What was done is not known.
pub(super) fn trouble(trouble: Trouble) -> Error {
    match trouble {
        // A fault is a refusal, and read as one before it comes here.
        Trouble::Fault(refusal) => error(&refusal, None, str::to_owned),
        Trouble::Malformed(why) => other(
            UNREADABLE,
            format!(
                "the answer is no EWS answer ({}); is the connection's URL that of EWS (`/EWS/Exchange.asmx`)?",
                line(&why, TEXT_CHARS)
            ),
        ),
        Trouble::OtherOperation { expected, got } => other(
            OUT_OF_STEP,
            format!(
                "`{}` came where `{expected}` was asked for: the answers are out of step with the requests",
                line(&got, CODE_CHARS)
            ),
        ),
        Trouble::TooLarge(limit) => Error::TooLarge(limit),
        Trouble::Io(kind, why) => Error::Unavailable(format!(
            "the answer could not be read to its end: {} ({kind:?})",
            line(&why, TEXT_CHARS)
        )),
    }
}

/// A status other than 200, or 500 without a SOAP body.
pub(super) fn status(status: u16, headers: &HeaderMap, sent_bytes: usize) -> Failure {
    let certainty = match status {
        400..=407 | 409..=499 => Certainty::Refused,
        _ => Certainty::Unknown,
    };
    let traces = traces(headers);
    let asked = retry_after(headers, Duration::from_millis(SystemClock.now()));
    let asked = asked.map(|pause| {
        u64::try_from(pause.as_millis())
            .unwrap_or(u64::MAX)
            .min(LONGEST_BACK_OFF_MS)
    });
    let error = match (status, asked) {
        (401, _) => Error::Unauthenticated,
        (403, _) => other(
            "forbidden",
            format!(
                "Exchange answered 403{traces}: EWS is disabled for the account, or its policy refuses our user agent"
            ),
        ),
        (404, _) => other(
            "http-404",
            format!("404{traces}; is the connection's URL that of EWS (`/EWS/Exchange.asmx`)?"),
        ),
        (413, _) => Error::TooLarge(sent_bytes as u64),
        (429, asked) => Error::RateLimited(asked.unwrap_or(BACK_OFF_MS)),
        (503, Some(asked)) => Error::RateLimited(asked),
        (300..=399, _) => other(
            "redirect",
            format!("a redirect ({status}){traces}; set the connection's URL to the final address"),
        ),
        (500..=599, _) => Error::Unavailable(format!("Exchange answered {status}{traces}")),
        _ => other(&format!("http-{status}"), format!("Exchange answered {status}{traces}")),
    };
    Failure { error, certainty }
}

/// Is it a redirect to the server's own error page? Any other redirect is a mistake in the connection's URL.
pub(super) fn is_error_page(status: u16, headers: &HeaderMap) -> bool {
    let page = |location: &str| location.to_ascii_lowercase().contains("/genericerrorpage");
    (300..=399).contains(&status)
        && headers
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .is_some_and(page)
}

/// Does a body without SOAP say that the version is not known?
pub(super) fn names_version(body: &[u8]) -> bool {
    body.windows(VERSION_TEXT.len())
        .any(|part| part == VERSION_TEXT.as_bytes())
}

/// What an operator can hand to support.
fn traces(headers: &HeaderMap) -> String {
    let found: Vec<String> = TRACES
        .iter()
        .filter_map(|name| {
            Some(format!(
                "{name} {}",
                line(headers.get(*name)?.to_str().ok()?, CODE_CHARS)
            ))
        })
        .collect();
    if found.is_empty() {
        String::new()
    } else {
        format!(" ({})", found.join(", "))
    }
}

pub(super) fn other(code: &str, message: String) -> Error {
    Error::Other(OtherError {
        code: code.to_owned(),
        message,
    })
}

/// A text of the server's in one short line.
fn line(text: &str, chars: usize) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(chars).collect::<String>().trim().to_owned()
}
