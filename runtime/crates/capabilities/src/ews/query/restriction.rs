//! Which messages does a list ask for? The guest's filter and the cursor's position as one set of restrictions.

use super::cursor::Position;
use super::invalid;
use crate::bindings::synapse::ews::messages::Filter;
use crate::bindings::synapse::workflow::types::Error;
use crate::ews::wire::Restriction;

/// Longest text that is searched for: subjects end at 255 characters, `Message-ID`s at a header line of 998.
const TEXT_BYTES: usize = 1_024;
/// The last moment that can be asked for: the end of the year 9999, where the server's calendar ends.
const LATEST: u64 = 253_402_300_799_999;

/// The restrictions of a page. One field, the moment of receipt, serves filter, order and cursor (D33).
///
/// # Errors
/// `Invalid`: a text is empty, too long or has control characters; a moment is out of range.
pub(in crate::ews) fn of(filter: &Filter, position: &Position) -> Result<Vec<Restriction>, Error> {
    let Filter {
        is_read,
        received_since,
        internet_message_id,
        subject_contains,
    } = filter;
    if received_since.is_some_and(|since| since > LATEST) {
        return Err(invalid("filter.received-since", "later than the year 9999"));
    }
    let since = position.since.max(*received_since);
    let mut restrictions = Vec::new();
    restrictions.extend(is_read.map(Restriction::IsRead));
    restrictions.extend(since.map(Restriction::ReceivedSince));
    if let Some(id) = internet_message_id {
        text("filter.internet-message-id", id)?;
        restrictions.push(Restriction::InternetMessageId(id.clone()));
    }
    if let Some(part) = subject_contains {
        text("filter.subject-contains", part)?;
        restrictions.push(Restriction::SubjectContains(part.clone()));
    }
    Ok(restrictions)
}

fn text(field: &str, text: &str) -> Result<(), Error> {
    if text.is_empty() || text.len() > TEXT_BYTES || text.chars().any(char::is_control) {
        return Err(invalid(
            field,
            format!("1 to {TEXT_BYTES} bytes without control characters are accepted"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d33_the_later_of_filter_and_cursor_is_the_one_moment_that_is_asked_for() {
        let filter = |received_since| Filter {
            is_read: Some(false),
            received_since,
            internet_message_id: None,
            subject_contains: None,
        };
        let at = |since: Option<u64>| {
            let mut position = Position::default();
            if let Some(since) = since {
                position.pass("a", Some(since));
            }
            position
        };
        for (asked, cursor, since) in [
            (None, None, None),
            (Some(5), None, Some(5)),
            (Some(5), Some(9), Some(9)),
        ] {
            let restrictions = of(&filter(asked), &at(cursor)).unwrap();
            let mut wanted = vec![Restriction::IsRead(false)];
            wanted.extend(since.map(Restriction::ReceivedSince));
            assert_eq!(restrictions, wanted);
        }
    }

    #[test]
    fn texts_that_cannot_be_searched_for_are_refused_by_their_name() {
        let filter = |id: Option<&str>, subject: Option<&str>, since| Filter {
            is_read: None,
            received_since: since,
            internet_message_id: id.map(str::to_owned),
            subject_contains: subject.map(str::to_owned),
        };
        for (filter, field) in [
            (filter(Some(""), None, None), "filter.internet-message-id"),
            (filter(None, Some("a\u{0}"), None), "filter.subject-contains"),
            (filter(None, None, Some(u64::MAX)), "filter.received-since"),
        ] {
            let refused = of(&filter, &Position::default());
            assert!(matches!(refused, Err(Error::Invalid(argument)) if argument.field == field));
        }
    }
}
