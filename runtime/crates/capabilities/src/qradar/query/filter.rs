//! How is a list narrowed at the console? (`filter`, contract 2.2)
//!
//! Every part is a number or a word of ours, so no text of a guest or of an offense can ever be in a filter.

use std::fmt::Display;

use super::super::permission::Domains;
use super::invalid;
use crate::bindings::synapse::qradar::offenses::{OffenseFilter, Status};
use crate::bindings::synapse::workflow::types::Error;

/// Ids of one request: a longer request line is answered 414 by the web server (contract 1.3).
pub const IDS: usize = 100;

/// Refuses what no filter can say.
///
/// # Errors
/// `Invalid`: more ids than one request takes.
pub fn check(filter: &OffenseFilter) -> Result<(), Error> {
    match filter.ids.as_ref().map(Vec::len) {
        Some(count) if count > IDS => Err(invalid("filter.ids", format!("{count} ids; at most {IDS}"))),
        _ => Ok(()),
    }
}

/// The filter for offenses above `after`; none if nothing is asked for in particular. Keywords in upper case (contract 2.2).
pub fn offenses(filter: &OffenseFilter, after: Option<u64>, domains: &Domains) -> Option<String> {
    let mut terms = Vec::new();
    let mut term = |name: &str, value: Option<&dyn Display>| terms.extend(value.map(|value| format!("{name} {value}")));
    term("id >", after.as_ref().map(|id| id as _));
    term("status =", filter.status.map(word).as_ref().map(|status| status as _));
    term(
        "last_updated_time >=",
        filter.updated_from.as_ref().map(|time| time as _),
    );
    term("last_updated_time <=", filter.updated_to.as_ref().map(|time| time as _));
    term(
        "magnitude >=",
        filter.min_magnitude.as_ref().map(|magnitude| magnitude as _),
    );
    if let Some(wanted) = &filter.ids {
        terms.push(ids(wanted));
    }
    if let Domains::Only { ids: wanted, spanning } = domains {
        let wanted: Vec<u64> = wanted.iter().copied().collect();
        let inside = format!("domain_id IN ({})", list(&wanted));
        terms.push(if *spanning {
            format!("({inside} OR domain_id IS NULL)")
        } else {
            inside
        });
    }
    if terms.is_empty() {
        None
    } else {
        Some(terms.join(" AND "))
    }
}

/// The filter for objects with these ids.
pub fn ids(ids: &[u64]) -> String {
    format!("id IN ({})", list(ids))
}

/// A status on the wire.
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Open => "OPEN",
        Status::Hidden => "HIDDEN",
        Status::Closed => "CLOSED",
    }
}

fn list(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: OffenseFilter = OffenseFilter {
        status: None,
        updated_from: None,
        updated_to: None,
        min_magnitude: None,
        ids: None,
    };

    #[test]
    fn all_conditions_hold_together_with_the_watermark_and_the_domains() {
        let filter = OffenseFilter {
            status: Some(Status::Open),
            updated_from: Some(5),
            updated_to: Some(9),
            min_magnitude: Some(3),
            ids: Some(vec![1, 2]),
        };
        let domains = Domains::Only {
            ids: [0, 4].into(),
            spanning: true,
        };
        let text = "id > 41 AND status = OPEN AND last_updated_time >= 5 AND last_updated_time <= 9 AND magnitude >= 3 \
                    AND id IN (1, 2) AND (domain_id IN (0, 4) OR domain_id IS NULL)";
        assert_eq!(offenses(&filter, Some(41), &domains).as_deref(), Some(text));
        assert_eq!(offenses(&NONE, None, &Domains::All), None);
    }

    #[test]
    fn more_ids_than_a_request_line_takes_are_refused() {
        let filter = OffenseFilter {
            ids: Some((0..101).collect()),
            ..NONE
        };
        assert!(matches!(check(&filter), Err(Error::Invalid(argument)) if argument.field == "filter.ids"));
        let longest = ids(&vec![u64::MAX; IDS]);
        assert!(
            longest.len() < 4_000,
            "{} bytes, some of which triple when encoded",
            longest.len()
        );
    }

    proptest! {
        /// Threat row 27: whatever the numbers are, the text holds nothing but our words and digits.
        #[test]
        fn a_filter_is_made_of_words_of_ours_and_digits(
            after in any::<Option<u64>>(), from in any::<Option<u64>>(), wanted in prop::collection::vec(any::<u64>(), 0..5),
        ) {
            let filter = OffenseFilter { updated_from: from, ids: Some(wanted), ..NONE };
            let text = offenses(&filter, after, &Domains::All).unwrap();
            let words = ["id", "IN", "AND", "last_updated_time"];
            for part in text.split([' ', ',', '(', ')', '=', '>']).filter(|part| !part.is_empty()) {
                prop_assert!(words.contains(&part) || part.parse::<u64>().is_ok(), "{part}");
            }
        }
    }
}
