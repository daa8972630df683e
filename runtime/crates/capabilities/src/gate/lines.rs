//! What may a guest write beside its calls (log, report), and how is it kept harmless and once?

use std::collections::HashSet;

use synapse_domain::limits;
use synapse_domain::run::{ReportItem, Scanned, Verdict};
use synapse_store::journal::{Entry, Journal, Line, LineContent, LogLine};

use super::attempt::Gate;
use super::stop::Stop;

/// Counts what is kept of a run. Replayed lines count again, in the same order, so the limits fall on the same lines.
#[derive(Default)]
pub struct Lines {
    recorded: HashSet<(u32, u32)>,
    call: u32,
    n: u32,
    log: Kept,
    report: Kept,
    failed: u64,
}

#[derive(Default)]
struct Kept {
    lines: usize,
    bytes: usize,
    full: bool,
}

/// What the limits say about one more line.
enum Room {
    Yes,
    /// This is the first line that does not fit: say so once.
    LastWord,
    No,
}

impl Kept {
    fn add(&mut self, bytes: usize, max_lines: usize, max_bytes: usize) -> Room {
        if self.full {
            return Room::No;
        }
        self.lines = self.lines.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        self.full = self.lines > max_lines || self.bytes > max_bytes;
        if self.full { Room::LastWord } else { Room::Yes }
    }
}

impl Lines {
    /// Knows which lines are already durable.
    pub fn new(journal: &Journal) -> Self {
        let recorded = journal.lines.iter().map(|line| (line.call, line.n)).collect();
        Self {
            recorded,
            ..Self::default()
        }
    }

    /// How many report items say that something failed.
    pub fn failed_items(&self) -> u64 {
        self.failed
    }
}

impl Gate {
    /// Keeps a log line. Beyond the limits one mark is kept and the rest dropped.
    ///
    /// # Errors
    /// [`Stop`] if the journal cannot be written.
    pub async fn log(&mut self, level: &'static str, message: &str, fields: &[(String, String)]) -> Result<(), Stop> {
        let clip = |text: &str| escaped(text, limits::LOG_TEXT_BYTES);
        let fields: Vec<_> = fields
            .iter()
            .take(limits::LOG_FIELDS)
            .map(|(name, value)| (clip(name), clip(value)))
            .collect();
        let line = LogLine {
            level: level.to_owned(),
            message: clip(message),
            fields,
        };
        let bytes = line.fields.iter().fold(line.message.len(), |sum, (name, value)| {
            sum.saturating_add(name.len()).saturating_add(value.len())
        });
        match self.lines.log.add(bytes, limits::LOG_LINES, limits::LOG_BYTES) {
            Room::Yes => self.line(LineContent::Log(line)).await,
            Room::LastWord => {
                let message = "truncated: the run's log limit is reached, later lines are dropped".to_owned();
                self.line(LineContent::Log(LogLine {
                    level: "warn".to_owned(),
                    message,
                    fields: Vec::new(),
                }))
                .await
            }
            Room::No => Ok(()),
        }
    }

    /// Keeps a report line; failed items count even where the line no longer fits.
    ///
    /// # Errors
    /// [`Stop`] if the journal cannot be written.
    pub async fn report(&mut self, item: ReportItem) -> Result<(), Stop> {
        if item.verdict == Verdict::Failed {
            self.lines.failed = self.lines.failed.saturating_add(1);
        }
        let clip = |text: &str| escaped(text, limits::REPORT_TEXT_BYTES);
        let item = ReportItem {
            subject: clip(&item.subject),
            reason: clip(&item.reason),
            link: item.link.as_deref().map(clip),
            verdict: item.verdict,
        };
        let bytes = item.subject.len().saturating_add(item.reason.len()).saturating_add(64);
        match self.lines.report.add(bytes, limits::REPORT_ITEMS, limits::REPORT_BYTES) {
            Room::Yes => self.line(LineContent::Report(item)).await,
            Room::LastWord => {
                let reason = "the run's report limit is reached, later lines are not kept".to_owned();
                let item = ReportItem {
                    subject: "report".to_owned(),
                    verdict: Verdict::Held,
                    reason,
                    link: None,
                };
                self.line(LineContent::Report(item)).await
            }
            Room::No => Ok(()),
        }
    }

    /// Keeps how much was looked at.
    ///
    /// # Errors
    /// [`Stop`] if the journal cannot be written.
    pub async fn scanned(&mut self, count: u64, window: &str) -> Result<(), Stop> {
        let window = escaped(window, limits::REPORT_TEXT_BYTES);
        match self.lines.report.add(
            window.len().saturating_add(64),
            limits::REPORT_ITEMS,
            limits::REPORT_BYTES,
        ) {
            Room::Yes => self.line(LineContent::Scanned(Scanned { count, window })).await,
            Room::LastWord | Room::No => Ok(()),
        }
    }

    async fn line(&mut self, content: LineContent) -> Result<(), Stop> {
        if self.lines.call != self.next_call {
            self.lines.call = self.next_call;
            self.lines.n = 0;
        }
        let (call, n) = (self.lines.call, self.lines.n);
        self.lines.n = n.saturating_add(1);
        if self.lines.recorded.contains(&(call, n)) {
            return Ok(());
        }
        self.attempt
            .buffer(Entry::Line(Line {
                call,
                n,
                time: self.now(),
                content,
            }))
            .await
    }
}

/// The text in at most `max` bytes, with control, bidirectional and other invisible characters shown as escapes, so that no line can forge another
/// or turn around what follows it (threat row 39).
fn escaped(text: &str, max: usize) -> String {
    let mut safe = String::with_capacity(text.len().min(max));
    for character in text.chars() {
        let hidden = character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if safe.len().saturating_add(character.len_utf8()) > max {
            safe.push('…');
            break;
        }
        if hidden {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_39_a_guest_cannot_forge_a_log_line() {
        assert_eq!(
            escaped("a\n{\"level\":\"error\"}\u{1b}[31m\u{202e}", 100),
            r#"a\u{a}{"level":"error"}\u{1b}[31m\u{202e}"#
        );
        assert_eq!(escaped("ééé", 4), "éé…");
    }

    #[test]
    fn row_11_one_mark_says_that_lines_are_missing() {
        let mut kept = Kept::default();
        let rooms: Vec<_> = (0..5).map(|_| kept.add(1, 3, 100)).collect();
        assert!(matches!(rooms[2], Room::Yes) && matches!(rooms[3], Room::LastWord) && matches!(rooms[4], Room::No));
    }
}
