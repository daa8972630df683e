//! Which failures are there, and which of them are worth another attempt?

use crate::bindings::workflow::synapse::workflow::types;

pub use types::{Error, Failure, InvalidArgument, OtherError};

/// Before a target that is down is asked again, milliseconds: long enough for a restart, short enough for a SOC.
pub const UNAVAILABLE_MS: u64 = 30_000;
/// Before a lost race is tried again, milliseconds.
pub const CONFLICT_MS: u64 = 1_000;

/// Why a workflow as a whole did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkflowError {
    /// The event is not one this workflow accepts; say what is. Never retried; an HTTP caller gets 400.
    BadEvent(String),
    /// Worth another attempt, not before this many milliseconds.
    RetryAfter {
        /// How long to wait.
        ms: u64,
        /// Why.
        why: String,
    },
    /// Final.
    Failed(String),
}

impl std::fmt::Display for WorkflowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BadEvent(why) | Self::Failed(why) => f.write_str(why),
            Self::RetryAfter { ms, why } => write!(f, "{why} (again in {ms} ms)"),
        }
    }
}

impl std::error::Error for WorkflowError {}

/// The one place that decides: waiting helps against a busy or absent target and a lost race, an operator or a developer
/// against everything else.
impl From<Error> for WorkflowError {
    fn from(error: Error) -> Self {
        let why = explain(&error);
        match error {
            Error::RateLimited(ms) => Self::RetryAfter { ms, why },
            Error::Unavailable(_) => Self::RetryAfter {
                ms: UNAVAILABLE_MS,
                why,
            },
            Error::Conflict(_) | Error::ResyncRequired => Self::RetryAfter { ms: CONFLICT_MS, why },
            Error::Denied(_)
            | Error::NotFound
            | Error::AlreadyExists(_)
            | Error::Invalid(_)
            | Error::Unauthenticated
            | Error::TooLarge(_)
            | Error::Unsupported(_)
            | Error::Unreadable(_)
            | Error::Quota(_)
            | Error::Other(_) => Self::Failed(why),
        }
    }
}

impl From<WorkflowError> for Failure {
    fn from(error: WorkflowError) -> Self {
        match error {
            WorkflowError::BadEvent(why) => Self::BadEvent(why),
            WorkflowError::RetryAfter { ms, why } => Self::RetryAfter((ms, why)),
            WorkflowError::Failed(why) => Self::Failed(why),
        }
    }
}

/// The error's name in the WIT, for answers that programs read.
pub const fn name(error: &Error) -> &'static str {
    match error {
        Error::Denied(_) => "denied",
        Error::NotFound => "not-found",
        Error::AlreadyExists(_) => "already-exists",
        Error::Conflict(_) => "conflict",
        Error::Invalid(_) => "invalid",
        Error::Unauthenticated => "unauthenticated",
        Error::RateLimited(_) => "rate-limited",
        Error::Unavailable(_) => "unavailable",
        Error::TooLarge(_) => "too-large",
        Error::Unsupported(_) => "unsupported",
        Error::ResyncRequired => "resync-required",
        Error::Unreadable(_) => "unreadable",
        Error::Quota(_) => "quota",
        Error::Other(_) => "other",
    }
}

/// A capability error in a sentence for an analyst.
pub fn explain(error: &Error) -> String {
    match error {
        Error::Denied(missing) => format!("denied: {missing}"),
        Error::NotFound => "not found".to_owned(),
        Error::AlreadyExists(id) => format!("exists already as {id}"),
        Error::Conflict(what) => format!("somebody else changed it meanwhile: {what}"),
        Error::Invalid(InvalidArgument { field, reason }) => format!("{field} was refused: {reason}"),
        Error::Unauthenticated => "the connection's credentials were refused; an operator has to renew them".to_owned(),
        Error::RateLimited(ms) => format!("the target asks to wait {ms} ms"),
        Error::Unavailable(why) => format!("the target cannot be reached: {why}"),
        Error::TooLarge(limit) => format!("larger than the limit of {limit} bytes"),
        Error::Unsupported(what) => format!("this version of the target cannot do it: {what}"),
        Error::ResyncRequired => "the list changed under the cursor; it has to be read again".to_owned(),
        Error::Unreadable(how) => format!("it exists and cannot be read: {how}"),
        Error::Quota(name) => format!("the limit `{name}` is used up"),
        Error::Other(OtherError { code, message }) => format!("{message} ({code})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_waiting_cures_a_busy_target_and_a_lost_race() {
        let retried = |error: Error| matches!(WorkflowError::from(error), WorkflowError::RetryAfter { .. });
        assert!(retried(Error::RateLimited(5)));
        assert!(retried(Error::Unavailable("down".into())));
        assert!(retried(Error::Conflict("key".into())));
        assert!(retried(Error::ResyncRequired));
        for final_one in [
            Error::Denied("x".into()),
            Error::Unauthenticated,
            Error::NotFound,
            Error::Quota("calls".into()),
        ] {
            assert!(!retried(final_one.clone()), "{final_one:?}");
        }
    }

    #[test]
    fn the_targets_own_delay_is_passed_on() {
        let error = WorkflowError::from(Error::RateLimited(1_234));
        assert!(
            matches!(error, WorkflowError::RetryAfter { ms: 1_234, .. }),
            "{error:?}"
        );
        assert!(matches!(Failure::from(error), Failure::RetryAfter((1_234, _))));
    }
}
