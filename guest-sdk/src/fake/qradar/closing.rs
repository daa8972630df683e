//! How are the fake console's offenses closed, noted and handled?

use std::collections::BTreeMap;

use crate::error::{Error, InvalidArgument};
use crate::fake::Fake;
use crate::qradar::{
    Actor, Closing, ClosingReason, Handling, NOTE_CHARS, Note, Notes, Offense, Status, Visibility, unusable,
};
use crate::workflow::Workflow;

/// Who writes through the fake, as QRadar names the label of a service.
pub const API_USER: &str = "API_user: synapse";

pub(super) struct Store {
    reasons: Vec<ClosingReason>,
    actors: Vec<Actor>,
    notes: BTreeMap<u64, Vec<Note>>,
    last_note: u64,
    keys: BTreeMap<String, Note>,
}

impl Default for Store {
    /// The reasons that every console has from the start, and one user.
    fn default() -> Self {
        let stock = [(1, "Non-Issue"), (2, "False-Positive, Tuned"), (3, "Policy Violation")];
        let reason = |(id, text): (u64, &str)| ClosingReason {
            id,
            text: text.to_owned(),
            reserved: false,
            deleted: false,
        };
        let admin = Actor {
            id: 1,
            name: "admin".to_owned(),
            description: None,
        };
        Self {
            reasons: stock.map(reason).into(),
            actors: vec![admin],
            notes: BTreeMap::new(),
            last_note: 0,
            keys: BTreeMap::new(),
        }
    }
}

impl Fake {
    /// The reasons that the console has, instead of the stock ones.
    pub fn with_closing_reasons(self, reasons: Vec<ClosingReason>) -> Self {
        self.qradar.borrow_mut().closing.reasons = reasons;
        self
    }

    /// To whom offenses can be assigned, instead of `admin`.
    pub fn with_actors(self, actors: Vec<Actor>) -> Self {
        self.qradar.borrow_mut().closing.actors = actors;
        self
    }

    /// An offense as it is now.
    pub fn offense(&self, id: u64) -> Option<Offense> {
        self.qradar.borrow().offenses.get(&id).cloned()
    }

    /// The offense was purged.
    pub fn purge_offense(&self, id: u64) {
        self.qradar.borrow_mut().offenses.remove(&id);
    }

    /// Somebody else's note.
    pub fn note(&self, offense: u64, author: &str, text: &str) -> Note {
        let now = self.now();
        self.qradar.borrow_mut().closing.note(offense, author, text, now)
    }

    /// Texts of an offense's notes, oldest first.
    pub fn notes(&self, offense: u64) -> Vec<String> {
        let store = self.qradar.borrow();
        let of_offense = store.closing.notes.get(&offense).into_iter().flatten();
        of_offense.map(|note| note.text.clone()).collect()
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Offense) -> Result<(), Error>) -> Result<Offense, Error> {
        let now = self.now();
        let mut store = self.qradar.borrow_mut();
        let offense = store.offenses.get_mut(&id).ok_or(Error::NotFound)?;
        let mut changed = offense.clone();
        change(&mut changed)?;
        changed.last_persisted_time = Some(whole_second(now));
        *offense = changed.clone();
        Ok(changed)
    }
}

impl Store {
    fn note(&mut self, offense: u64, author: &str, text: &str, now: u64) -> Note {
        self.last_note += 1;
        let note = Note {
            id: self.last_note,
            created_at: now,
            author: author.to_owned(),
            text: text.to_owned(),
        };
        self.notes.entry(offense).or_default().push(note.clone());
        note
    }
}

fn whole_second(time: u64) -> u64 {
    time / 1_000 * 1_000
}

fn invalid(field: &str, reason: String) -> Error {
    Error::Invalid(InvalidArgument {
        field: field.to_owned(),
        reason,
    })
}

impl Closing for Fake {
    fn closing_reasons(&self, _: &String) -> Result<Vec<ClosingReason>, Error> {
        self.call("qradar/closing.closing-reasons", &())?;
        Ok(self.qradar.borrow().closing.reasons.clone())
    }

