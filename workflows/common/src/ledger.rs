//! Was an offense imported before?
//!
//! The ledger in `state` decides, so that an alert which an analyst deleted is not made again. TheHive is asked too, so that
//! a lost ledger makes no doubles, and so that alerts of an earlier importer are recognised (cases D10, D13, R3: always by the
//! whole key, never by the reference alone).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synapse_guest::error::{Error, explain};
use synapse_guest::qradar::Offense;
use synapse_guest::thehive::{Alert, AlertKey};
use synapse_guest::workflow::{Change, Level};

use crate::Host;
use crate::run::Run;

/// Keys of one `find-alerts`.
const LOOKUPS: usize = 100;

/// What is remembered of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The alert's id.
    pub alert: String,
    /// The alert's type.
    #[serde(rename = "type")]
    pub type_: String,
    /// The alert's source.
    pub source: String,
    /// The offense's last update at that time, milliseconds.
    pub updated: u64,
    /// Evidence was missing when the alert was last written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// Digest of the description as it was last written by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How an offense stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Neither we nor TheHive know it.
    New,
    /// Imported, and the alert is there.
    Imported(Alert, Entry),
    /// Imported, and the alert is gone.
    Deleted(Entry),
    /// Not in the ledger, but at TheHive.
    Found(Alert),
}

/// An offense's standing, and the revision its ledger key has.
pub struct Known {
    /// How it stands.
    pub standing: Standing,
    /// The key's revision; none if it does not exist.
    pub revision: Option<u64>,
}

/// A line to write.
pub struct Line {
    /// The offense.
    pub id: u64,
    /// What to remember.
    pub entry: Entry,
    /// The key's revision when it was read.
    pub expected: Option<u64>,
}

impl Entry {
    /// What to remember of this alert.
    pub fn of(alert: &Alert, offense: &Offense) -> Self {
        let AlertKey { type_, source, .. } = alert.key.clone();
        Self {
            alert: alert.id.clone(),
            type_,
            source,
            updated: offense.last_updated_time,
            missing: false,
            text: None,
        }
    }

    /// The key of its alert.
    pub fn key(&self, id: u64) -> AlertKey {
        AlertKey {
            type_: self.type_.clone(),
            source: self.source.clone(),
            source_ref: id.to_string(),
        }
    }
}

/// The key of an offense in `state`.
pub fn key(source_id: &str, id: u64) -> String {
    format!("offense/{source_id}/{id}")
}

/// Looks the offenses of a page up: one `state.get`, one `find-alerts` for our own keys, one for the adopted ones.
///
/// # Errors
/// The ledger or TheHive could not be asked; then nothing may be created.
pub fn look_up<H: Host>(run: &Run<'_, H>, offenses: &[Offense]) -> Result<Vec<Known>, Error> {
    let keys: Vec<String> = offenses.iter().map(|offense| key(&run.source_id, offense.id)).collect();
    let stored = run.host.state_get(&keys)?;
    let remembered: Vec<_> = stored
        .into_iter()
        .zip(&keys)
        .map(|(stored, key)| {
            let revision = stored.as_ref().map(|stored| stored.revision);
            (stored.and_then(|stored| read(run, key, &stored.value)), revision)
        })
        .collect();
    let own = |(offense, (entry, _)): (&Offense, &(Option<Entry>, Option<u64>))| match entry {
        Some(entry) => entry.key(offense.id),
        None => run.alert_key(offense.id),
    };
    let mut found = find(run, &offenses.iter().zip(&remembered).map(own).collect::<Vec<_>>())?;
    let unknown: Vec<usize> = (0..offenses.len())
        .filter(|n| remembered[*n].0.is_none() && found[*n].is_none())
        .collect();
    for (n, alert) in find_adopted(run, offenses, &unknown)? {
        found[n] = Some(alert);
    }
    let known = |((entry, revision), alert): ((Option<Entry>, Option<u64>), Option<Alert>)| {
        let standing = match (entry, alert) {
            (Some(entry), Some(alert)) => Standing::Imported(alert, entry),
            (Some(entry), None) => Standing::Deleted(entry),
            (None, Some(alert)) => Standing::Found(alert),
            (None, None) => Standing::New,
        };
        Known { standing, revision }
    };
    Ok(remembered.into_iter().zip(found).map(known).collect())
}

