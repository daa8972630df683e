//! In which hour may a closing happen? Mass effects have a brake, which holds across runs.
//!
//! A run takes a place in the first hour that has one and waits for it, without holding anything. So a hundred closings at once are
//! twenty now, twenty in the next hour, and so on, and nobody has to release them; whoever names a case does not wait.

use std::collections::BTreeMap;

use synapse_guest::error::Error;
use synapse_guest::workflow::{Change, Workflow};

/// One hour, milliseconds.
pub const HOUR: u64 = 3_600_000;
/// Its key in `state`.
const KEY: &str = "brake";
/// Hours ahead that are looked at: beyond them a place is given without counting.
const HOURS: u64 = 24 * 30;
/// Tries against other runs that take places.
const TRIES: usize = 10;

/// Takes places for so many closings; answers the moment from which they may happen: now, or the beginning of a later hour.
///
/// # Errors
/// The ledger cannot be read or written.
pub fn take(host: &impl Workflow, now: u64, closings: u64, limit: u64) -> Result<u64, Error> {
    let mut lost = Error::Conflict("the brake".to_owned());
    for _ in 0..TRIES {
        let stored = host.state_get(&[KEY.to_owned()])?.into_iter().next().flatten();
        let expected = stored.as_ref().map(|stored| stored.revision);
        let mut taken: BTreeMap<u64, u64> = stored
            .and_then(|stored| serde_json::from_str(&stored.value).ok())
            .unwrap_or_default();
        let this = now / HOUR;
        taken.retain(|hour, _| *hour >= this);
        // More closings than an hour has places go into an empty hour of their own.
        let fits = |hour: &u64| {
            let there = taken.get(hour).copied().unwrap_or(0);
            there == 0 || there + closings <= limit
        };
        let hour = (this..this + HOURS).find(fits).unwrap_or(this + HOURS);
        *taken.entry(hour).or_default() += closings;
        let change = Change {
            key: KEY.to_owned(),
            value: serde_json::to_string(&taken).ok(),
            expected,
        };
        match host.state_apply(&[change])?.into_iter().next() {
            Some(Err(error @ Error::Conflict(_))) => lost = error,
            Some(Err(error)) => return Err(error),
            Some(Ok(_)) | None => return Ok(now.max(hour * HOUR)),
        }
    }
    Err(lost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapse_guest::fake::Fake;

    #[test]
    fn closings_beyond_the_hours_share_get_the_first_hour_with_a_place() {
        let host = Fake::new();
        let now = 10 * HOUR + 5;
        let take = |closings| take(&host, now, closings, 2).unwrap();
        assert_eq!(
            [take(1), take(1), take(1), take(1), take(1)],
            [now, now, 11 * HOUR, 11 * HOUR, 12 * HOUR]
        );
        assert_eq!(take(5), 13 * HOUR, "a case of five offenses is not split");
        assert_eq!(take(1), 12 * HOUR);
    }

    #[test]
    fn hours_that_passed_are_forgotten() {
        let host = Fake::new();
        for hour in 0..10_000 {
            take(&host, hour * HOUR, 1, 1).unwrap();
        }
        assert!(host.state(KEY).unwrap().len() < 100);
    }
}
