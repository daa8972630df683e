//! What do an offense's events say, and where did it talk to?
//!
//! At most two searches for each offense, all of a page in as few calls as possible. Remote destinations have no list of
//! their own in QRadar; they come from the events, and the command-and-control address is usually among them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use synapse_guest::error::explain;
use synapse_guest::qradar::{
    Aggregate, Cell, Database, Expression, Lookup, Offense, Order, Search, SearchResult, Selection,
};

use crate::Host;
use crate::cidr::{self, Cidr};
use crate::config::Config;
use crate::enrich::Details;
use crate::mask;
use crate::run::Run;

/// Searches of one call.
const SEARCHES: usize = 100;
/// Edge events get lost without a margin on both sides, milliseconds (contract qradar.md section 4).
const MARGIN_MS: u64 = 60_000;
/// Destinations asked for: more than are kept, because local ones are among them and fall away.
const DESTINATIONS: u32 = 200;

/// A remote destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its address.
    pub address: IpAddr,
    /// Events (or flows) to it.
    pub events: u64,
}

/// An event of the sample; texts are as QRadar has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// When, milliseconds.
    pub time: Option<u64>,
    /// Its name, log source, source, destination, user name.
    pub fields: [String; 5],
    /// How many equal ones it stands for.
    pub count: u64,
    /// Raw text, masked, if it was asked for.
    pub payload: Option<String>,
}

#[derive(Clone, Copy)]
enum Purpose {
    Remotes,
    Sample,
}

/// Adds remote destinations and sample events to the details.
pub fn page<H: Host>(run: &Run<'_, H>, offenses: &[&Offense], details: &mut [Details]) {
    let mut wanted: Vec<(usize, Purpose)> = Vec::new();
    let mut searches = Vec::new();
    for (n, offense) in offenses.iter().enumerate() {
        if offense.remote_destination_count > 0 && run.config.remote_destinations_max > 0 {
            wanted.push((n, Purpose::Remotes));
            searches.push(destinations(offense));
        }
        if offense.event_count > 0 && run.config.sample_events > 0 {
            wanted.push((n, Purpose::Sample));
            searches.push(sample(offense, &run.config));
        }
    }
    let mut answers = Vec::with_capacity(searches.len());
    for searches in searches.chunks(SEARCHES) {
        answers.append(&mut run.host.run_searches(&run.console, searches));
    }
    for ((n, purpose), answer) in wanted.into_iter().zip(answers) {
        let (Some(details), Some(offense)) = (details.get_mut(n), offenses.get(n)) else {
            continue;
        };
        match (purpose, answer) {
            (Purpose::Remotes, Ok(result)) => remotes(&result, offense, &run.internal, &run.config, details),
            (Purpose::Remotes, Err(error)) => {
                details.missing = true;
                details
                    .notes
                    .push(format!("remote destinations unavailable: {}", explain(&error)));
            }
            (Purpose::Sample, Ok(result)) => events(&result, offense, &run.config, details),
            (Purpose::Sample, Err(error)) => {
                details.missing = true;
                details.notes.push(format!("events unavailable: {}", explain(&error)));
            }
        }
    }
}

fn select(expression: Expression, alias: &str) -> Selection {
    Selection {
        expression,
        alias: alias.to_owned(),
    }
}

fn column(name: &str, alias: &str) -> Selection {
    select(Expression::Column(name.to_owned()), alias)
}

fn over(offense: &Offense, database: Database, selection: Vec<Selection>, limit: u32) -> Search {
    Search {
        database,
        selection,
        offense: Some(offense.id),
        conditions: Vec::new(),
        group_by: Vec::new(),
        order: None,
        start: offense.start_time.saturating_sub(MARGIN_MS),
        stop: offense.last_updated_time.saturating_add(MARGIN_MS),
        limit,
    }
}

