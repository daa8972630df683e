//! What went wrong when a console was asked, and what is the guest told? (contract 2.1)

use std::time::Duration;

use serde::Deserialize;
use synapse_domain::clock::{Clock as _, SystemClock};

use super::super::query::invalid;
use super::super::types::plain;
use crate::bindings::synapse::workflow::types::{Error, OtherError};
use crate::egress::{Response, retry_after};

/// An answer that is not the one asked for, or none.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// There was no answer, or not one of a permitted size.
    Transport(Error),
    /// The API refused.
    Refused(Refusal),
    /// Something in front of the API answered: HTML, with this status.
    Page(u16),
    /// A success whose JSON cannot be read: cut off (APAR IV98260), or of another shape.
    Cut(String),
}

/// The error envelope. `code` has a meaning only together with status and endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// QRadar's own number; 0 if the body held none.
    pub code: i64,
    /// Its text in one line.
    pub text: String,
    /// Milliseconds it wants to be left alone.
    pub retry_after: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    code: Option<i64>,
    message: Option<String>,
    description: Option<String>,
}

impl Fault {
    /// Why a response is no success. `scrub` takes credentials out of a text: some targets repeat what they were sent.
    pub fn of(response: &Response, scrub: impl Fn(&str) -> String) -> Self {
        let envelope = match serde_json::from_slice::<Envelope>(&response.body) {
            Ok(envelope) => envelope,
            Err(_) if is_page(response) => return Self::Page(response.status),
            Err(_) => Envelope::default(),
        };
        let texts = [envelope.message, envelope.description].into_iter().flatten();
        let text = texts
            .map(|text| scrub(&plain(&text)))
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        let asked = retry_after(&response.headers, Duration::from_millis(SystemClock.now()));
        let retry_after = asked.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        Self::Refused(Refusal {
            status: response.status,
            code: envelope.code.unwrap_or(0),
            text,
            retry_after,
        })
    }

    /// Did the API refuse with this status and code?
    pub fn is(&self, status: u16, code: i64) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == status && refusal.code == code)
    }

    /// Does the API say that there is no such object?
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 404)
    }

    /// Does the API no longer know the version, or the endpoint in it? (422, contract 1.2; 410)
    pub fn is_version(&self) -> bool {
        let named = |refusal: &Refusal| refusal.text.contains("header parameter (Version)");
        matches!(self, Self::Refused(refusal) if refusal.status == 410 || (refusal.status == 422 && named(refusal)))
    }

    /// May the same question be answered a little later?
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport(error) => matches!(error, Error::Unavailable(_) | Error::RateLimited(_)),
            Self::Refused(refusal) => refusal.status == 429 || refusal.status >= 500,
            // During a restart the web server has pages of its own, also 200 and 404.
            Self::Page(status) => matches!(status, 200..=299 | 404 | 429 | 500..),
            Self::Cut(_) => false,
        }
    }

    /// May a smaller part of the same list be readable?
    pub fn shrinks(&self) -> bool {
        // 500/13: "Invocation was successful, but transformation to content type APPLICATION_JSON failed".
        matches!(self, Self::Cut(_) | Self::Transport(Error::TooLarge(_))) || self.is(500, 13)
    }

    /// How long the console wants to be left alone.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Transport(Error::RateLimited(ms)) => Some(*ms),
            Self::Refused(refusal) => refusal.retry_after,
            Self::Transport(_) | Self::Page(_) | Self::Cut(_) => None,
        }
    }

    /// For the guest. `what` names the call, for instance `the list of offenses`.
    pub fn into_error(self, what: &str) -> Error {
        match self {
            Self::Transport(error) => error,
            Self::Page(401) => Error::Unauthenticated,
            Self::Page(status) => Error::Unavailable(format!(
                "QRadar answered {what} with a web page (status {status}) instead of JSON: the console may be restarting; if it \
                 stays so, check the connection's URL and what stands in front of the console"
            )),
            Self::Cut(why) => Error::Unreadable(format!("QRadar's answer to {what} cannot be read: {why}")),
            fault if fault.is_version() => Error::Unsupported(fault.said(what)),
            Self::Refused(refusal) => refused(&refusal, what),
        }
    }

    /// What was said, in a sentence.
    pub fn said(&self, what: &str) -> String {
        match self {
            Self::Refused(refusal) => format!(
                "QRadar answered {what} with {}/{}: {}",
                refusal.status, refusal.code, refusal.text
            ),
            other => format!("QRadar, {what}: {other:?}"),
        }
    }
}

fn refused(refusal: &Refusal, what: &str) -> Error {
    let Refusal {
        status,
        code,
        text,
        retry_after,
    } = refusal;
    let said = format!("QRadar answered {what} with {status}/{code}: {text}");
    match status {
        401 => Error::Unauthenticated,
        403 => other(
            "forbidden",
            format!("{said}; give the user role of the connection's QRadar service token that capability"),
        ),
        404 => Error::NotFound,
        409 => Error::Conflict(said),
        422 => invalid("query", said),
        429 => Error::RateLimited(retry_after.unwrap_or(1_000)),
        500.. => Error::Unavailable(said),
        _ => other(&format!("{status}/{code}"), said),
    }
}

