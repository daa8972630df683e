//! Why does a run stop inside a capability call?

use serde::Serialize;
use synapse_domain::clock::Timestamp;
use synapse_store::StoreError;
use synapse_store::journal::{Intent, Position};

/// Ends the attempt: travels through the guest as a trap and is recognised by the engine.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stop {
    /// Somebody cancelled the run.
    #[error("cancelled")]
    Cancelled,
    /// The node is shutting down: another attempt goes on.
    #[error("the node is shutting down, or the run is paused")]
    Draining,
    /// The node's lease ended, or a newer attempt holds the run, or the journal could not be written: re-read.
    #[error("the attempt lost its run: {0}")]
    Lost(String),
    /// The guest did not repeat what the journal holds.
    #[error("the guest did not repeat its recorded call {}", .0.at.call)]
    Diverged(Box<Divergence>),
    /// An operator has to say whether effects happened.
    #[error("{} effect(s) are in doubt", .0.len())]
    InDoubt(Vec<InDoubt>),
    /// Go on later: the target does not answer.
    #[error("suspended until {0}")]
    Suspend(Timestamp),
    /// Go on at this moment: the guest asked for it.
    #[error("sleeps until {0}")]
    Sleep(Timestamp),
    /// The guest went on calling long after its limit.
    #[error("more capability calls than the run may make")]
    CallLimit,
    /// A recorded result cannot be read.
    #[error("{0}")]
    Damaged(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(text) => Self::Damaged(text),
            StoreError::Fenced
            | StoreError::NotFound
            | StoreError::Conflict(_)
            | StoreError::Quota(_)
            | StoreError::Failed(_) => Self::Lost(error.to_string()),
        }
    }
}

/// The first call in which a replay differs from the journal, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Which call.
    pub at: Position,
    /// What the journal holds; none: the journal ends before it, or the guest made fewer calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Called>,
    /// What the guest did; none: it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempted: Option<Called>,
    /// Effects that the journal leaves in doubt from here on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_doubt: Vec<InDoubt>,
}

/// A call as it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Called {
    /// Name of the operation.
    pub operation: String,
    /// Through which binding.
    pub binding: String,
    /// Canonical arguments.
    pub arguments: String,
}

/// An effect whose outcome nobody knows, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InDoubt {
    /// Which call.
    pub at: Position,
    /// Name of the operation.
    pub operation: String,
    /// Through which binding.
    pub binding: String,
    /// Canonical arguments.
    pub arguments: String,
    /// The marker to look for at the target.
    pub marker: String,
    /// When it was first about to be sent.
    pub since: Timestamp,
    /// What is known.
    pub evidence: String,
}

/// What is known of an effect whose attempt died.
pub(super) const DIED: &str = "the attempt that was about to send it ended before it recorded an answer";

impl InDoubt {
    /// The effect of these recorded intents.
    pub(super) fn after_a_crash(intents: &[Intent]) -> Option<Self> {
        let (first, last) = (intents.first()?, intents.last()?);
        Some(Self {
            at: last.at,
            operation: last.operation.clone(),
            binding: last.binding.clone(),
            arguments: last.arguments.clone(),
            marker: super::call::marker(&last.effect_key),
            since: first.time,
            evidence: DIED.to_owned(),
        })
    }
}
