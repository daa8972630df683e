//! How are closing reasons, notes and users read, and offenses changed and noted? (contract 3.1 to 3.3)

use tokio::time::Instant;

use super::super::permission::Domains;
use super::super::query::filter;
use super::super::types::closing::{WireActor, WireNote, WireReason};
use super::super::types::offense::{FIELDS, WireOffense};
use super::Client;
use super::ask::{Ask, Items};
use super::change::{Unchanged, odd, refused};
use super::fault::Fault;
use super::list::Slice;
use crate::bindings::synapse::qradar::closing::ClosingReason;
use crate::bindings::synapse::qradar::handling::Actor;
use crate::bindings::synapse::qradar::notes::Note;
use crate::bindings::synapse::qradar::offenses::Offense;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::Failure;

/// Notes of an offense that are handed out.
const NOTES: usize = 1_000;
/// Notes that carry one marker, at most: ours, and copies.
const COPIES: u64 = 50;

const REASONS: &str = "the closing reasons";
const NOTE: &str = "the notes of an offense";

impl Client {
    /// All closing reasons, by ascending id. Who may not manage them sees only those that can be used.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn closing_reasons(&self) -> Result<Vec<ClosingReason>, Error> {
        let visible = Ask::get(REASONS, &["siem", "offense_closing_reasons"]);
        let every = visible
            .clone()
            .query("include_reserved", "true")
            .query("include_deleted", "true");
        let found = match self.whole::<WireReason>(&every).await {
            Err(Fault::Refused(refusal)) if refusal.status == 403 => self.whole::<WireReason>(&visible).await,
            other => other,
        };
        let found = found.map_err(|fault| fault.into_error(REASONS))?;
        Ok(found.into_values().filter_map(WireReason::into_wit).collect())
    }

    /// To whom an offense can be assigned.
    ///
    /// # Errors
    /// `NotFound`, `Unsupported`. Otherwise the console's refusal, or that it does not answer.
    pub async fn assignable_actors(&self, offense: u64, domains: &Domains) -> Result<Vec<Actor>, Error> {
        self.needs(17, "assignable actors").await?;
        self.admit(offense, domains).await?;
        let ask = Ask::get(
            "the assignable actors",
            &["siem", "offenses", &key(offense)?, "assignable_actors"],
        );
        let found = self.whole::<WireActor>(&ask).await;
        let found = found.map_err(|fault| fault.into_error(ask.what))?;
        Ok(found.into_values().filter_map(WireActor::into_wit).collect())
    }

    /// All notes of an offense, oldest first; of more than can be handed out the newest.
    ///
    /// # Errors
    /// `NotFound`. Otherwise the console's refusal, or that it does not answer.
    pub async fn notes(&self, offense: u64, domains: &Domains) -> Result<Vec<Note>, Error> {
        self.admit(offense, domains).await?;
        let ask = notes(offense)?.query("fields", WireNote::FIELDS);
        let found = self.whole::<WireNote>(&ask).await;
        let found = found.map_err(|fault| fault.into_error(NOTE))?;
        let mut notes: Vec<Note> = found.into_values().filter_map(WireNote::into_wit).collect();
        // By key, and so by age among those of one moment.
        notes.sort_by_key(|note| note.created_at);
        Ok(notes.split_off(notes.len().saturating_sub(NOTES)))
    }

    /// The notes of an offense that carry a marker, by ascending key. A console that refuses the filter is asked for all of them.
    ///
    /// # Errors
    /// `NotFound`. Otherwise the console's refusal, or that it does not answer.
    pub async fn marked_notes(&self, offense: u64, marker: &str) -> Result<Vec<WireNote>, Error> {
        let ask = notes(offense)?.query("fields", WireNote::FIELDS);
        let filtered = ask
            .clone()
            .query("filter", format!("note_text ILIKE {}", filter::containing(marker)));
        let items = Items {
            first: 0,
            count: COPIES,
        };
        let found = match self.slice(&filtered, items, None).await {
            Ok(Slice { rows, .. }) => Ok(rows),
            Err(Fault::Refused(refusal)) if refusal.status == 422 => {
                let all = self.whole::<WireNote>(&ask).await;
                all.map(|found| found.into_values().collect())
            }
            Err(fault) => Err(fault),
        };
        let found: Vec<WireNote> = found.map_err(|fault| fault.into_error(NOTE))?;
        Ok(found.into_iter().filter(|note| note.carries(marker)).collect())
    }

    /// Adds a note. The text travels in a form body: a request line has no room for it.
    ///
    /// # Errors
    /// With how sure it is that nothing was written.
    pub async fn create_note(&self, offense: u64, text: &str, start: Instant) -> Result<WireNote, Unchanged> {
        let ask = Ask::post("a new note", &["siem", "offenses", &offense.to_string(), "notes"])
            .query("fields", WireNote::FIELDS)
            .form("note_text", text);
        self.change(&ask, start).await
    }

    /// Sets fields of an offense, and answers what it is now.
    ///
    /// # Errors
    /// With how sure it is that nothing was changed.
    pub async fn set(
        &self,
        what: &'static str,
        offense: u64,
        fields: &[(&'static str, String)],
        start: Instant,
    ) -> Result<WireOffense, Unchanged> {
        let mut ask = Ask::post(what, &["siem", "offenses", &offense.to_string()]);
        for (name, value) in fields {
            ask = ask.query(name, value.clone());
        }
        self.change(&ask.query("fields", FIELDS), start).await
    }

    /// What a change answered, if it is the offense that was changed.
    ///
    /// # Errors
    /// It is another one, or not readable: what happened is not known. `NotFound`: it left our domains meanwhile.
    pub fn changed(&self, id: u64, row: WireOffense, domains: &Domains) -> Result<Offense, Failure> {
        if row.id() != Some(id) {
            let found = row.id();
            return Err(odd(format!("QRadar answered offense {found:?} when {id} was changed")));
        }
        if !domains.covers(row.domain()) {
            return Err(refused(Error::NotFound));
        }
        row.into_wit(|id| self.link(id))
            .ok_or_else(|| odd(format!("QRadar answered the change of offense {id} without one")))
    }

    /// Is it an offense of these domains?
    ///
    /// # Errors
    /// `NotFound`. Otherwise the console's refusal, or that it does not answer.
    pub async fn admit(&self, offense: u64, domains: &Domains) -> Result<(), Error> {
        key(offense)?;
        match domains {
            Domains::All => Ok(()),
            Domains::Only { .. } => self.offense(offense, domains).await.map(|_| ()),
        }
    }
}

/// The offense in a path. A larger number than any id would be refused as not convertible; it is simply not there.
fn key(offense: u64) -> Result<String, Error> {
    i64::try_from(offense)
        .map(|id| id.to_string())
        .map_err(|_| Error::NotFound)
}

fn notes(offense: u64) -> Result<Ask, Error> {
    Ok(Ask::get(NOTE, &["siem", "offenses", &key(offense)?, "notes"]))
}
