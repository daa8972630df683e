//! What are closing reasons, notes, assignable users and the service behind a token? (contract 3.1 to 3.3, 3.6)

use serde::Deserialize;

use super::lookup::Keyed;
use super::wire::{cut, flag, id, number, text};
use crate::bindings::synapse::qradar::closing::ClosingReason;
use crate::bindings::synapse::qradar::handling::Actor;
use crate::bindings::synapse::qradar::notes::Note;
use crate::marked;

/// Longest name kept, bytes.
const NAME_BYTES: usize = 1 << 10;
/// Longest note kept, bytes: twice what a console takes, each character of three bytes.
const NOTE_BYTES: usize = 12 << 10;

/// A closing reason on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireReason {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "text")]
    text: Option<String>,
    #[serde(deserialize_with = "flag")]
    is_reserved: bool,
    #[serde(deserialize_with = "flag")]
    is_deleted: bool,
}

impl Keyed for WireReason {
    fn key(&self) -> Option<u64> {
        id(self.id)
    }
}

impl WireReason {
    /// The reason for a guest.
    pub fn into_wit(self) -> Option<ClosingReason> {
        Some(ClosingReason {
            id: self.key()?,
            text: cut(self.text.unwrap_or_default(), NAME_BYTES),
            reserved: self.is_reserved,
            deleted: self.is_deleted,
        })
    }
}

/// A note on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireNote {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    #[serde(deserialize_with = "number")]
    create_time: Option<i64>,
    #[serde(deserialize_with = "text")]
    username: Option<String>,
    #[serde(deserialize_with = "text")]
    note_text: Option<String>,
}

impl Keyed for WireNote {
    fn key(&self) -> Option<u64> {
        id(self.id)
    }
}

impl WireNote {
    /// What is asked for.
    pub const FIELDS: &str = "id,create_time,username,note_text";

    /// Does it carry this marker?
    pub fn carries(&self, marker: &str) -> bool {
        self.note_text
            .as_deref()
            .is_some_and(|text| marked::carries(text, marker))
    }

    /// Who wrote it.
    pub fn author(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The note for a guest, without a marker of ours.
    pub fn into_wit(self) -> Option<Note> {
        Some(Note {
            id: self.key()?,
            created_at: id(self.create_time).unwrap_or(0),
            author: cut(self.username.unwrap_or_default(), NAME_BYTES),
            text: marked::unmark(cut(self.note_text.unwrap_or_default(), NOTE_BYTES)),
        })
    }
}

/// Somebody to whom an offense can be assigned, on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireActor {
    #[serde(deserialize_with = "number")]
    user_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    username: Option<String>,
    #[serde(deserialize_with = "text")]
    description: Option<String>,
}

impl Keyed for WireActor {
    fn key(&self) -> Option<u64> {
        id(self.user_id)
    }
}

impl WireActor {
    /// The actor for a guest; without a name nothing can be assigned to it.
    pub fn into_wit(self) -> Option<Actor> {
        Some(Actor {
            id: self.key()?,
            name: cut(self.username.filter(|name| !name.is_empty())?, NAME_BYTES),
            description: self
                .description
                .filter(|text| !text.is_empty())
                .map(|text| cut(text, NAME_BYTES)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_sees_no_marker_and_a_null_is_an_empty_text() {
        let read = |json: &str| serde_json::from_str::<WireNote>(json).unwrap();
        let note = read(
            r#"{"id":1232,"create_time":1613307141975,"username":"API_user: a","note_text":"done\n\nsynapse:0123456789abcdef"}"#,
        );
        assert!(note.carries("synapse:0123456789abcdef") && !note.carries("synapse:0123456789abcdee"));
        assert_eq!(note.into_wit().unwrap().text, "done");
        assert_eq!(read(r#"{"id":1,"note_text":null}"#).into_wit().unwrap().text, "");
        assert_eq!(read(r#"{"note_text":"x"}"#).into_wit(), None);
    }

    #[test]
    fn d12_a_reason_says_whether_it_can_be_used() {
        let reason: WireReason =
            serde_json::from_str(r#"{"is_deleted":true,"is_reserved":null,"text":"Old","id":54}"#).unwrap();
        let reason = reason.into_wit().unwrap();
        assert!(reason.deleted && !reason.reserved);
    }
}
