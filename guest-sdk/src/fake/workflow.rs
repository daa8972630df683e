//! What does the fake know about the run, and what did the workflow say?

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Fake, script::at_most};
use crate::error::{Error, InvalidArgument};
use crate::workflow::{Change, Entry, Item, Level, Timestamp, Workflow};

/// Limits of `synapse:workflow/state`.
const STATE_BATCH: usize = 1_000;
const STATE_PAGE: usize = 100;
const STATE_KEY_BYTES: usize = 256;
const STATE_VALUE_BYTES: usize = 64 << 10;
/// Furthest moment of `synapse:workflow/clock.sleep-until`, in milliseconds ahead: 90 days.
const SLEEP_MS: u64 = 90 * 86_400_000;

pub(super) struct Store {
    config: Value,
    now: Timestamp,
    go_live: Timestamp,
    source_ids: BTreeMap<String, String>,
    entries: BTreeMap<String, Entry>,
    log: Vec<(Level, String)>,
    scanned: Vec<(u64, String)>,
    report: Vec<Item>,
    random: u64,
    sleeps: Vec<Timestamp>,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            config: json!({}),
            now: 0,
            go_live: 0,
            source_ids: BTreeMap::new(),
            entries: BTreeMap::new(),
            log: Vec::new(),
            scanned: Vec::new(),
            report: Vec::new(),
            random: 1,
            sleeps: Vec::new(),
        }
    }
}

impl Fake {
    /// The deployment's configuration.
    pub fn with_config(self, config: Value) -> Self {
        self.workflow.borrow_mut().config = config;
        self
    }

    /// The moment of the run, milliseconds.
    pub fn with_now(self, now: Timestamp) -> Self {
        self.set_now(now);
        self
    }

    /// The moment from which the deployment acts, milliseconds.
    pub fn with_go_live(self, go_live: Timestamp) -> Self {
        self.workflow.borrow_mut().go_live = go_live;
        self
    }

    /// Binds a name to a connection with this source id.
    pub fn with_binding(self, name: &str, source_id: &str) -> Self {
        self.workflow
            .borrow_mut()
            .source_ids
            .insert(name.to_owned(), source_id.to_owned());
        self
    }

    /// Changes the moment, for a second run.
    pub fn set_now(&self, now: Timestamp) {
        self.workflow.borrow_mut().now = now;
    }

    /// The moments until which the workflow slept, in order; the fake does not wait, its clock jumps.
    pub fn sleeps(&self) -> Vec<Timestamp> {
        self.workflow.borrow().sleeps.clone()
    }

    /// The value of a key in `state`.
    pub fn state(&self, key: &str) -> Option<String> {
        self.workflow.borrow().entries.get(key).map(|entry| entry.value.clone())
    }

    /// How many keys `state` holds.
    pub fn state_len(&self) -> usize {
        self.workflow.borrow().entries.len()
    }

    /// Sets a key as another run would.
    pub fn set_state(&self, key: &str, value: &str) {
        let mut store = self.workflow.borrow_mut();
        let revision = store.entries.get(key).map_or(1, |entry| entry.revision + 1);
        store.entries.insert(
            key.to_owned(),
            Entry {
                value: value.to_owned(),
                revision,
            },
        );
    }

    /// Loses all of `state`.
    pub fn clear_state(&self) {
        self.workflow.borrow_mut().entries.clear();
    }

    /// The log so far.
    pub fn log_lines(&self) -> Vec<(Level, String)> {
        self.workflow.borrow().log.clone()
    }

    /// The counts and windows of `scanned`.
    pub fn scanned_windows(&self) -> Vec<(u64, String)> {
        self.workflow.borrow().scanned.clone()
    }

    /// The lines of the report.
    pub fn report_lines(&self) -> Vec<Item> {
        self.workflow.borrow().report.clone()
    }

    pub(super) fn bound(&self, binding: &str) -> Result<String, Error> {
        let found = self.workflow.borrow().source_ids.get(binding).cloned();
        found.ok_or_else(|| Error::Denied(format!("binding `{binding}` is not bound to a connection")))
    }
}

impl Store {
    fn apply(&mut self, change: &Change) -> Result<u64, Error> {
        let revision = self.entries.get(&change.key).map(|entry| entry.revision);
        if revision != change.expected {
            let key = &change.key;
            return Err(Error::Conflict(format!(
                "{key} has revision {revision:?}, not {:?}",
                change.expected
            )));
        }
        match &change.value {
            Some(value) => {
                let revision = revision.unwrap_or(0) + 1;
                self.entries.insert(
                    change.key.clone(),
                    Entry {
                        value: value.clone(),
                        revision,
                    },
                );
                Ok(revision)
            }
            None => {
                self.entries.remove(&change.key);
                Ok(0)
            }
        }
    }
}

fn check_key(key: &str) -> Result<(), Error> {
    if (1..=STATE_KEY_BYTES).contains(&key.len()) {
        return Ok(());
    }
    let reason = format!("{} bytes; 1 to {STATE_KEY_BYTES} are allowed", key.len());
    Err(Error::Invalid(InvalidArgument {
        field: "key".into(),
        reason,
    }))
}

impl Workflow for Fake {
    fn run_id(&self) -> String {
        "01900000-0000-7000-8000-000000000001".to_owned()
    }

    fn deployment(&self) -> String {
        "fake".to_owned()
    }

    fn config_json(&self) -> String {
        self.workflow.borrow().config.to_string()
    }

