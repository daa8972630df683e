//! Which states does a run go through, and how did an outcome come about?

use serde::{Deserialize, Serialize};

/// State of a run (design section 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Accepted, not started.
    Queued,
    /// An attempt holds the lease.
    Running,
    /// Will go on at a recorded time; holds no instance.
    Waiting,
    /// An operator has to say whether an effect happened.
    InDoubt,
    /// The guest returned an answer and no report item failed.
    Succeeded,
    /// The guest returned an answer and some report items failed.
    Partial,
    /// The guest gave up, trapped or met a limit.
    Failed,
    /// Stopped by a person.
    Cancelled,
    /// The guest did not repeat what the journal holds.
    Diverged,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Running,
        Self::Waiting,
        Self::InDoubt,
        Self::Succeeded,
        Self::Partial,
        Self::Failed,
        Self::Cancelled,
        Self::Diverged,
    ];

    /// The state's name, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::InDoubt => "in_doubt",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Diverged => "diverged",
        }
    }

    /// The state with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Will the run never change again by itself?
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running | Self::Waiting | Self::InDoubt => false,
            Self::Succeeded | Self::Partial | Self::Failed | Self::Cancelled | Self::Diverged => true,
        }
    }
}

/// How a recorded outcome came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The call was carried out and answered.
    Performed,
    /// The effect was found at the target, or had been recorded in this run before.
    Adopted,
    /// Refused by the gate; nothing was sent.
    Denied,
    /// An operator decided.
    Verdict,
}

impl How {
    /// The name, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Performed => "performed",
            Self::Adopted => "adopted",
            Self::Denied => "denied",
            Self::Verdict => "verdict",
        }
    }

    /// The value with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Performed, Self::Adopted, Self::Denied, Self::Verdict]
            .into_iter()
            .find(|how| how.as_str() == text)
    }
}

/// What a workflow said became of one item (`synapse:workflow/report`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A new object exists at the target.
    Created,
    /// An object was changed.
    Updated,
    /// Nothing was done, on purpose.
    Skipped,
    /// It should have been done and was not.
    Failed,
    /// It waits for somebody's approval.
    Held,
}

/// One line of a run's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportItem {
    /// What it is about.
    pub subject: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Where to look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// How many items a run looked at, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    /// Items looked at.
    pub count: u64,
    /// Which window, in words.
    pub window: String,
}