/// An unreadable line is as good as none: TheHive is asked, and the line is written again.
fn read<H: Host>(run: &Run<'_, H>, key: &str, value: &str) -> Option<Entry> {
    let entry = serde_json::from_str(value);
    if let Err(error) = &entry {
        run.host.log(
            Level::Warn,
            "unreadable ledger entry, asking TheHive",
            &[("key", key), ("error", &error.to_string())],
        );
    }
    entry.ok()
}

fn find<H: Host>(run: &Run<'_, H>, keys: &[AlertKey]) -> Result<Vec<Option<Alert>>, Error> {
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(LOOKUPS) {
        let mut answers = run.host.find_alerts(&run.organisation, keys)?;
        answers.resize(keys.len(), None);
        found.append(&mut answers);
    }
    Ok(found)
}

/// The first alert of an earlier importer for each of these offenses.
fn find_adopted<H: Host>(
    run: &Run<'_, H>,
    offenses: &[Offense],
    wanted: &[usize],
) -> Result<BTreeMap<usize, Alert>, Error> {
    let mut adopted = BTreeMap::new();
    for earlier in &run.config.adopt {
        let left: Vec<usize> = wanted.iter().copied().filter(|n| !adopted.contains_key(n)).collect();
        let key = |n: &usize| AlertKey {
            type_: earlier.type_.clone(),
            source: earlier.source.clone(),
            source_ref: offenses[*n].id.to_string(),
        };
        let found = find(run, &left.iter().map(key).collect::<Vec<_>>())?;
        adopted.extend(left.into_iter().zip(found).filter_map(|(n, alert)| Some((n, alert?))));
    }
    Ok(adopted)
}

/// Writes the lines, one `state.apply`. What cannot be written is warned about and not fatal: the next run finds the alert
/// at TheHive and remembers it then.
pub fn record<H: Host>(run: &mut Run<'_, H>, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    let changes: Vec<Change> = lines
        .iter()
        .map(|line| change(&run.source_id, line, line.expected))
        .collect();
    let lost = match run.host.state_apply(&changes) {
        Ok(answers) => lines
            .iter()
            .zip(answers)
            .filter_map(|(line, answer)| Some((line, answer.err()?)))
            .collect(),
        Err(error) => lines.iter().map(|line| (line, error.clone())).collect::<Vec<_>>(),
    };
    for (line, error) in lost {
        let lost = match error {
            Error::Conflict(_) => again(run, line).err(),
            other => Some(other),
        };
        if let Some(error) = lost {
            run.answer.warn(&format!(
                "offense {} is not in the ledger: {}",
                line.id,
                explain(&error)
            ));
        }
    }
}

/// Somebody else wrote the key meanwhile. A line that names an alert is as good as ours, unless ours is newer.
fn again<H: Host>(run: &Run<'_, H>, line: &Line) -> Result<(), Error> {
    let key = key(&run.source_id, line.id);
    let stored = run
        .host
        .state_get(std::slice::from_ref(&key))?
        .into_iter()
        .next()
        .flatten();
    let theirs = stored.as_ref().and_then(|stored| read(run, &key, &stored.value));
    if theirs.is_some_and(|theirs| theirs.updated >= line.entry.updated) {
        return Ok(());
    }
    let change = change(&run.source_id, line, stored.map(|stored| stored.revision));
    run.host
        .state_apply(&[change])?
        .into_iter()
        .next()
        .unwrap_or(Ok(0))
        .map(|_| ())
}

fn change(source_id: &str, line: &Line, expected: Option<u64>) -> Change {
    Change {
        key: key(source_id, line.id),
        value: serde_json::to_string(&line.entry).ok(),
        expected,
    }
}