/// One row per destination, most events first. Coalesced events stand for several: their counts are summed.
fn destinations(offense: &Offense) -> Search {
    let (database, count) = if offense.event_count > 0 {
        (
            Database::Events,
            Expression::Aggregate((Aggregate::Sum, "eventcount".to_owned())),
        )
    } else {
        (Database::Flows, Expression::Count)
    };
    let selection = vec![column("destinationip", "destination"), select(count, "events")];
    Search {
        group_by: vec!["destinationip".to_owned()],
        order: Some(Order {
            alias: "events".to_owned(),
            descending: true,
        }),
        ..over(offense, database, selection, DESTINATIONS)
    }
}

/// The newest events: without an order the console answers newest first (contract qradar.md section 4).
fn sample(offense: &Offense, config: &Config) -> Search {
    let mut selection = vec![
        column("starttime", "time"),
        column("eventcount", "count"),
        select(Expression::Lookup((Lookup::QidName, "qid".to_owned())), "name"),
        select(
            Expression::Lookup((Lookup::LogSourceName, "logsourceid".to_owned())),
            "log_source",
        ),
        column("sourceip", "source"),
        column("destinationip", "destination"),
        column("username", "user"),
    ];
    if config.raw_payloads {
        selection.push(select(
            Expression::Lookup((Lookup::Utf8Text, "payload".to_owned())),
            "payload",
        ));
    }
    over(offense, Database::Events, selection, config.sample_events)
}

fn remotes(result: &SearchResult, offense: &Offense, internal: &[Cidr], config: &Config, details: &mut Details) {
    let local: BTreeSet<IpAddr> = details
        .locals
        .iter()
        .filter_map(|local| cidr::address(&local.ip))
        .collect();
    let is_remote = |address: &IpAddr| {
        // Not all local destinations are known: then an internal address is more likely one of those.
        let maybe_local = !details.locals_complete && internal.iter().any(|net| net.contains(*address));
        !local.contains(address) && !maybe_local
    };
    let mut remotes: Vec<Remote> = result
        .rows
        .iter()
        .filter_map(|row| {
            Some(Remote {
                address: cidr::address(&text(row.first()))?,
                events: number(row.get(1)).unwrap_or(0),
            })
        })
        .filter(|remote| is_remote(&remote.address))
        .collect();
    remotes.sort_by_key(|remote| (std::cmp::Reverse(remote.events), remote.address));
    if remotes.is_empty() {
        details.missing = true;
        let total = offense.remote_destination_count;
        details.notes.push(format!(
            "remote destinations not indexed yet: QRadar counts {total}, its events name none"
        ));
    }
    remotes.truncate(config.remote_destinations_max);
    details.remotes = remotes;
}

fn events(result: &SearchResult, offense: &Offense, config: &Config, details: &mut Details) {
    if result.rows.is_empty() {
        details.missing = true;
        let count = offense.event_count;
        details.notes.push(format!(
            "events not indexed yet: QRadar counts {count}, its search finds none"
        ));
    }
    let event = |row: &Vec<Cell>| Event {
        time: number(row.first()),
        count: number(row.get(1)).unwrap_or(1),
        fields: [2, 3, 4, 5, 6].map(|n| text(row.get(n))),
        payload: row
            .get(7)
            .filter(|_| config.raw_payloads)
            .map(|cell| mask::mask(&text(Some(cell)), &config.payload_masks)),
    };
    details.events = result.rows.iter().map(event).collect();
}

fn text(cell: Option<&Cell>) -> String {
    match cell {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Integer(number)) => number.to_string(),
        Some(Cell::Number(number)) => number.to_string(),
        Some(Cell::Boolean(value)) => value.to_string(),
        Some(Cell::Texts(texts)) => texts.join(", "),
        Some(Cell::Missing) | None => String::new(),
    }
}

/// Aggregates come as floating-point numbers; what is negative or no number counts as none.
fn number(cell: Option<&Cell>) -> Option<u64> {
    match cell? {
        Cell::Integer(number) => u64::try_from(*number).ok(),
        Cell::Number(number) if *number >= 0.0 => Some(*number as u64),
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Number(_) | Cell::Boolean(_) | Cell::Texts(_) | Cell::Missing => None,
    }
}
