//! What became new or changed at a console? For the platform's own poller, not for guests (contract 2.4 and 5).
//!
//! Read by moment and id, never by offset: `last_persisted_time` moves when an offense changes, so a page that starts behind the last
//! (moment, id) loses nothing while offenses arrive; times are whole seconds, and of equal ones the id decides (D39).

use serde::Deserialize;
use serde_json::Value;
use synapse_domain::permission::Scopes;

use super::super::permission::Domains;
use super::super::query::filter;
use super::super::types::number;
use super::Client;
use super::ask::{Ask, Items, parse, total};
use crate::bindings::synapse::workflow::types::Error;

const WHAT: &str = "the changes of offenses";
/// D44: what a poller needs, and nothing that can be large but the description.
const FIELDS: &str = "id,description,status,magnitude,start_time,last_updated_time,first_persisted_time,last_persisted_time,close_time,\
    event_count,domain_id";
/// Longest description kept, bytes: a line for people.
const DESCRIPTION_BYTES: usize = 300;

/// An offense as a poller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffenseChange {
    /// Its key.
    pub id: u64,
    /// What it is about, one line.
    pub description: String,
    /// Is it closed?
    pub closed: bool,
    /// The status as it is written.
    pub status: String,
    /// 0 to 10.
    pub magnitude: u8,
    /// When it began, milliseconds.
    pub started: u64,
    /// Its last event, milliseconds.
    pub updated: u64,
    /// When the console first wrote it, milliseconds, whole seconds.
    pub first_persisted: u64,
    /// When the console last wrote it, milliseconds, whole seconds; 0 if it does not say.
    pub persisted: u64,
    /// When it was closed, milliseconds, whole seconds.
    pub closed_at: Option<u64>,
    /// Its events.
    pub events: u64,
}

/// Which changes. Everything given holds together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Written by the console at this moment or later, or (`above`) with a higher id.
    pub from: u64,
    /// Ids above this one are new whatever their times say.
    pub above: Option<u64>,
    /// Written before this moment.
    pub before: Option<u64>,
    /// Behind this moment and id: the last one of the page before.
    pub after: Option<(u64, u64)>,
    /// Of this magnitude at least.
    pub magnitude: Option<u8>,
}

/// Offenses of an earlier time, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// With an event at this moment or later.
    pub since: u64,
    /// Behind this id.
    pub after: u64,
    /// Up to this id.
    pub up_to: u64,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePage {
    /// In the order that was asked for.
    pub offenses: Vec<OffenseChange>,
    /// Elements that no offense can be made of, as they came.
    pub unreadable: Vec<String>,
    /// Is there more behind it?
    pub more: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wire {
    #[serde(deserialize_with = "number")]
    id: Option<i64>,
    description: Value,
    status: Value,
    #[serde(deserialize_with = "number")]
    magnitude: Option<i64>,
    #[serde(deserialize_with = "number")]
    start_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    last_updated_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    first_persisted_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    last_persisted_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    close_time: Option<i64>,
    #[serde(deserialize_with = "number")]
    event_count: Option<i64>,
    #[serde(deserialize_with = "number")]
    domain_id: Option<i64>,
}

impl Wire {
    fn change(self) -> Option<OffenseChange> {
        let moment = |time: Option<i64>| time.and_then(|time| u64::try_from(time).ok());
        let started = moment(self.start_time).or(moment(self.last_updated_time)).unwrap_or(0);
        let status = self.status.as_str().unwrap_or("OPEN").to_owned();
        let text = self.description.as_str().unwrap_or_default();
        let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        let mut description = line.collect::<String>().trim().to_owned();
        description.truncate(description.floor_char_boundary(DESCRIPTION_BYTES));
        Some(OffenseChange {
            id: moment(self.id)?,
            description,
            closed: status == "CLOSED",
            status,
            magnitude: u8::try_from(self.magnitude.unwrap_or(0).clamp(0, 10)).unwrap_or(0),
            started,
            updated: moment(self.last_updated_time).unwrap_or(started),
            first_persisted: moment(self.first_persisted_time).unwrap_or(started),
            persisted: moment(self.last_persisted_time).unwrap_or(0),
            closed_at: moment(self.close_time),
            events: moment(self.event_count).unwrap_or(0),
        })
    }
}

impl Client {
    /// A page of at most `count` changes, by (moment, id).
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn offense_changes(&self, wanted: &Changes, count: u64, scopes: &Scopes) -> Result<ChangePage, Error> {
        let domains = self.scope(scopes)?;
        let ask = self.changes(filter::changes(wanted, &domains), "+last_persisted_time,+id");
        self.change_page(&ask, count, &domains).await
    }

    /// A page of at most `count` offenses of an earlier time, by id.
    ///
    /// # Errors
    /// As [`Client::offense_changes`].
    pub async fn past_offenses(&self, wanted: &Past, count: u64, scopes: &Scopes) -> Result<ChangePage, Error> {
        let domains = self.scope(scopes)?;
        let ask = self.changes(filter::past(wanted, &domains), "+id");
        self.change_page(&ask, count, &domains).await
    }

    /// How many offenses of an earlier time there are, and at most `count` of them from the `first` newest on (counted from 0).
    ///
    /// # Errors
    /// As [`Client::offense_changes`].
    pub async fn newest_past_offenses(
        &self,
        wanted: &Past,
        first: u64,
        count: u64,
        scopes: &Scopes,
    ) -> Result<(u64, Vec<OffenseChange>), Error> {
        let domains = self.scope(scopes)?;
        let ask = self.changes(filter::past(wanted, &domains), "-id");
        let asked = self.ask(&ask, Some(Items { first, count })).await;
        let response = asked.map_err(|fault| fault.into_error(WHAT))?;
        let rows: Vec<Value> = parse(&response).map_err(|fault| fault.into_error(WHAT))?;
        let all = total(&response.headers).unwrap_or(rows.len() as u64);
        let found = rows.into_iter().filter_map(|row| read(&row, &domains).ok().flatten());
        Ok((all, found.collect()))
    }

    fn scope(&self, scopes: &Scopes) -> Result<Domains, Error> {
        Domains::of(scopes, self.includes_multi_domain())
    }

    fn changes(&self, filter: String, sort: &str) -> Ask {
        Ask::get(WHAT, &["siem", "offenses"])
            .query("sort", sort)
            .query("fields", FIELDS)
            .query("filter", filter)
    }

    async fn change_page(&self, ask: &Ask, count: u64, domains: &Domains) -> Result<ChangePage, Error> {
        let items = Items { first: 0, count };
        let slice = self
            .slice::<Value>(ask, items, None)
            .await
            .map_err(|fault| fault.into_error(WHAT))?;
        let mut page = ChangePage {
            offenses: Vec::new(),
            unreadable: Vec::new(),
            more: slice.more,
        };
        for row in slice.rows {
            match read(&row, domains) {
                Ok(found) => page.offenses.extend(found),
                Err(()) => page.unreadable.push(row.to_string()),
            }
        }
        Ok(page)
    }
}

/// An offense of the console; none if it is of another domain (threat row 65); an error if it is none at all.
fn read(row: &Value, domains: &Domains) -> Result<Option<OffenseChange>, ()> {
    let wire = Wire::deserialize(row).map_err(|_| ())?;
    let domain = wire.domain_id.and_then(|id| u64::try_from(id).ok());
    let change = wire.change().ok_or(())?;
    Ok(domains.covers(domain).then_some(change))
}
