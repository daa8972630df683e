//! What is a search called at the console, and which searches are ours right now?
//!
//! `synapse_`, 8 digits of the connection's source id, 24 digits of a digest of this process, a counter and the query. So the
//! name is found again when the answer to its creation was lost, and no other call, process or node ever has the same: none of
//! them can read results that another one deletes, or be given the old results of a search that a crash left behind. After a
//! crash the search is made anew, and the janitor deletes the old one.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use synapse_domain::digest::Digest;
use tokio::time::Instant;

/// Digits of the connection in a name.
const CONNECTION_DIGITS: usize = 8;
/// Digits of the call.
const CALL_DIGITS: usize = 24;

/// The searches of one client.
#[derive(Debug)]
pub struct Searches {
    prefix: String,
    process: [u8; 16],
    counter: AtomicU64,
    owned: Mutex<HashSet<String>>,
    sighted: Mutex<HashMap<String, Instant>>,
}

/// A name while its search is under way; afterwards it is the janitor's.
pub struct Owned<'a> {
    searches: &'a Searches,
    /// The name.
    pub name: String,
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        lock(&self.searches.owned).remove(&self.name);
    }
}

impl Searches {
    /// None yet.
    pub fn new(source_id: &str) -> Self {
        let connection = digits(
            &Digest::of_parts(&[b"qradar connection", source_id.as_bytes()]),
            CONNECTION_DIGITS,
        );
        Self {
            prefix: format!("synapse_{connection}"),
            process: rand::random(),
            counter: AtomicU64::new(0),
            owned: Mutex::default(),
            sighted: Mutex::default(),
        }
    }

    /// A name for one run of this query.
    pub fn own(&self, query: &str) -> Owned<'_> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let digest = Digest::of_parts(&[b"qradar search", &self.process, &number, query.as_bytes()]);
        let name = format!("{}{}", self.prefix, digits(&digest, CALL_DIGITS));
        lock(&self.owned).insert(name.clone());
        Owned { searches: self, name }
    }

    /// Is it a name of this connection that no call of this process uses?
    pub fn is_left_over(&self, name: &str) -> bool {
        let digits = name.strip_prefix(&self.prefix).is_some_and(|rest| {
            rest.len() == CALL_DIGITS
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        });
        digits && !lock(&self.owned).contains(name)
    }

    /// When the janitor first saw each search.
    pub fn sighted(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        lock(&self.sighted)
    }
}

fn digits(digest: &Digest, count: usize) -> String {
    digest.to_string().chars().take(count).collect()
}

/// Nothing here can be left half done by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_searches_never_share_a_name_in_or_between_processes() {
        let (one, two) = (Searches::new("console"), Searches::new("console"));
        let names = [one.own("SELECT 1"), one.own("SELECT 1"), two.own("SELECT 1")].map(|owned| owned.name.clone());
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), 3);
        for name in &names {
            let digits = name.strip_prefix("synapse_").unwrap();
            assert!(digits.len() == 32 && hex::decode(digits).is_ok(), "{name}");
        }
    }

    #[test]
    fn only_names_of_this_connection_that_nobody_uses_are_left_over() {
        let searches = Searches::new("console");
        let owned = searches.own("SELECT 1");
        let name = owned.name.clone();
        assert!(!searches.is_left_over(&name));
        drop(owned);
        assert!(searches.is_left_over(&name));
        assert!(!Searches::new("other").is_left_over(&name), "another connection's");
        for foreign in [
            "s16",
            "c6cc9784-082e-4195-bca8-dcab25387989",
            "synapse_",
            &format!("{name}0"),
            &name.to_uppercase(),
        ] {
            assert!(!searches.is_left_over(foreign), "{foreign}");
        }
    }
}
