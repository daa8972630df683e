//! Which calls does the laboratory offer, and what does the gate need to know about each?

use serde::Serialize;
use synapse_domain::operation::{Effect, Operation};
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use super::client::Client;
use super::{permission, reconcile, types};
use crate::bindings::synapse::workflow::types::Error;
use crate::gate::{Done, EffectId, Failure, Read, Write};

/// `bench.read`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadText {
    /// What the text depends on.
    pub key: String,
    /// Its length, bytes.
    pub size: u32,
}

/// `bench.append`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Append {
    /// The line.
    pub text: String,
    /// The guest's own key of the effect.
    pub dedup_key: Option<String>,
}

/// `bench.fire`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fire {
    /// The line.
    pub text: String,
}

impl Read for ReadText {
    const OPERATION: Operation = Operation::read("lab/target.read");
    type Target = Client;
    type Answer = String;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::Read(self))
    }

    async fn perform(&self, _client: &Client, _scopes: &Scopes) -> Result<String, Error> {
        types::canned(&self.key, self.size)
    }
}

impl Write for Append {
    const OPERATION: Operation = Operation::write("lab/target.append", Effect::Probe);
    type Target = Client;
    type Answer = String;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::Append(self))
    }

    fn dedup_key(&self) -> Option<&str> {
        self.dedup_key.as_deref()
    }

    fn check(&self) -> Result<(), Error> {
        types::check(&self.text)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, effect: &EffectId) -> Result<Done<String>, Failure> {
        let marker = effect.marker();
        Ok(Done {
            answer: client.append(&self.text, Some(&marker)).await?,
            how: How::Performed,
        })
    }

    async fn probe(&self, client: &Client, effect: &EffectId) -> Result<Option<String>, Error> {
        reconcile::appended(client, &effect.marker()).await
    }
}

impl Write for Fire {
    const OPERATION: Operation = Operation::write("lab/target.fire", Effect::Opaque);
    type Target = Client;
    type Answer = String;

    fn scoped(&self) -> Vec<(&'static str, String)> {
        permission::scoped(&permission::Request::Fire(self))
    }

    fn check(&self) -> Result<(), Error> {
        types::check(&self.text)
    }

    async fn perform(&self, client: &Client, _scopes: &Scopes, _effect: &EffectId) -> Result<Done<String>, Failure> {
        Ok(Done {
            answer: client.append(&self.text, None).await?,
            how: How::Performed,
        })
    }
}
