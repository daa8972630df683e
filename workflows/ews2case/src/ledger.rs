//! What is remembered of mails and conversations?
//!
//! The ledger in `state` decides what is new; the read flag and the category are outputs only. A mail's line says which steps are
//! done, so that a rerun does the missing ones (case D06). A conversation's line says which case it has.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use synapse_guest::error::{Error, explain};
use synapse_guest::thehive::Owner;
use synapse_guest::workflow::{Change, Entry, Level, Workflow};

use crate::digest;

/// A mail that failed so often is left alone until it is asked for by name.
pub const TRIES: u32 = 5;
/// Item ids of one mail that are remembered: copies of it.
const ITEMS: usize = 8;
/// Participants of one conversation that are remembered.
const PARTICIPANTS: usize = 200;

/// Where a conversation lives in TheHive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The server's id.
    pub id: String,
    /// The case's number; none for an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Where to look at it.
    pub link: String,
    /// The id of the case's task for the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
}

impl Home {
    /// As people say it.
    pub fn name(&self) -> String {
        match self.number {
            Some(number) => format!("case #{number}"),
            None => format!("alert {}", self.id),
        }
    }

    /// What observables and comments belong to.
    pub fn owner(&self) -> Owner {
        match self.number {
            Some(_) => Owner::Case(self.id.clone()),
            None => Owner::Alert(self.id.clone()),
        }
    }
}

/// A mail's line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mail {
    /// Digest of its content: an equal `Message-ID` alone does not make it the same mail.
    pub digest: String,
    /// Digests of the ids it had in the mailbox.
    pub items: Vec<String>,
    /// When it was first seen, milliseconds.
    pub seen: u64,
    /// Key of its conversation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub conversation: String,
    /// Where it is in TheHive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// Digests of the observables that are there, while some are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Its task log is written.
    pub logged: bool,
    /// Everything is in place in TheHive.
    pub complete: bool,
    /// Its category and read flag are set.
    pub marked: bool,
    /// The categories that were acted on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Why it is left out for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// How often it was tried and not finished.
    pub tries: u32,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Mail {
    /// Is this one of the ids it is known under?
    pub fn knows(&self, item: &str) -> bool {
        self.items.contains(&digest::short(&[item]))
    }

    /// Remembers an id, the newest ones.
    pub fn remember(&mut self, item: &str) {
        if !self.knows(item) {
            self.items.push(digest::short(&[item]));
            let over = self.items.len().saturating_sub(ITEMS);
            self.items.drain(..over);
        }
    }
}

/// A conversation's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Where it is in TheHive.
    pub home: Home,
    /// Who the case was assigned to by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Digests of the addresses that wrote in it.
    #[serde(default)]
    pub senders: Vec<String>,
    /// Digests of the addresses that got it.
    #[serde(default)]
    pub recipients: Vec<String>,
}

impl Conversation {
    /// Adds who took part in a mail.
    pub fn add(&mut self, sender: Option<&str>, recipients: &[String]) {
        let add = |list: &mut Vec<String>, address: &str| {
            let digest = digest::short(&[address]);
            if list.len() < PARTICIPANTS && !list.contains(&digest) {
                list.push(digest);
            }
        };
        sender.into_iter().for_each(|sender| add(&mut self.senders, sender));
        recipients
            .iter()
            .for_each(|recipient| add(&mut self.recipients, recipient));
    }
}

/// A line as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<T> {
    /// Its key in `state`.
    pub key: String,
    /// Its revision; none if it does not exist.
    pub revision: Option<u64>,
    /// What it says.
    pub value: Option<T>,
}

impl<T: Serialize + DeserializeOwned> Line<T> {
    fn read(host: &impl Workflow, key: &str, entry: Option<Entry>) -> Self {
        let revision = entry.as_ref().map(|entry| entry.revision);
        let value = entry.and_then(|entry| match serde_json::from_str(&entry.value) {
            Ok(value) => Some(value),
            Err(error) => {
                // As good as none: TheHive is asked, and the line is written again.
                let fields = [("key", key), ("error", &error.to_string())];
                host.log(Level::Warn, "unreadable ledger line, asking TheHive", &fields);
                None
            }
        });
        Self {
            key: key.to_owned(),
            revision,
            value,
        }
    }
}

/// Key of a mail by its `Message-ID`.
pub fn mail_key(internet_message_id: &str) -> String {
    format!("mail/{}", digest::short(&[internet_message_id.trim()]))
}

/// Key of a mail that has no `Message-ID`, or one that belongs to another mail already.
pub fn content_key(content: &str) -> String {
    format!("mail/{}", digest::short(&["content", content]))
}

/// Key of a conversation's line, by its digest.
pub fn conversation_key(conversation: &str) -> String {
    format!("conversation/{conversation}")
}

/// Reads lines of one kind, in order.
///
/// # Errors
/// The ledger cannot be read; then nothing may be created.
pub fn read<T: Serialize + DeserializeOwned>(host: &impl Workflow, keys: &[String]) -> Result<Vec<Line<T>>, Error> {
    let mut entries = host.state_get(keys)?;
    entries.resize(keys.len(), None);
    Ok(keys
        .iter()
        .zip(entries)
        .map(|(key, entry)| Line::read(host, key, entry))
        .collect())
}

/// Writes a line; its new revision is in it afterwards. A line that another run wrote meanwhile is written over: runs of a deployment are
/// serial, so that it can only be an earlier attempt's.
///
/// # Errors
/// The ledger cannot be written.
pub fn write<T: Serialize + DeserializeOwned>(host: &impl Workflow, line: &mut Line<T>) -> Result<(), Error> {
    for _ in 0..2 {
        let change = Change {
            key: line.key.clone(),
            value: line.value.as_ref().and_then(|value| serde_json::to_string(value).ok()),
            expected: line.revision,
        };
        match host.state_apply(&[change])?.into_iter().next() {
            Some(Ok(revision)) => {
                line.revision = Some(revision).filter(|revision| *revision > 0);
                return Ok(());
            }
            Some(Err(Error::Conflict(_))) => {
                let stored = host
                    .state_get(std::slice::from_ref(&line.key))?
                    .into_iter()
                    .next()
                    .flatten();
                line.revision = stored.map(|stored| stored.revision);
            }
            Some(Err(error)) => return Err(error),
            None => return Ok(()),
        }
    }
    Err(Error::Conflict(line.key.clone()))
}

/// As [`write`], for what the next run would find again at TheHive: a loss is logged, not fatal.
pub fn keep<T: Serialize + DeserializeOwned>(host: &impl Workflow, line: &mut Line<T>) {
    if let Err(error) = write(host, line) {
        let fields = [("key", line.key.as_str()), ("error", &explain(&error))];
        host.log(Level::Warn, "a ledger line is not written", &fields);
    }
}

/// Writes several lines in one transaction; what cannot be written is logged, as in [`keep`].
pub fn keep_all<T: Serialize + DeserializeOwned>(host: &impl Workflow, lines: &mut [&mut Line<T>]) {
    if lines.is_empty() {
        return;
    }
    let change = |line: &&mut Line<T>| Change {
        key: line.key.clone(),
        value: line.value.as_ref().and_then(|value| serde_json::to_string(value).ok()),
        expected: line.revision,
    };
    let changes: Vec<Change> = lines.iter().map(change).collect();
    let answers = host.state_apply(&changes).unwrap_or_default();
    for (n, line) in lines.iter_mut().enumerate() {
        match answers.get(n) {
            Some(Ok(revision)) => line.revision = Some(*revision).filter(|revision| *revision > 0),
            Some(Err(_)) | None => keep(host, line),
        }
    }
}
