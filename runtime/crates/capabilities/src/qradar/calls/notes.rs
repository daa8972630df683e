//! Which calls on notes are there?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::notes::Note;
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure, Write};
use crate::qradar::client::{Client, not_sent};
use crate::qradar::permission::{self, Domains, Request};
use crate::qradar::{check, reconcile};

read!(
    /// All notes of an offense.
    ListNotes {
        /// Whose.
        offense: u64,
    } = LIST_NOTES -> Vec<Note>,
    |call, client, _scopes, domains| client.notes(call.offense, domains).await
);

/// Adds a note. The marker below the text is not an argument.
#[derive(Debug, Serialize)]
pub struct AddNote {
    /// To which offense.
    pub offense: u64,
    /// Its text.
    pub text: String,
    /// The guest's own key of the effect.
    pub dedup_key: Option<String>,
}

impl Write for AddNote {
    const OPERATION: Operation = permission::ADD_NOTE;
    type Target = Client;
    type Answer = Note;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&Request::AddNote(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        check::note(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<Note>, Failure> {
        let domains = Domains::of(scopes, client.includes_multi_domain()).map_err(not_sent)?;
        reconcile::add_note(client, self, &domains, effect).await
    }

    async fn probe(&self, client: &Client, effect: &EffectId) -> Result<Option<Note>, Error> {
        reconcile::added_note(client, self, effect).await
    }
}
