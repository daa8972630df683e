//! What does an error of a target say to a person?

use crate::bindings::synapse::workflow::types::Error;

/// The error in a sentence, for operators; what it holds is safe to show.
pub fn said(error: &Error) -> String {
    match error {
        Error::Denied(why) => format!("denied: {why}"),
        Error::NotFound => "not found".to_owned(),
        Error::Unauthenticated => "the connection's credentials were refused; renew them".to_owned(),
        Error::RateLimited(ms) => format!("it asks to be left alone for {ms} ms"),
        Error::Unavailable(why) | Error::Unsupported(why) | Error::Unreadable(why) | Error::Conflict(why) => {
            why.clone()
        }
        Error::Invalid(argument) => format!("{}: {}", argument.field, argument.reason),
        Error::TooLarge(limit) => format!("its answer is larger than {limit} bytes"),
        Error::ResyncRequired => "its sync state is of no use any more".to_owned(),
        Error::AlreadyExists(id) => format!("exists already as {id}"),
        Error::Quota(name) => format!("the limit `{name}` is used up"),
        Error::Other(other) => format!("{} ({})", other.message, other.code),
    }
}
