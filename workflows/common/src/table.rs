//! How does a workflow remember something about very many things in a fixed amount of state?
//!
//! A table of buckets: a key's digest names its bucket, and the oldest entries of a full bucket fall out (case D43). What must never be
//! forgotten has no place here.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use synapse_guest::error::Error;
use synapse_guest::workflow::{Change, Workflow};

use crate::digest;

/// Buckets of one table.
const BUCKETS: u64 = 1_024;
/// Entries of one bucket.
const ENTRIES: usize = 50;
/// Bytes of one bucket: what a value of `state` may have, less a margin.
const BYTES: usize = 60 << 10;
/// Tries against other runs that write the same bucket.
const TRIES: usize = 5;

type Bucket = Vec<(String, Value)>;

/// A table in `state`, by its name.
#[derive(Debug, Clone, Copy)]
pub struct Table(pub &'static str);

impl Table {
    fn bucket(self, key: &str) -> String {
        format!("{}/{:04}", self.0, digest::number(&[key]) % BUCKETS)
    }

    fn read(self, host: &impl Workflow, key: &str) -> Result<(Bucket, Option<u64>), Error> {
        let stored = host.state_get(&[self.bucket(key)])?.into_iter().next().flatten();
        let revision = stored.as_ref().map(|stored| stored.revision);
        let entries = stored.and_then(|stored| serde_json::from_str(&stored.value).ok());
        Ok((entries.unwrap_or_default(), revision))
    }

    /// What is remembered under a key; none also for what cannot be read any more.
    ///
    /// # Errors
    /// `state` cannot be asked.
    pub fn get<V: DeserializeOwned>(self, host: &impl Workflow, key: &str) -> Result<Option<V>, Error> {
        let (entries, _) = self.read(host, key)?;
        let found = entries.into_iter().find(|(known, _)| known == key);
        Ok(found.and_then(|(_, value)| serde_json::from_value(value).ok()))
    }

    /// Remembers a value.
    ///
    /// # Errors
    /// `state` cannot be written, or other runs were faster every time.
    pub fn put<V: Serialize>(self, host: &impl Workflow, key: &str, value: &V) -> Result<(), Error> {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        let mut lost = Error::Conflict(format!("table {}", self.0));
        for _ in 0..TRIES {
            let (mut entries, expected) = self.read(host, key)?;
            entries.retain(|(known, _)| known != key);
            entries.push((key.to_owned(), value.clone()));
            let over = entries.len().saturating_sub(ENTRIES);
            entries.drain(..over);
            let mut text = serde_json::to_string(&entries).unwrap_or_default();
            while text.len() > BYTES && entries.len() > 1 {
                entries.remove(0);
                text = serde_json::to_string(&entries).unwrap_or_default();
            }
            let change = Change {
                key: self.bucket(key),
                value: Some(text),
                expected,
            };
            match host.state_apply(&[change])?.into_iter().next() {
                Some(Err(error @ Error::Conflict(_))) => lost = error,
                Some(Err(error)) => return Err(error),
                Some(Ok(_)) | None => return Ok(()),
            }
        }
        Err(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapse_guest::fake::Fake;

    const TABLE: Table = Table("t");

    #[test]
    fn d43_ten_thousand_entries_fit_the_table_and_a_hundred_thousand_do_not_make_it_larger() {
        let host = Fake::new();
        for n in 0..10_000 {
            TABLE.put(&host, &n.to_string(), &n).unwrap();
        }
        assert!((0..10_000).all(|n| TABLE.get(&host, &n.to_string()).unwrap() == Some(n)));
        for n in 10_000..100_000 {
            TABLE.put(&host, &n.to_string(), &n).unwrap();
        }
        assert!(host.state_len() <= 1_024);
        assert_eq!(TABLE.get(&host, "99999").unwrap(), Some(99_999), "the newest stays");
    }

    #[test]
    fn a_run_that_was_faster_is_not_overwritten() {
        let host = Fake::new();
        TABLE.put(&host, "a", &1).unwrap();
        host.before_next("workflow/state.apply", |host| TABLE.put(host, "a", &2).unwrap());
        TABLE.put(&host, "a", &3).unwrap();
        assert_eq!(TABLE.get(&host, "a").unwrap(), Some(3));
    }
}
