//! What is the caller told, and what does the report keep?

use serde::{Deserialize, Serialize};
use synapse_guest::workflow::{Item, Verdict, Workflow};

/// What became of an offense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Closed by this run.
    Closed,
    /// Closed before, by somebody.
    Already,
    /// Purged.
    Gone,
    /// Stays open for a good reason.
    Kept,
    /// Waits for an approval.
    Held,
    /// Should be closed and is not.
    Failed,
}

impl Kind {
    fn verdict(self) -> Verdict {
        match self {
            Self::Closed => Verdict::Updated,
            Self::Already | Self::Gone | Self::Kept => Verdict::Skipped,
            Self::Held => Verdict::Held,
            Self::Failed => Verdict::Failed,
        }
    }
}

/// An offense and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The offense.
    pub offense: u64,
    /// What became of it.
    pub outcome: Kind,
    /// In a sentence.
    pub message: String,
    /// Link to it in the console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The workflow's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Nothing failed.
    pub success: bool,
    /// `case #7`.
    pub subject: String,
    /// Why nothing was looked at any further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Its offenses.
    pub offenses: Vec<Outcome>,
    /// What an operator should look at.
    pub warnings: Vec<String>,
}

impl Answer {
    /// Nothing to do, because.
    pub fn nothing(host: &impl Workflow, subject: &str, reason: &str, link: Option<&str>) -> Self {
        host.report(&Item {
            subject: subject.to_owned(),
            verdict: Verdict::Skipped,
            reason: reason.to_owned(),
            link: link.map(str::to_owned),
        });
        Self {
            success: true,
            subject: subject.to_owned(),
            skipped: Some(reason.to_owned()),
            ..Self::default()
        }
    }

    /// What became of the offenses.
    pub fn about(host: &impl Workflow, subject: &str, offenses: Vec<Outcome>) -> Self {
        for outcome in &offenses {
            host.report(&Item {
                subject: format!("offense {}", outcome.offense),
                verdict: outcome.outcome.verdict(),
                reason: format!("{subject}: {}", outcome.message),
                link: outcome.link.clone(),
            });
        }
        Self {
            success: offenses.iter().all(|outcome| outcome.outcome != Kind::Failed),
            subject: subject.to_owned(),
            skipped: None,
            offenses,
            warnings: Vec::new(),
        }
    }
}
