//! Which calls on observables and attachments are there, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;

use super::declare::{ask, change};
use crate::bindings::synapse::thehive::alerts::Observable;
use crate::bindings::synapse::thehive::observables::{
    Added, Existing, FileObservable, ObservablePage, ObservablePatch, Owner,
};
use crate::bindings::synapse::workflow::types::Error;
use crate::blobs::{Kept, Spool};
use crate::gate::{Done, EffectId, Failure, Read, Write};
use crate::thehive::client::Client;
use crate::thehive::owner::{self, Belonging, Seen};
use crate::thehive::query::cursor;
use crate::thehive::types::ObservableRow;
use crate::thehive::{check, permission, reconcile};

/// Observables of one page.
const PAGE: usize = 100;

/// `add-observables`, one item
#[derive(Debug, Clone, Serialize)]
pub struct AddObservable {
    /// What it belongs to.
    pub owner: Owner,
    /// What the guest asks for.
    pub observable: Observable,
    /// Where a value goes that is too long.
    #[serde(skip)]
    pub spool: Spool,
    /// What is looked at once for all items.
    #[serde(skip)]
    pub seen: Seen,
}

/// `add-file-observables`, one item
#[derive(Debug, Clone, Serialize)]
pub struct AddFileObservable {
    /// What it belongs to.
    pub owner: Owner,
    /// What the guest asks for.
    pub observable: FileObservable,
    /// The file, by name and digest.
    pub file: Kept,
    /// Where its bytes are.
    #[serde(skip)]
    pub spool: Spool,
    /// What is looked at once for all items.
    #[serde(skip)]
    pub seen: Seen,
}

/// `list-observables`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListObservables {
    /// Whose.
    pub owner: Owner,
    /// Of the page before.
    pub cursor: Option<String>,
}

/// `add-attachment`
#[derive(Debug, Clone, Serialize)]
pub struct AddAttachment {
    /// What it belongs to.
    pub owner: Owner,
    /// The file, by name and digest.
    pub file: Kept,
    /// Where its bytes are.
    #[serde(skip)]
    pub spool: Spool,
}

impl Write for AddObservable {
    const OPERATION: Operation = Operation::write("thehive/observables.add-observables", Effect::Keyed);
    type Target = Client;
    type Answer = Added;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::AddObservable(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::add_text(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<Added>, Failure> {
        reconcile::add_text(client, self, scopes, effect).await
    }
}

impl Write for AddFileObservable {
    const OPERATION: Operation = Operation::write("thehive/observables.add-file-observables", Effect::Keyed);
    type Target = Client;
    type Answer = Added;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::AddFileObservable(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::add_file(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<Added>, Failure> {
        reconcile::add_file(client, self, scopes, effect).await
    }
}

impl Write for AddAttachment {
    const OPERATION: Operation = Operation::write("thehive/observables.add-attachment", Effect::Probe);
    type Target = Client;
    type Answer = String;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::AddAttachment(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::attach(self)
    }

    async fn perform(&self, client: &Client, scopes: &Scopes, effect: &EffectId) -> Result<Done<String>, Failure> {
        reconcile::attach(client, self, scopes, effect).await
    }

    async fn probe(&self, client: &Client, _effect: &EffectId) -> Result<Option<String>, Error> {
        reconcile::attached(client, self).await
    }
}

impl Read for ListObservables {
    const OPERATION: Operation = Operation::read("thehive/observables.list-observables");
    type Target = Client;
    type Answer = ObservablePage;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::ListObservables(self))
    }

    async fn perform(&self, client: &Client, scopes: &Scopes) -> Result<ObservablePage, Error> {
        check::named_id("owner", owner::id(&self.owner))?;
        let from: usize = match &self.cursor {
            Some(cursor) => cursor::decode(&self.owner, cursor)?,
            None => 0,
        };
        owner::admit(client, &self.owner, scopes).await?;
        let (rows, more) = client.observables(&self.owner, from, PAGE).await?;
        let next = from.saturating_add(rows.len());
        Ok(ObservablePage {
            observables: rows
                .into_iter()
                .map(ObservableRow::into_existing)
                .collect::<Result<_, _>>()?,
            cursor: more.then(|| cursor::encode(&self.owner, &next)),
        })
    }
}

ask!(
    /// `get-observable`
    GetObservable {
        /// The server's id.
        id: String,
    } = "thehive/observables.get-observable" -> Existing,
    |call, client, scopes| {
        check::id(&call.id)?;
        owner::must_reach(client, Belonging::Child("getObservable", &call.id), scopes).await?;
        client.observable(&call.id).await?.into_existing()
    }
);
ask!(
    /// `similar-observables`
    SimilarObservables {
        /// Whose.
        owner: Owner,
        /// What has them as well.
        other: Owner,
    } = "thehive/observables.similar-observables" -> Vec<Existing>,
    |call, client, scopes| {
        check::named_id("owner", owner::id(&call.owner))?;
        check::named_id("other", owner::id(&call.other))?;
        owner::admit(client, &call.owner, scopes).await?;
        owner::admit(client, &call.other, scopes).await?;
        let rows = client.similar_observables(&call.owner, &call.other).await?;
        rows.into_iter().map(ObservableRow::into_existing).collect()
    }
);
change!(
    /// `update-observable`
    UpdateObservable {
        /// The server's id.
        id: String,
        /// Absolute values.
        patch: ObservablePatch,
    } = Keyed "thehive/observables.update-observable" -> Existing,
    check: check::update_observable, perform: reconcile::update_observable
);
