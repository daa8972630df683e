//! Which time does a saved search look at? Read from the end of its AQL, where the time clause stands (contract 4).

use super::invalid;
use crate::bindings::synapse::workflow::types::Error;

/// Refuses a query whose window is longer than this, or cannot be read.
///
/// # Errors
/// `Invalid`.
pub fn check(aql: Option<&str>, most: u64) -> Result<(), Error> {
    let refused = |why: &str| {
        Err(invalid(
            "id",
            format!("{why}, so it does not run; change it at the console"),
        ))
    };
    match aql.and_then(length) {
        Some(length) if length <= most => Ok(()),
        Some(length) => refused(&format!(
            "the saved search looks at {length} ms, which is more than `max-window-ms` ({most})"
        )),
        None => refused("the window of the saved search cannot be read"),
    }
}

/// Milliseconds of the time clause: `LAST n unit`, or `START a STOP b` in milliseconds. None: another clause, or none. A query that ends in a text literal could
/// hold such words in it, so nothing is read out of one.
fn length(aql: &str) -> Option<u64> {
    if aql.contains("--") || aql.contains("/*") {
        return None;
    }
    let words: Vec<&str> = aql.split_whitespace().collect();
    let (rest, found) = match words.as_slice() {
        [rest @ .., last, n, unit] if last.eq_ignore_ascii_case("last") => {
            let n: u64 = n.parse().ok()?;
            let unit = match unit.to_ascii_uppercase().trim_end_matches('S') {
                "SECOND" => 1_000,
                "MINUTE" => 60_000,
                "HOUR" => 3_600_000,
                "DAY" => 86_400_000,
                _ => return None,
            };
            (rest, n.checked_mul(unit)?)
        }
        [rest @ .., start, from, stop, to]
            if start.eq_ignore_ascii_case("start") && stop.eq_ignore_ascii_case("stop") =>
        {
            let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
            (rest, to.checked_sub(from)?)
        }
        _ => return None,
    };
    // An open quote before the clause would make the clause a text.
    let quotes = rest.iter().flat_map(|word| word.chars()).filter(|c| *c == '\'').count();
    (quotes % 2 == 0).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_time_clauses_are_read_and_nothing_else_is_believed() {
        assert_eq!(length("SELECT * FROM events LIMIT 5 LAST 2 HOURS"), Some(7_200_000));
        assert_eq!(
            length("select a from events where b = 'x' last 1 day"),
            Some(86_400_000)
        );
        assert_eq!(length("SELECT * FROM events START 1000 STOP 61000"), Some(60_000));
        for aql in [
            "SELECT * FROM events",
            "SELECT * FROM events START '2026-01-01 00:00' STOP '2026-01-02 00:00'",
            "SELECT * FROM events START 1000",
            "SELECT * FROM events WHERE a = 'x LAST 5 MINUTES",
            "SELECT * FROM events LAST 5 MINUTES PARAMETERS EXECUTIONTIMELIMIT=1",
            "SELECT * FROM events LAST 99999999999999999999 DAYS",
            "SELECT * FROM events START 5 STOP 4",
            "SELECT * FROM events -- LAST 5 MINUTES",
        ] {
            assert_eq!(length(aql), None, "{aql}");
        }
    }

    #[test]
    fn a_window_that_is_too_long_or_unknown_does_not_run() {
        assert_eq!(check(Some("SELECT a FROM events LAST 1 HOURS"), 3_600_000), Ok(()));
        for aql in [
            Some("SELECT a FROM events LAST 2 HOURS"),
            Some("SELECT a FROM events"),
            None,
        ] {
            assert!(matches!(check(aql, 3_600_000), Err(Error::Invalid(_))), "{aql:?}");
        }
    }
}
