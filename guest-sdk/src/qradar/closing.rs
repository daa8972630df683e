//! How does a workflow close an offense?

use super::{Offense, QRadar};
use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::{Error, InvalidArgument};

pub use wit::closing::ClosingReason;

/// `synapse:qradar/closing`.
pub trait Closing: QRadar {
    /// All reasons the console knows, by ascending id; reserved and deleted ones are marked.
    ///
    /// # Errors
    /// The target could not be asked.
    fn closing_reasons(&self, console: &Self::Console) -> Result<Vec<ClosingReason>, Error>;
    /// Closes an offense, for ever.
    ///
    /// # Errors
    /// `invalid` for a reason that cannot be used; `conflict` if it is closed already, naming by whom, why and when; `not-found` if it
    /// is gone or of another domain.
    fn close_offense(&self, console: &Self::Console, id: u64, closing_reason_id: u64) -> Result<Offense, Error>;
}

/// The reason with this text (or this id in digits) with which an offense can be closed: one that is neither reserved nor deleted.
/// Capitals and blanks around the text do not matter.
///
/// # Errors
/// `invalid`, naming the reasons that can be used.
pub fn closing_reason<'a>(reasons: &'a [ClosingReason], wanted: &str) -> Result<&'a ClosingReason, Error> {
    let wanted = wanted.trim();
    let usable = || reasons.iter().filter(|reason| !reason.reserved && !reason.deleted);
    let by_text = |reason: &&ClosingReason| reason.text.trim().to_lowercase() == wanted.to_lowercase();
    let by_id = |reason: &&ClosingReason| wanted.parse() == Ok(reason.id);
    let found = usable().find(by_text).or_else(|| usable().find(by_id));
    found.ok_or_else(|| unusable(reasons, "closing-reason", wanted))
}

/// Why nothing can be closed with this, naming what can be used.
pub(crate) fn unusable(reasons: &[ClosingReason], field: &str, wanted: &str) -> Error {
    let usable = reasons.iter().filter(|reason| !reason.reserved && !reason.deleted);
    let known: Vec<String> = usable
        .map(|reason| format!("{} `{}`", reason.id, reason.text))
        .collect();
    let known = if known.is_empty() {
        "the console has none".to_owned()
    } else {
        format!("the console has {}", known.join(", "))
    };
    Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason: format!("`{wanted}` is no reason that an offense can be closed with; {known}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(id: u64, text: &str, reserved: bool, deleted: bool) -> ClosingReason {
        ClosingReason {
            id,
            text: text.to_owned(),
            reserved,
            deleted,
        }
    }

    #[test]
    fn d12_a_reserved_deleted_or_unknown_reason_is_refused_naming_what_exists() {
        let reasons = [
            reason(1, "Non-Issue", false, false),
            reason(4, "Old", false, true),
            reason(5, "System", true, false),
            reason(54, "Old", false, false),
        ];
        assert_eq!(closing_reason(&reasons, " non-issue ").map(|found| found.id), Ok(1));
        assert_eq!(closing_reason(&reasons, "old").map(|found| found.id), Ok(54));
        assert_eq!(closing_reason(&reasons, "54").map(|found| found.id), Ok(54));
        for wanted in ["System", "5", "4", "Duplicate", ""] {
            let Err(Error::Invalid(refused)) = closing_reason(&reasons, wanted) else {
                panic!("{wanted}")
            };
            assert!(refused.reason.contains("1 `Non-Issue`, 54 `Old`"), "{}", refused.reason);
        }
    }
}
