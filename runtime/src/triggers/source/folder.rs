//! Which mails of a folder are news, and where does the next look start? (contract section 2, D33, D36)
//!
//! The server's sync state decides, never a clock. When it is of no use any more the folder is read as a whole once, and what was handed
//! over is known by its id, or by what stays when the id changes.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synapse_capabilities::ews::client::MailChange;
use synapse_domain::clock::Timestamp;
use synapse_domain::trigger::Source;
use synapse_store::sources::{ItemState, SourceItem};

use super::item::{self, Detail};
use super::offenses::fresh_from;

/// Exchange tells receipt in whole seconds.
const SECOND_MS: u64 = 1_000;
/// Characters of a subject in a workflow's report.
const SUBJECT_CHARS: usize = 200;

/// Where the next look starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Mails that were received earlier are left alone.
    pub from: Timestamp,
    /// The folder's id that the state belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<String>,
    /// The server's state; none: the folder is read as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Is the folder being read as a whole?
    #[serde(default)]
    pub whole: bool,
}

impl Position {
    /// The start of a cursor at this moment.
    pub fn start(moment: Timestamp) -> Self {
        Self {
            from: moment,
            folder_id: None,
            state: None,
            whole: true,
        }
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The folder is to be read as a whole: its state is of no use, or it is another folder.
    pub fn anew(&mut self, folder_id: Option<String>) {
        (self.folder_id, self.state, self.whole) = (folder_id, None, true);
    }
}

/// What stays of a mail when its id changes.
pub fn alias(mail: &MailChange) -> Option<String> {
    let message_id = mail.message_id.as_deref()?;
    let received = mail.received.unwrap_or(0).to_string();
    Some(item::digest(&[message_id, &received, &mail.subject]))
}

/// The version of a mail: what people say about it with categories. Those that the workflow writes as its feedback are no news.
pub fn version(mail: &MailChange) -> String {
    let feedback = |category: &&String| category.starts_with("TheHive ") || category.starts_with("TheHive:");
    let said: Vec<&str> = mail
        .categories
        .iter()
        .filter(|category| !feedback(category))
        .map(String::as_str)
        .collect();
    item::digest(&said)
}

/// What a mail's item says of it.
pub fn detail(mail: &MailChange) -> Detail {
    let subject: String = mail.subject.chars().take(SUBJECT_CHARS).collect();
    Detail {
        title: mail.subject.clone(),
        moment: mail.received.unwrap_or(0),
        subject: format!("mail {}", if subject.is_empty() { "(no subject)" } else { &subject }),
        ..Detail::default()
    }
}

/// The item of a mail that waits for its first run.
pub fn found(mail: &MailChange, source: &Source, now: Timestamp) -> SourceItem {
    let received = mail.received.unwrap_or(now);
    let (lane, _) = item::place(received, None, fresh_from(now, source), source.live_magnitude);
    // Mails of a conversation in their order.
    let rank = -i64::try_from(received).unwrap_or(i64::MAX);
    let mut found = item::fresh(mail.id.clone(), version(mail), &detail(mail), (lane, rank), now);
    found.alias = alias(mail);
    found
}

/// The item that a mail becomes, if it is news. `floor`: handed mails that were received before it may be forgotten.
pub fn news(
    mail: &MailChange,
    known: Option<&SourceItem>,
    moved: Option<&SourceItem>,
    position: &Position,
    source: &Source,
    now: Timestamp,
) -> Option<SourceItem> {
    let mut item = found(mail, source, now);
    if let Some(known) = known {
        if known.version == item.version || known.state == ItemState::Skipped && is_old(mail, position) {
            return None;
        }
        item.times = known.times;
        return Some(item);
    }
    // The folder is read as a whole, and the server gave it another id: it is the same mail.
    if position.whole && moved.is_some() {
        return None;
    }
    if is_old(mail, position) {
        // One that lay there before is no event; one that comes in now is left out, and said so.
        let reason = "received before the point from which the trigger acts";
        return (!position.whole).then(|| item::left_out(item, ItemState::Skipped, reason));
    }
    Some(item)
}

fn is_old(mail: &MailChange, position: &Position) -> bool {
    mail.received
        .is_some_and(|received| received < position.from / SECOND_MS * SECOND_MS)
}

/// The event's word for an item.
pub fn event(found: &SourceItem) -> Value {
    serde_json::json!({ "id": found.key })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = 10_000_000;

    fn source() -> Source {
        let source = serde_json::json!({ "name": "s", "binding": "mailbox", "watch": "folder", "folder": "x" });
        serde_json::from_value(source).unwrap()
    }

    fn mail(id: &str, received: Timestamp, categories: &[&str]) -> MailChange {
        MailChange {
            id: id.to_owned(),
            message_id: Some("<a@b>".to_owned()),
            subject: "report".to_owned(),
            received: Some(received),
            size: 1,
            categories: categories.iter().map(|category| (*category).to_owned()).collect(),
        }
    }

    #[test]
    fn a_mail_is_news_once_and_again_when_somebody_categorises_it() {
        let mut position = Position::start(9_000_500);
        let first = news(&mail("1", 9_000_000, &[]), None, None, &position, &source(), NOW).unwrap();
        assert_eq!(first.state, ItemState::New);
        position.whole = false;
        let again = |categories: &[&str]| {
            news(
                &mail("1", 9_000_000, categories),
                Some(&first),
                None,
                &position,
                &source(),
                NOW,
            )
        };
        assert_eq!(again(&[]), None);
        assert_eq!(
            again(&["TheHive #12", "TheHive: failed"]),
            None,
            "the workflow's own feedback"
        );
        assert!(again(&["alice"]).is_some());
    }

    #[test]
    fn old_mails_of_the_folder_are_no_event_and_an_old_one_that_comes_in_is_left_out_with_a_reason() {
        let mut position = Position::start(9_000_000);
        assert_eq!(
            news(&mail("1", 8_000_000, &[]), None, None, &position, &source(), NOW),
            None
        );
        position.whole = false;
        let late = news(&mail("1", 8_000_000, &[]), None, None, &position, &source(), NOW).unwrap();
        assert_eq!(late.state, ItemState::Skipped);
    }

    #[test]
    fn after_a_resync_a_mail_with_another_id_is_not_told_again() {
        let position = Position::start(9_000_000);
        let old = news(&mail("1", 9_100_000, &[]), None, None, &position, &source(), NOW).unwrap();
        let moved = mail("2", 9_100_000, &[]);
        assert_eq!(alias(&moved), old.alias);
        assert_eq!(news(&moved, None, Some(&old), &position, &source(), NOW), None);
        // In the ordinary course another id is another mail, whatever its sender wrote into it.
        let mut usual = position;
        usual.whole = false;
        assert!(news(&moved, None, Some(&old), &usual, &source(), NOW).is_some());
    }
}
