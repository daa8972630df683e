//! What may a workflow do with notes?

use super::QRadar;
use crate::bindings::qradar::synapse::qradar as wit;
use crate::error::Error;

pub use wit::notes::Note;

/// `synapse:qradar/notes`.
pub trait Notes: QRadar {
    /// All notes of an offense, oldest first, at most 1,000.
    ///
    /// # Errors
    /// `not-found`, also for an offense of another domain.
    fn list_notes(&self, console: &Self::Console, offense: u64) -> Result<Vec<Note>, Error>;
    /// Adds a note of 1 to [`NOTE_CHARS`](super::NOTE_CHARS) characters. Equal `dedup_key`s of one deployment are one note.
    ///
    /// # Errors
    /// `invalid` for a text that is too long; `not-found`, also for an offense of another domain.
    fn add_note(
        &self,
        console: &Self::Console,
        offense: u64,
        text: &str,
        dedup_key: Option<&str>,
    ) -> Result<Note, Error>;
}
