//! What is the caller told, and what does the report keep?

use serde::Serialize;
use synapse_guest::workflow::{Item, Verdict, Workflow};

/// What became of one offense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mirrored {
    /// `offense 42`, `case #7`.
    pub subject: String,
    /// `updated`, `skipped`, `held`, `failed`.
    pub outcome: &'static str,
    /// In a sentence.
    pub message: String,
}

/// The workflow's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Nothing failed.
    pub success: bool,
    /// What became of what was asked for.
    pub items: Vec<Mirrored>,
}

impl Answer {
    /// About nothing yet.
    pub fn new() -> Self {
        Self {
            success: true,
            items: Vec::new(),
        }
    }

    /// One more item.
    pub fn add(&mut self, host: &impl Workflow, subject: &str, verdict: Verdict, message: &str, link: Option<&str>) {
        let outcome = match verdict {
            Verdict::Created => "created",
            Verdict::Updated => "updated",
            Verdict::Skipped => "skipped",
            Verdict::Held => "held",
            Verdict::Failed => "failed",
        };
        self.success &= verdict != Verdict::Failed;
        host.report(&Item {
            subject: subject.to_owned(),
            verdict,
            reason: message.to_owned(),
            link: link.map(str::to_owned),
        });
        self.items.push(Mirrored {
            subject: subject.to_owned(),
            outcome,
            message: message.to_owned(),
        });
    }
}