    fn go_live(&self) -> Timestamp {
        self.workflow.borrow().go_live
    }

    fn source_id(&self, binding: &str) -> Result<String, Error> {
        self.bound(binding)
    }

    fn log(&self, level: Level, message: &str, fields: &[(&str, &str)]) {
        let fields: String = fields.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.workflow
            .borrow_mut()
            .log
            .push((level, format!("{message}{fields}")));
    }

    fn state_get(&self, keys: &[String]) -> Result<Vec<Option<Entry>>, Error> {
        self.call("workflow/state.get", &keys)?;
        at_most("keys", keys.len(), STATE_BATCH)?;
        keys.iter().try_for_each(|key| check_key(key))?;
        let store = self.workflow.borrow();
        Ok(keys.iter().map(|key| store.entries.get(key).cloned()).collect())
    }

    fn state_apply(&self, changes: &[Change]) -> Result<Vec<Result<u64, Error>>, Error> {
        self.call("workflow/state.apply", &changes)?;
        at_most("changes", changes.len(), STATE_BATCH)?;
        for change in changes {
            check_key(&change.key)?;
            at_most("value", change.value.as_ref().map_or(0, String::len), STATE_VALUE_BYTES)?;
        }
        let mut store = self.workflow.borrow_mut();
        Ok(changes.iter().map(|change| store.apply(change)).collect())
    }

    fn state_keys(&self, prefix: &str, cursor: Option<&str>) -> Result<(Vec<String>, Option<String>), Error> {
        self.call("workflow/state.keys", &(prefix, cursor))?;
        let store = self.workflow.borrow();
        let after = |key: &&String| key.starts_with(prefix) && cursor.is_none_or(|cursor| key.as_str() > cursor);
        let mut keys: Vec<String> = store
            .entries
            .keys()
            .filter(after)
            .take(STATE_PAGE + 1)
            .cloned()
            .collect();
        let more = keys.len() > STATE_PAGE;
        keys.truncate(STATE_PAGE);
        let next = if more { keys.last().cloned() } else { None };
        Ok((keys, next))
    }

    fn now(&self) -> Timestamp {
        self.workflow.borrow().now
    }

    fn sleep_until(&self, moment: Timestamp) -> Result<(), Error> {
        self.call("workflow/clock.sleep-until", &moment)?;
        let mut store = self.workflow.borrow_mut();
        if moment > store.now.saturating_add(SLEEP_MS) {
            return Err(Error::Invalid(InvalidArgument {
                field: "moment".into(),
                reason: "more than 90 days ahead".into(),
            }));
        }
        store.sleeps.push(moment);
        store.now = store.now.max(moment);
        Ok(())
    }

    fn random(&self, len: u32) -> Vec<u8> {
        // xorshift from a fixed seed: equal in every test run.
        let mut store = self.workflow.borrow_mut();
        let mut next = || {
            store.random ^= store.random << 13;
            store.random ^= store.random >> 7;
            store.random ^= store.random << 17;
            store.random.to_le_bytes()[0]
        };
        (0..len.min(4_096)).map(|_| next()).collect()
    }

    fn scanned(&self, count: u64, window: &str) {
        self.workflow.borrow_mut().scanned.push((count, window.to_owned()));
    }

    fn report(&self, item: &Item) {
        self.workflow.borrow_mut().report.push(item.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str, value: Option<&str>, expected: Option<u64>) -> Change {
        Change {
            key: key.into(),
            value: value.map(Into::into),
            expected,
        }
    }

    #[test]
    fn a_change_is_made_only_if_the_key_is_as_expected() {
        let fake = Fake::new();
        let apply = |change| fake.state_apply(&[change]).unwrap().remove(0);
        assert_eq!(apply(change("k", Some("1"), None)), Ok(1));
        assert!(matches!(apply(change("k", Some("2"), None)), Err(Error::Conflict(_))));
        assert_eq!(apply(change("k", Some("2"), Some(1))), Ok(2));
        assert_eq!(apply(change("k", None, Some(2))), Ok(0));
        assert_eq!(fake.state("k"), None);
    }

    #[test]
    fn a_sleep_moves_the_clock_and_is_remembered() {
        let fake = Fake::new().with_now(1_000);
        assert_eq!(fake.sleep_until(5_000), Ok(()));
        assert_eq!(
            (fake.now(), fake.sleep_until(2_000), fake.now()),
            (5_000, Ok(()), 5_000)
        );
        assert!(matches!(fake.sleep_until(5_001 + SLEEP_MS), Err(Error::Invalid(_))));
        assert_eq!(fake.sleeps(), [5_000, 2_000]);
    }

    #[test]
    fn keys_come_in_pages_in_byte_order() {
        let fake = Fake::new();
        (0..STATE_PAGE + 1).for_each(|n| fake.set_state(&format!("p/{n:03}"), "x"));
        fake.set_state("q", "x");
        let (first, cursor) = fake.state_keys("p/", None).unwrap();
        assert_eq!((first.len(), first[0].as_str()), (STATE_PAGE, "p/000"));
        let (rest, end) = fake.state_keys("p/", cursor.as_deref()).unwrap();
        assert_eq!((rest, end), (vec!["p/100".to_owned()], None));
    }

    #[test]
    fn a_batch_over_the_limit_is_refused_as_the_host_would() {
        let keys = vec!["k".to_owned(); STATE_BATCH + 1];
        assert!(matches!(Fake::new().state_get(&keys), Err(Error::Invalid(_))));
    }
}
