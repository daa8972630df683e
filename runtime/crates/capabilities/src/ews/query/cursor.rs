//! Where does the next page of messages start? At the last moment seen, without the messages already handed out (D30, D33).
//!
//! An offset would skip messages when earlier ones are read, moved or deleted between two pages. So a cursor is a moment and the
//! messages of that very moment that were handed out. Servers tell moments to the second, so there can be many.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use synapse_domain::digest::Digest;

use super::invalid;
use crate::bindings::synapse::ews::messages::Filter;
use crate::bindings::synapse::workflow::types::{Error, OtherError};
use crate::canonical;

/// Shape of the cursor: another one is not understood, and the list starts again.
const SHAPE: u32 = 1;
/// Bytes of a message's digest in a cursor: among [`SEEN`] of them two are equal once in millions of folders.
const DIGEST: usize = 6;
/// Messages of one moment that a cursor can hold: an import of a whole folder fits.
pub(in crate::ews) const SEEN: usize = 10_000;
/// Above the longest cursor that is handed out: [`SEEN`] digests in base64, twice.
const LONGEST: usize = SEEN * 12;

/// What a list has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::ews) struct Position {
    /// Received at this moment or later; none: nothing with a moment was seen yet.
    pub since: Option<u64>,
    seen: BTreeSet<[u8; DIGEST]>,
}

impl Position {
    /// Was this message handed out?
    pub fn has_seen(&self, id: &str) -> bool {
        self.seen.contains(&short(id))
    }

    /// How many messages of the moment were handed out.
    pub fn seen(&self) -> usize {
        self.seen.len()
    }

    /// A message is handed out. A later moment forgets the messages of the one before.
    pub fn pass(&mut self, id: &str, received_at: Option<u64>) {
        if received_at.is_some_and(|at| self.since.is_none_or(|since| at > since)) {
            self.since = received_at;
            self.seen.clear();
        }
        self.seen.insert(short(id));
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    shape: u32,
    list: String,
    since: Option<u64>,
    seen: String,
}

/// The cursor of the page after this position.
///
/// # Errors
/// `Other`: more messages share one moment than a cursor holds.
pub(in crate::ews) fn encode(folder: &str, filter: &Filter, position: &Position) -> Result<String, Error> {
    if position.seen.len() > SEEN {
        return Err(Error::Other(OtherError {
            code: "too-many-at-once".to_owned(),
            message: format!(
                "more than {SEEN} messages of this folder were received at the same moment; narrow the filter"
            ),
        }));
    }
    Ok(URL_SAFE_NO_PAD.encode(canonical::text(&Wire {
        shape: SHAPE,
        list: digest(folder, filter),
        since: position.since,
        seen: URL_SAFE_NO_PAD.encode(position.seen.iter().flatten().copied().collect::<Vec<u8>>()),
    })))
}

/// The position at which a cursor's page starts.
///
/// # Errors
/// `ResyncRequired`: made for another folder or filter, or by another release. `Invalid`: not a cursor.
pub(in crate::ews) fn decode(folder: &str, filter: &Filter, cursor: &str) -> Result<Position, Error> {
    let refused = || {
        invalid(
            "cursor",
            "not a cursor of this list; pass `cursor` of the page before, or none to start",
        )
    };
    if cursor.len() > LONGEST {
        return Err(refused());
    }
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let Wire {
        shape,
        list,
        since,
        seen,
    } = serde_json::from_slice(&json).map_err(|_| refused())?;
    if shape != SHAPE || list != digest(folder, filter) {
        return Err(Error::ResyncRequired);
    }
    let seen = URL_SAFE_NO_PAD.decode(seen).map_err(|_| refused())?;
    let seen = seen.chunks(DIGEST).map(<[u8; DIGEST]>::try_from);
    Ok(Position {
        since,
        seen: seen.collect::<Result<_, _>>().map_err(|_| refused())?,
    })
}

fn short(id: &str) -> [u8; DIGEST] {
    let digest = Digest::of(id.as_bytes());
    let mut short = [0; DIGEST];
    for (to, from) in short.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    short
}

fn digest(folder: &str, filter: &Filter) -> String {
    Digest::of_parts(&[folder.as_bytes(), canonical::text(filter).as_bytes()]).short()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Filter = Filter {
        is_read: None,
        received_since: None,
        internet_message_id: None,
        subject_contains: None,
    };

    fn position(since: Option<u64>, ids: &[&str]) -> Position {
        let mut position = Position::default();
        for id in ids {
            position.pass(id, since);
        }
        position
    }

    #[test]
    fn a_cursor_belongs_to_its_folder_and_filter() {
        for at in [
            position(Some(42), &["a", "b"]),
            position(None, &["a"]),
            Position::default(),
        ] {
            let cursor = encode("f", &ANY, &at).unwrap();
            assert_eq!(decode("f", &ANY, &cursor), Ok(at));
            let unread = Filter {
                is_read: Some(false),
                ..ANY
            };
            assert_eq!(decode("f", &unread, &cursor), Err(Error::ResyncRequired));
            assert_eq!(decode("g", &ANY, &cursor), Err(Error::ResyncRequired));
        }
    }

    #[test]
    fn d30_a_position_is_a_moment_and_the_messages_of_that_moment() {
        let mut at = position(Some(1), &["a", "b"]);
        assert!(at.has_seen("a") && !at.has_seen("c"));
        at.pass("c", Some(2));
        assert_eq!((at.since, at.seen()), (Some(2), 1));
        // Out of order, or without a moment: kept, so that it is not handed out twice.
        at.pass("d", Some(1));
        at.pass("e", None);
        assert_eq!((at.since, at.seen()), (Some(2), 3));
    }

    #[test]
    fn more_messages_of_one_moment_than_a_cursor_holds_are_an_error_and_a_full_one_is_read_back() {
        let mut at = Position::default();
        for n in 0..SEEN {
            at.pass(&n.to_string(), Some(1));
        }
        let cursor = encode("f", &ANY, &at).unwrap();
        assert!(cursor.len() <= LONGEST);
        assert_eq!(decode("f", &ANY, &cursor), Ok(at.clone()));
        at.pass("one more", Some(1));
        assert!(matches!(encode("f", &ANY, &at), Err(Error::Other(why)) if why.code == "too-many-at-once"));
    }

    #[test]
    fn what_is_no_cursor_is_refused_and_what_another_release_made_starts_again() {
        let odd = URL_SAFE_NO_PAD.encode(format!(r#"{{"shape":1,"list":"{}","seen":"AAA"}}"#, digest("f", &ANY)));
        for text in ["", "42", "%2e%2e/", "[]", &"A".repeat(LONGEST + 1), &odd] {
            assert!(
                matches!(decode("f", &ANY, text), Err(Error::Invalid(argument)) if argument.field == "cursor"),
                "{text}"
            );
        }
        let later = URL_SAFE_NO_PAD.encode(r#"{"shape":2,"list":"x","seen":"","more":[]}"#);
        assert_eq!(decode("f", &ANY, &later), Err(Error::ResyncRequired));
    }
}
