//! Where did an offense talk to? QRadar counts remote destinations and lists them nowhere; its events name them.

use std::collections::BTreeSet;

use super::{Aggregate, Cell, Database, Expression, Offense, Order, QRadar, Search, Selection};
use crate::error::Error;

/// Rows of one search: local destinations are among them and fall away.
const ROWS: usize = 1_000;
/// Addresses that mean none.
const NONE: [&str; 3] = ["0.0.0.0", "0:0:0:0:0:0:0:0", "::"];

/// A remote destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteDestination {
    /// Its address.
    pub ip: String,
    /// How many events (or flows, of an offense of flows) went there.
    pub events: u64,
}

/// The remote destinations of an offense between two moments: at most `n`, most events first. One grouped search, and one look at the offense's local
/// destinations, which are left out; of an offense with more than 1,000 of those some may be among the answer.
///
/// # Errors
/// The search's, or the target could not be asked.
pub fn remote_destinations<H: QRadar>(
    host: &H,
    console: &H::Console,
    offense: &Offense,
    window: (u64, u64),
    n: usize,
) -> Result<Vec<RemoteDestination>, Error> {
    let local: BTreeSet<String> = if offense.local_destination_address_ids.is_empty() {
        BTreeSet::new()
    } else {
        let found = host.local_destination_addresses(console, &offense.local_destination_address_ids)?;
        found.into_iter().map(|address| address.ip).collect()
    };
    let wanted = n.saturating_add(local.len()).saturating_add(NONE.len()).min(ROWS);
    let search = grouped(offense, window, u32::try_from(wanted).unwrap_or(u32::MAX));
    let found = host
        .run_searches(console, std::slice::from_ref(&search))
        .pop()
        .unwrap_or(Err(Error::NotFound))?;
    let remote = |row: &Vec<Cell>| {
        let Some(Cell::Text(ip)) = row.first() else {
            return None;
        };
        let events = match row.get(1) {
            Some(Cell::Integer(count)) => u64::try_from(*count).unwrap_or(0),
            // Aggregates are doubles.
            Some(Cell::Number(count)) => count.max(0.0) as u64,
            _ => 0,
        };
        let shown = !local.contains(ip) && !NONE.contains(&ip.as_str());
        shown.then(|| RemoteDestination { ip: ip.clone(), events })
    };
    Ok(found.rows.iter().filter_map(remote).take(n).collect())
}

/// One row for each destination, most events first. Coalesced events stand for several: their counts are summed.
fn grouped(offense: &Offense, (start, stop): (u64, u64), limit: u32) -> Search {
    let (database, count) = if offense.event_count > 0 {
        let sum = Expression::Aggregate((Aggregate::Sum, "eventcount".to_owned()));
        (Database::Events, sum)
    } else {
        (Database::Flows, Expression::Count)
    };
    let select = |expression, alias: &str| Selection {
        expression,
        alias: alias.to_owned(),
    };
    Search {
        database,
        selection: vec![
            select(Expression::Column("destinationip".to_owned()), "ip"),
            select(count, "events"),
        ],
        offense: Some(offense.id),
        conditions: Vec::new(),
        group_by: vec!["destinationip".to_owned()],
        order: Some(Order {
            alias: "events".to_owned(),
            descending: true,
        }),
        start,
        stop,
        limit: limit.max(1),
    }
}