    fn close_offense(&self, _: &String, id: u64, closing_reason_id: u64) -> Result<Offense, Error> {
        self.call("qradar/closing.close-offense", &(id, closing_reason_id))?;
        let now = self.now();
        let reasons = self.qradar.borrow().closing.reasons.clone();
        let usable = |reason: &&ClosingReason| reason.id == closing_reason_id && !reason.reserved && !reason.deleted;
        if !reasons.iter().any(|reason| usable(&reason)) {
            return Err(unusable(&reasons, "closing-reason-id", &closing_reason_id.to_string()));
        }
        self.change(id, |offense| {
            if offense.status == Status::Closed {
                return Err(Error::Conflict(format!(
                    "offense {id} is closed already: by {}, reason {:?}, at {:?}",
                    offense.closing_user.as_deref().unwrap_or("somebody"),
                    offense.closing_reason_id,
                    offense.close_time
                )));
            }
            offense.status = Status::Closed;
            offense.inactive = true;
            offense.closing_reason_id = Some(closing_reason_id);
            offense.closing_user = Some(API_USER.to_owned());
            offense.close_time = Some(whole_second(now));
            Ok(())
        })
    }
}

impl Notes for Fake {
    fn list_notes(&self, console: &String, offense: u64) -> Result<Vec<Note>, Error> {
        self.call("qradar/notes.list-notes", &offense)?;
        self.known(console, offense)?;
        let store = self.qradar.borrow();
        Ok(store.closing.notes.get(&offense).cloned().unwrap_or_default())
    }

    fn add_note(&self, console: &String, offense: u64, text: &str, dedup_key: Option<&str>) -> Result<Note, Error> {
        self.call("qradar/notes.add-note", &(offense, text, dedup_key))?;
        let count = text.chars().count();
        if count == 0 || count > NOTE_CHARS || text.trim().is_empty() {
            return Err(invalid("text", format!("{count} characters; use 1 to {NOTE_CHARS}")));
        }
        self.known(console, offense)?;
        let now = self.now();
        let mut store = self.qradar.borrow_mut();
        if let Some(note) = dedup_key.and_then(|key| store.closing.keys.get(key)) {
            return Ok(note.clone());
        }
        let note = store.closing.note(offense, API_USER, text, now);
        if let Some(key) = dedup_key {
            store.closing.keys.insert(key.to_owned(), note.clone());
        }
        Ok(note)
    }
}

impl Fake {
    fn known(&self, _: &String, offense: u64) -> Result<(), Error> {
        let store = self.qradar.borrow();
        store.offenses.get(&offense).map(|_| ()).ok_or(Error::NotFound)
    }
}

impl Handling for Fake {
    fn assignable_actors(&self, console: &String, id: u64) -> Result<Vec<Actor>, Error> {
        self.call("qradar/handling.assignable-actors", &id)?;
        self.known(console, id)?;
        Ok(self.qradar.borrow().closing.actors.clone())
    }

    fn assign(&self, _: &String, id: u64, user: &str) -> Result<Offense, Error> {
        self.call("qradar/handling.assign", &(id, user))?;
        if !self
            .qradar
            .borrow()
            .closing
            .actors
            .iter()
            .any(|actor| actor.name == user)
        {
            return Err(invalid(
                "user",
                format!("assigned_to value {user} is not a valid user."),
            ));
        }
        self.change(id, |offense| {
            offense.assigned_to = Some(user.to_owned());
            Ok(())
        })
    }

    fn set_follow_up(&self, _: &String, id: u64, follow_up: bool) -> Result<Offense, Error> {
        self.call("qradar/handling.set-follow-up", &(id, follow_up))?;
        self.change(id, |offense| {
            offense.follow_up = follow_up;
            Ok(())
        })
    }

    fn set_protected(&self, _: &String, id: u64, protected: bool) -> Result<Offense, Error> {
        self.call("qradar/handling.set-protected", &(id, protected))?;
        self.change(id, |offense| {
            offense.protected = protected;
            Ok(())
        })
    }

    fn set_status(&self, _: &String, id: u64, status: Visibility) -> Result<Offense, Error> {
        self.call("qradar/handling.set-status", &(id, status))?;
        self.change(id, |offense| {
            if offense.status == Status::Closed {
                return Err(Error::Conflict(format!("offense {id} is closed, and that is final")));
            }
            offense.status = match status {
                Visibility::Open => Status::Open,
                Visibility::Hidden => Status::Hidden,
            };
            Ok(())
        })
    }
}
