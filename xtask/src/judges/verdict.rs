//! What did a judge say, and can its verdict stand?

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The last line that a judge prints; also an entry of `judges.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The outside program.
    pub judge: String,
    /// Its version.
    pub version: String,
    /// How many checks there are.
    pub collected: u64,
    /// How many passed.
    pub passed: u64,
    /// Which were left out.
    pub excluded: Vec<Excluded>,
}

/// A check that was not run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Excluded {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl Verdict {
    /// Reads the last line of a judge's output.
    pub fn parse(text: &str) -> Result<Self> {
        let line = text
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .context("it printed nothing")?;
        serde_json::from_str(line).with_context(|| format!("its last line is no verdict: {line}"))
    }

    /// Why this verdict cannot stand, if so.
    pub fn problem(&self) -> Option<String> {
        let excluded = self.excluded.len() as u64;
        let unexplained = self.excluded.iter().find(|excluded| excluded.reason.trim().is_empty());
        if self.passed == 0 {
            Some("passed no check at all".to_owned())
        } else if let Some(excluded) = unexplained {
            Some(format!("excluded {} without a reason", excluded.name))
        } else if self.passed + excluded != self.collected {
            Some(format!(
                "{} passed + {excluded} excluded is not {} collected",
                self.passed, self.collected
            ))
        } else {
            None
        }
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let Self {
            judge,
            version,
            collected,
            passed,
            excluded,
        } = self;
        format!(
            "{judge} {version}: {passed} passed of {collected} collected, {} excluded",
            excluded.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(passed: u64, collected: u64, reasons: &[&str]) -> Option<String> {
        let excluded: Vec<_> = reasons
            .iter()
            .map(|r| serde_json::json!({"name": "n", "reason": r}))
            .collect();
        let line = serde_json::json!({
            "judge": "j", "version": "1", "collected": collected, "passed": passed, "excluded": excluded, "failed": []
        });
        Verdict::parse(&format!("noise\n{line}\n\n")).unwrap().problem()
    }

    #[test]
    fn a_verdict_must_add_up_and_explain_what_it_left_out() {
        assert_eq!(problem(3, 4, &["server cannot"]), None);
        assert!(problem(3, 4, &[]).is_some());
        assert!(problem(3, 4, &[" "]).is_some());
        assert!(problem(0, 0, &[]).is_some());
    }

    #[test]
    fn a_judge_without_a_verdict_is_an_error() {
        assert!(Verdict::parse("all good").is_err());
        assert!(Verdict::parse("").is_err());
    }
}
