//! What must a connector say about a call so that the gate can do the rest?

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;
use synapse_domain::run::How;

use crate::bindings::synapse::workflow::types::Error;
use crate::connection::Target;

/// A call that asks. The value's fields are its canonical arguments.
pub trait Read: Serialize + Send + Sync + 'static {
    /// Which function.
    const OPERATION: Operation;
    /// Whom it asks.
    type Target: Target;
    /// What it answers.
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// Arguments that a grant can limit (the connector's `permission.rs`).
    fn scoped(&self) -> Vec<(&'static str, String)>;

    /// Asks. `scopes` limit what may be in the answer where the call itself names no value.
    fn perform(
        &self,
        target: &Self::Target,
        scopes: &Scopes,
    ) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// A call that changes one object at a target by one request. The value's fields are its canonical arguments.
pub trait Write: Serialize + Send + Sync + 'static {
    /// Which function; its class says how it is resolved.
    const OPERATION: Operation;
    /// For `probe`: how many spaced probes must find nothing before the effect counts as absent.
    const PROBES: u32 = 3;
    /// Whom it changes.
    type Target: Target;
    /// What it answers.
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// Arguments that a grant can limit (the connector's `permission.rs`).
    fn scoped(&self) -> Vec<(&'static str, String)>;

    /// The guest's own key of the effect, if it gave one.
    fn dedup_key(&self) -> Option<&str> {
        None
    }

    /// Checks what can be checked without the target. Refused arguments leave no intent.
    ///
    /// # Errors
    /// `Invalid`, with the field.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Sends the request. For `keyed` writes it may be a repeat (`effect.repeat`), and must then tell its own effect from a stranger's.
    fn perform(
        &self,
        target: &Self::Target,
        scopes: &Scopes,
        effect: &EffectId,
    ) -> impl Future<Output = Result<Done<Self::Answer>, Failure>> + Send;

    /// For `probe` writes: asks the target for the marker (the connector's `reconcile.rs`). `None`: not there.
    fn probe(
        &self,
        _target: &Self::Target,
        _effect: &EffectId,
    ) -> impl Future<Output = Result<Option<Self::Answer>, Error>> + Send {
        async { Err(Error::Unsupported("this effect cannot be asked for".to_owned())) }
    }
}

/// Which effect a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectId {
    /// The effect's key; the marker at the target is made from it.
    pub key: Digest,
    /// When the first intent was written: a change at the target by somebody else after it is a conflict.
    pub since: Timestamp,
    /// Has it (perhaps) been sent before?
    pub repeat: bool,
}

impl EffectId {
    /// The marker at the target: `synapse:` and 16 hexadecimal digits of the key.
    pub fn marker(&self) -> String {
        marker(&self.key)
    }
}

/// The marker of an effect with this key.
pub(super) fn marker(key: &Digest) -> String {
    format!("synapse:{}", key.short())
}

/// A write that is known to have happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Done<A> {
    /// What the target answered.
    pub answer: A,
    /// `Performed` now, or `Adopted` from an earlier sending.
    pub how: How,
}

/// A write that is not known to have happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// For the guest.
    pub error: Error,
    /// For the gate.
    pub certainty: Certainty,
}

/// How sure a client is that a failed write changed nothing (design G3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// No byte of the request reached the target.
    NotSent,
    /// The target answered that it did not do it.
    Refused,
    /// Timeout, reset after sending, 5xx, unreadable answer.
    Unknown,
}
