//! Does a connection work, and if not: which step fails, and what is to be done? Used by `connections test`, `doctor` and deployments.
//!
//! The way (name, TCP, TLS, certificate) is the egress' to look at, the rest each connector's (`<connector>/checkup.rs`). Nothing here
//! changes anything at a target.

mod connection;

use serde::Serialize;
use synapse_domain::clock::Timestamp;
use synapse_domain::permission::Pattern;

pub use crate::words::said;
pub use connection::examine;

/// Days before a certificate, a token or a licence ends from which on it is told.
pub const NOTICE_DAYS: u64 = 30;

/// Whole days until a moment; none are left once it has passed.
pub fn days_left(end: Timestamp, now: Timestamp) -> u64 {
    end.saturating_sub(now) / (24 * 60 * 60 * 1_000)
}

/// One deployment's use of a connection: what its manifest asks for, its grants allow and its tenant's ceiling leaves.
#[derive(Debug, Clone)]
pub struct Need {
    /// The deployment.
    pub deployment: String,
    /// The manifest's patterns for the binding, the grants', the tenant's.
    pub patterns: [Vec<Pattern>; 3],
}

impl Need {
    /// May it call this function (`thehive/alerts.create-alerts`)?
    pub fn may(&self, function: &str) -> bool {
        self.patterns
            .iter()
            .all(|patterns| patterns.iter().any(|pattern| pattern.covers(function)))
    }

    /// May it call something of this interface (`thehive/alerts`)?
    pub fn touches(&self, interface: &str) -> bool {
        self.patterns
            .iter()
            .all(|patterns| patterns.iter().any(|pattern| pattern.touches(interface)))
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Works, but somebody should look at it.
    Warning,
    /// Does not work.
    Failed,
    /// Not looked at: a step before it failed, or nobody can tell.
    Skipped,
}

/// One step of an examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which: `name`, `connection`, `tls`, `certificate`, `authentication`, `version`, `token`, `permissions`, ...
    pub step: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Step {
    /// As it should be.
    pub fn ok(step: &'static str, found: impl Into<String>) -> Self {
        Self::new(step, Verdict::Ok, found.into(), None)
    }

    /// Works, but.
    pub fn warning(step: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(step, Verdict::Warning, found.into(), Some(remedy.into()))
    }

    /// Does not work.
    pub fn failed(step: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(step, Verdict::Failed, found.into(), Some(remedy.into()))
    }

    /// Not looked at.
    pub fn skipped(step: &'static str, why: impl Into<String>) -> Self {
        Self::new(step, Verdict::Skipped, why.into(), None)
    }

    fn new(step: &'static str, verdict: Verdict, found: String, remedy: Option<String>) -> Self {
        Self {
            step,
            verdict,
            found,
            remedy,
        }
    }

    /// Does it say that something does not work?
    pub fn is_failed(&self) -> bool {
        self.verdict == Verdict::Failed
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.found)?;
        match &self.remedy {
            Some(remedy) => write!(f, " ({remedy})"),
            None => Ok(()),
        }
    }
}