fn other(code: &str, message: String) -> Error {
    Error::Other(OtherError {
        code: code.to_owned(),
        message,
    })
}

/// Is it a page of a web server rather than an answer of the API? By content type, because a status says little (contract 2.1).
pub fn is_page(response: &Response) -> bool {
    let kind = response
        .headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    match kind {
        Some(kind) => !kind.to_ascii_lowercase().contains("json"),
        None => !matches!(
            response.body.iter().find(|byte| !byte.is_ascii_whitespace()),
            Some(b'[' | b'{')
        ),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{CONTENT_TYPE, RETRY_AFTER};

    use super::*;

    fn response(status: u16, kind: &'static str, body: &'static str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        Response {
            status,
            headers,
            body: body.into(),
        }
    }

    fn of(response: &Response) -> Fault {
        Fault::of(response, |text| text.replace("s3cret-token", "[redacted]"))
    }

    fn refusal(status: u16, code: i64, message: &str) -> Fault {
        Fault::Refused(Refusal {
            status,
            code,
            text: message.to_owned(),
            retry_after: None,
        })
    }

    #[test]
    fn a_refusal_is_read_from_its_envelope() {
        let body = r#"{"http_response":{"code":404,"message":"x"},"code":1002,"description":"d","details":{},"message":"a\nb"}"#;
        let fault = of(&response(404, "application/json", body));
        assert_eq!(fault, refusal(404, 1002, "a b"));
        assert!(fault.is_missing() && fault.is(404, 1002) && !fault.is_transient());
        // Ariel's parser text is in `description` or in `message` (contract 4).
        let only = of(&response(
            422,
            "application/json",
            r#"{"code":2000,"description":"no DISTINCT","message":""}"#,
        ));
        assert_eq!(only, refusal(422, 2000, "no DISTINCT"));
    }

    #[test]
    fn a_credential_that_the_console_repeats_is_not_handed_on() {
        let fault = of(&response(
            401,
            "application/json",
            r#"{"code":18,"message":"unknown token s3cret-token"}"#,
        ));
        assert_eq!(fault, refusal(401, 18, "unknown token [redacted]"));
    }

    #[test]
    fn html_is_a_page_whatever_its_status_and_worth_another_try() {
        for status in [200, 404, 502, 503] {
            let fault = of(&response(status, "text/html;charset=utf-8", "<html>"));
            assert_eq!(fault, Fault::Page(status));
            assert!(fault.is_transient());
        }
        assert!(is_page(&response(200, "text/html", "[]")));
        for status in [302, 401, 403, 414] {
            assert!(
                !Fault::Page(status).is_transient(),
                "{status} will be the same next time"
            );
        }
        assert_eq!(Fault::Page(401).into_error("x"), Error::Unauthenticated);
    }

    #[test]
    fn both_texts_about_the_version_and_410_mean_unsupported() {
        let removed = "Version (3.0) from header parameter (Version) has been removed and is no longer valid. Please refer to documentation for list of valid versions.";
        let unknown = "Version (322.0123) from header parameter (Version) is not a valid version. Please refer to documentation for list of valid versions.";
        for fault in [
            refusal(422, 37, removed),
            refusal(422, 0, unknown),
            refusal(410, 0, "gone"),
        ] {
            assert!(matches!(fault.into_error("x"), Error::Unsupported(_)));
        }
        assert!(matches!(
            refusal(422, 1010, "The filter parameter is not valid.").into_error("x"),
            Error::Invalid(_)
        ));
    }

    #[test]
    fn every_refusal_has_its_case() {
        assert_eq!(refusal(401, 18, "").into_error("x"), Error::Unauthenticated);
        assert!(
            matches!(refusal(403, 26, "insufficient").into_error("x"), Error::Other(why) if why.code == "forbidden")
        );
        assert_eq!(refusal(404, 1002, "").into_error("x"), Error::NotFound);
        assert!(matches!(refusal(409, 1004, "").into_error("x"), Error::Conflict(_)));
        assert!(matches!(refusal(503, 1010, "").into_error("x"), Error::Unavailable(_)));
        assert!(matches!(refusal(414, 0, "").into_error("x"), Error::Other(other) if other.code == "414/0"));
        let mut limited = response(429, "application/json", "{}");
        limited.headers.insert(RETRY_AFTER, "7".parse().unwrap());
        assert_eq!(of(&limited).into_error("x"), Error::RateLimited(7_000));
    }

    #[test]
    fn only_what_may_fit_in_parts_is_asked_in_parts() {
        assert!(Fault::Cut(String::new()).shrinks() && Fault::Transport(Error::TooLarge(1)).shrinks());
        assert!(refusal(500, 13, "").shrinks());
        assert!(!refusal(500, 1020, "").shrinks() && !Fault::Page(200).shrinks());
    }
}
