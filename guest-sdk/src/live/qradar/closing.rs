//! Which imports stand behind closing, notes and handling?

use crate::bindings::qradar::synapse::qradar::{closing, handling, notes};
use crate::error::Error;
use crate::live::Live;
use crate::qradar::{Actor, Closing, ClosingReason, Handling, Note, Notes, Offense, Visibility};

impl Closing for Live {
    fn closing_reasons(&self, console: &Self::Console) -> Result<Vec<ClosingReason>, Error> {
        closing::closing_reasons(console)
    }

    fn close_offense(&self, console: &Self::Console, id: u64, closing_reason_id: u64) -> Result<Offense, Error> {
        closing::close_offense(console, id, closing_reason_id)
    }
}

impl Notes for Live {
    fn list_notes(&self, console: &Self::Console, offense: u64) -> Result<Vec<Note>, Error> {
        notes::list_notes(console, offense)
    }

    fn add_note(
        &self,
        console: &Self::Console,
        offense: u64,
        text: &str,
        dedup_key: Option<&str>,
    ) -> Result<Note, Error> {
        notes::add_note(console, offense, text, dedup_key)
    }
}

impl Handling for Live {
    fn assignable_actors(&self, console: &Self::Console, id: u64) -> Result<Vec<Actor>, Error> {
        handling::assignable_actors(console, id)
    }

    fn assign(&self, console: &Self::Console, id: u64, user: &str) -> Result<Offense, Error> {
        handling::assign(console, id, user)
    }

    fn set_follow_up(&self, console: &Self::Console, id: u64, follow_up: bool) -> Result<Offense, Error> {
        handling::set_follow_up(console, id, follow_up)
    }

    fn set_protected(&self, console: &Self::Console, id: u64, protected: bool) -> Result<Offense, Error> {
        handling::set_protected(console, id, protected)
    }

    fn set_status(&self, console: &Self::Console, id: u64, status: Visibility) -> Result<Offense, Error> {
        handling::set_status(console, id, status)
    }
}
