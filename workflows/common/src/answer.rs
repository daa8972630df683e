//! What is the caller told, and what does the report keep?
//!
//! The shape is the original's (`success`, `offenses` with `qradar_offense_id`, `raised_alert_id`, `success`, `message`), plus
//! what it left out: the window, what was looked at, and what was skipped and why.

use serde::Serialize;
use synapse_guest::text;
use synapse_guest::workflow::{Item, Verdict, Workflow};

/// Bytes that the listed items of an answer may have, so that the whole stays below the runtime's 1 MiB; beyond it items
/// are only counted.
const LISTED_BYTES: usize = 900 << 10;
/// Characters of one message.
const MESSAGE_CHARS: usize = 500;
/// Warnings of one answer.
const WARNINGS: usize = 100;
/// Beside the texts, one listed item takes at most this many bytes of JSON.
const ITEM_BYTES: usize = 120;

/// The window of a run: last event from `from` to `to`, both inclusive, milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// First moment.
    pub from: u64,
    /// Last moment.
    pub to: u64,
    /// The window and its reasons in a sentence.
    pub text: String,
}

impl Window {
    /// Can nothing be in it?
    pub fn is_empty(&self) -> bool {
        self.from > self.to
    }
}

/// The workflow's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Nothing failed.
    pub success: bool,
    /// Offenses that became alerts, and those that should have and did not.
    pub offenses: Vec<Outcome>,
    /// The window, or none if an offense was asked for by id.
    pub window: Option<AnsweredWindow>,
    /// Which offenses were asked for.
    pub filter: String,
    /// How many offenses were looked at.
    pub scanned: u64,
    /// How many became alerts.
    pub created: u64,
    /// How many alerts were filled in or brought up to date.
    pub updated: u64,
    /// How many should have and did not.
    pub failed: u64,
    /// How many were left out on purpose.
    pub left_out: u64,
    /// Those, with the reason.
    pub skipped: Vec<Skipped>,
    /// What an operator should look at.
    pub warnings: Vec<String>,
    /// Says so if the lists are shorter than the counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<String>,
    #[serde(skip)]
    listed_bytes: usize,
    #[serde(skip)]
    unlisted_items: u64,
}

/// The window in the answer; milliseconds, inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnsweredWindow {
    /// First moment.
    pub from: u64,
    /// Last moment.
    pub to: u64,
    /// The window and its reasons in a sentence.
    pub text: String,
}

/// An offense that became an alert or should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The offense.
    pub qradar_offense_id: u64,
    /// Its alert, if there is one now.
    pub raised_alert_id: Option<String>,
    /// There is one now.
    pub success: bool,
    /// What happened.
    pub message: String,
}

/// An offense that was left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The offense.
    pub qradar_offense_id: u64,
    /// Why.
    pub reason: String,
}

impl Answer {
    /// An answer about nothing yet.
    pub fn new(window: Option<&Window>, filter: String) -> Self {
        let window = window.map(|Window { from, to, text }| AnsweredWindow {
            from: *from,
            to: *to,
            text: text.clone(),
        });
        Self {
            success: true,
            offenses: Vec::new(),
            window,
            filter,
            scanned: 0,
            created: 0,
            updated: 0,
            failed: 0,
            left_out: 0,
            skipped: Vec::new(),
            warnings: Vec::new(),
            unlisted: None,
            listed_bytes: 0,
            unlisted_items: 0,
        }
    }

    /// An alert exists now because of this run.
    pub fn created(&mut self, host: &impl Workflow, id: u64, alert: &str, message: &str, link: &str) {
        self.created += 1;
        self.outcome(id, Some(alert.to_owned()), message);
        report(host, id, Verdict::Created, message, Some(link));
    }

    /// An alert that was there says more now.
    pub fn updated(&mut self, host: &impl Workflow, id: u64, alert: &str, message: &str, link: &str) {
        self.updated += 1;
        self.outcome(id, Some(alert.to_owned()), message);
        report(host, id, Verdict::Updated, message, Some(link));
    }

    /// There should be an alert and there is none.
    pub fn failed(&mut self, host: &impl Workflow, id: u64, message: &str, link: Option<&str>) {
        self.failed += 1;
        self.success = false;
        self.outcome(id, None, message);
        report(host, id, Verdict::Failed, message, link);
    }

    /// Nothing was done, on purpose.
    pub fn skipped(&mut self, host: &impl Workflow, id: u64, reason: &str, link: &str) {
        self.left_out += 1;
        let reason = text::cut(reason, MESSAGE_CHARS);
        if self.has_room(&reason) {
            self.skipped.push(Skipped {
                qradar_offense_id: id,
                reason: reason.clone(),
            });
        }
        report(host, id, Verdict::Skipped, &reason, Some(link));
    }

    /// Something an operator should look at; the same sentence is kept once.
    pub fn warn(&mut self, warning: &str) {
        let warning = text::cut(warning, MESSAGE_CHARS);
        if self.warnings.len() < WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn outcome(&mut self, qradar_offense_id: u64, raised_alert_id: Option<String>, message: &str) {
        let message = text::cut(message, MESSAGE_CHARS);
        if self.has_room(&message) {
            let success = raised_alert_id.is_some();
            self.offenses.push(Outcome {
                qradar_offense_id,
                raised_alert_id,
                success,
                message,
            });
        }
    }

    /// JSON writes a character in six bytes at most (`\u001b`).
    fn has_room(&mut self, text: &str) -> bool {
        let bytes = ITEM_BYTES + serde_json::to_string(text).map_or(6 * text.len(), |json| json.len());
        if self.listed_bytes + bytes <= LISTED_BYTES {
            self.listed_bytes += bytes;
            return true;
        }
        self.unlisted_items += 1;
        let count = self.unlisted_items;
        self.unlisted = Some(format!(
            "{count} more items are counted and not listed; the run's report has them"
        ));
        false
    }
}

fn report(host: &impl Workflow, id: u64, verdict: Verdict, reason: &str, link: Option<&str>) {
    let link = link.filter(|link| !link.is_empty()).map(str::to_owned);
    host.report(&Item {
        subject: format!("offense {id}"),
        verdict,
        reason: reason.to_owned(),
        link,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapse_guest::entry::ANSWER_BYTES;
    use synapse_guest::fake::Fake;

    #[test]
    fn an_answer_about_very_many_offenses_stays_below_the_limit_and_says_what_is_not_listed() {
        let host = Fake::new();
        let mut answer = Answer::new(None, "all".to_owned());
        for id in 0..20_000 {
            answer.skipped(&host, id, &"\u{1b}".repeat(400), "https://qradar.example/");
        }
        let size = serde_json::to_string(&answer).unwrap().len();
        assert!(size < ANSWER_BYTES, "{size}");
        assert_eq!(answer.left_out, 20_000);
        let unlisted = 20_000 - answer.skipped.len();
        assert!(answer.unlisted.unwrap().starts_with(&format!("{unlisted} more")));
    }
}
