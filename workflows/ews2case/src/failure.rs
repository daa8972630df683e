//! Is it this mail that went wrong, or everything?

use synapse_guest::error::Error;

/// A failure that has nothing to do with the mail: the next one would meet it too.
pub const fn is_general(error: &Error) -> bool {
    matches!(
        error,
        Error::Denied(_) | Error::Unauthenticated | Error::Unavailable(_) | Error::RateLimited(_) | Error::Quota(_)
    )
}

/// What is missing of a mail after a try.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// In a sentence.
    pub reason: String,
    /// The target's own answer, where one stands for it.
    pub error: Option<Error>,
}

impl Trouble {
    /// It has nothing to do with the mail.
    pub fn is_general(&self) -> bool {
        self.error.as_ref().is_some_and(is_general)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self {
            reason: synapse_guest::error::explain(&error),
            error: Some(error),
        }
    }
}

/// Why a mail is left alone whose case or alert, of this name, an analyst deleted.
pub fn deleted(name: &str) -> String {
    format!("deleted in TheHive (it was {name}); ask for it by its Message-ID to import it again")
}
