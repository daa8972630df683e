//! What is the caller told, and what does the report keep?
//!
//! The original answered `{"success": true}`; here it is true if nothing failed, and everything it kept to itself is added.

use serde::Serialize;
use synapse_guest::text;
use synapse_guest::workflow::{Item, Verdict, Workflow};

use crate::ledger::Home;
use crate::letter::NO_SUBJECT;

/// Bytes that the listed mails of an answer may have, so that the whole stays below the runtime's 1 MiB.
const LISTED_BYTES: usize = 900 << 10;
/// Characters of one reason.
const REASON_CHARS: usize = 600;
/// Characters of a subject.
const SUBJECT_CHARS: usize = 200;
/// Warnings of one answer.
const WARNINGS: usize = 100;
/// Mails that earlier runs finished are listed one by one up to this number; a folder may hold thousands.
const FINISHED_LISTED: u64 = 100;

/// The workflow's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Nothing failed.
    pub success: bool,
    /// The folder that was looked at.
    pub folder: String,
    /// Which of its mails.
    pub mode: &'static str,
    /// From when on, in a sentence.
    pub window: String,
    /// How many mails were looked at.
    pub scanned: u64,
    /// How many became cases.
    pub created: u64,
    /// How many went into a case that was there, or changed one.
    pub updated: u64,
    /// How many were left out on purpose, those that earlier runs finished included.
    pub skipped: u64,
    /// How many wait for the next run.
    pub held: u64,
    /// How many should have been handled and were not.
    pub failed: u64,
    /// The mails, oldest first.
    pub mails: Vec<Outcome>,
    /// What an operator should look at.
    pub warnings: Vec<String>,
    /// Says so if the list is shorter than the counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<String>,
    #[serde(skip)]
    listed_bytes: usize,
    #[serde(skip)]
    unlisted_mails: u64,
    #[serde(skip)]
    finished: u64,
}

/// What became of one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Its `Message-ID`, if it has one.
    pub internet_message_id: Option<String>,
    /// Its subject.
    pub subject: String,
    /// `created`, `updated`, `skipped`, `held` or `failed`.
    pub verdict: &'static str,
    /// The case or alert it is in.
    pub case: Option<Case>,
    /// Why, in a sentence.
    pub reason: String,
}

/// A case or alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The server's id.
    pub id: String,
    /// The case's number; none for an alert.
    pub number: Option<u64>,
    /// Where to look at it.
    pub link: String,
}

/// Which mail an outcome is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Its `Message-ID`.
    pub internet_message_id: Option<String>,
    /// Its subject as written.
    pub subject: Option<String>,
}

impl Answer {
    /// An answer about nothing yet.
    pub fn new(folder: &str, mode: &'static str, window: String) -> Self {
        Self {
            success: true,
            folder: folder.to_owned(),
            mode,
            window,
            scanned: 0,
            created: 0,
            updated: 0,
            skipped: 0,
            held: 0,
            failed: 0,
            mails: Vec::new(),
            warnings: Vec::new(),
            unlisted: None,
            listed_bytes: 0,
            unlisted_mails: 0,
            finished: 0,
        }
    }

    /// What became of a mail.
    pub fn tell(&mut self, host: &impl Workflow, about: &About, verdict: Verdict, home: Option<&Home>, reason: &str) {
        let (count, name) = match verdict {
            Verdict::Created => (&mut self.created, "created"),
            Verdict::Updated => (&mut self.updated, "updated"),
            Verdict::Skipped => (&mut self.skipped, "skipped"),
            Verdict::Held => (&mut self.held, "held"),
            Verdict::Failed => (&mut self.failed, "failed"),
        };
        *count += 1;
        self.success &= verdict != Verdict::Failed;
        let reason = text::cut(&text::visible(reason), REASON_CHARS);
        let subject = text::visible(about.subject.as_deref().unwrap_or_default());
        let subject = text::cut(if subject.is_empty() { NO_SUBJECT } else { &subject }, SUBJECT_CHARS);
        host.report(&Item {
            subject: format!("mail {subject}"),
            verdict,
            reason: reason.clone(),
            link: home.map(|home| home.link.clone()),
        });
        self.list(Outcome {
            internet_message_id: about
                .internet_message_id
                .as_deref()
                .map(|id| text::cut(&text::visible(id), SUBJECT_CHARS)),
            subject,
            verdict: name,
            case: home.map(|home| Case {
                id: home.id.clone(),
                number: home.number,
                link: home.link.clone(),
            }),
            reason,
        });
    }

    /// An earlier run finished the mail. The first ones are listed, the others counted.
    pub fn finished(&mut self, host: &impl Workflow, about: &About, home: Option<&Home>, reason: &str) {
        self.finished += 1;
        if self.finished <= FINISHED_LISTED {
            self.tell(host, about, Verdict::Skipped, home, reason);
        } else {
            self.skipped += 1;
            self.not_listed();
        }
    }

    /// Something an operator should look at; the same sentence is kept once.
    pub fn warn(&mut self, warning: &str) {
        let warning = text::cut(&text::visible(warning), REASON_CHARS);
        if self.warnings.len() < WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn list(&mut self, outcome: Outcome) {
        let bytes = serde_json::to_string(&outcome).map_or(0, |json| json.len() + 1);
        if self.listed_bytes + bytes <= LISTED_BYTES {
            self.listed_bytes += bytes;
            self.mails.push(outcome);
        } else {
            self.not_listed();
        }
    }

    fn not_listed(&mut self) {
        self.unlisted_mails += 1;
        self.unlisted = Some(format!("{} more mails are counted and not listed", self.unlisted_mails));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapse_guest::entry::ANSWER_BYTES;
    use synapse_guest::fake::Fake;

    #[test]
    fn an_answer_about_very_many_mails_stays_below_the_limit_and_says_what_is_not_listed() {
        let host = Fake::new();
        let mut answer = Answer::new("TheHive", "folder", String::new());
        for n in 0..9_000 {
            let about = About {
                internet_message_id: Some(format!("<{n}@x>")),
                subject: Some("\"ü\u{1b}".repeat(400)),
            };
            answer.tell(&host, &about, Verdict::Skipped, None, &"\u{1b}".repeat(400));
        }
        let size = serde_json::to_string(&answer).unwrap().len();
        assert!(size < ANSWER_BYTES, "{size}");
        assert_eq!(answer.skipped, 9_000);
        let unlisted = 9_000 - answer.mails.len();
        assert!(answer.unlisted.unwrap().starts_with(&format!("{unlisted} more")));
    }
}
