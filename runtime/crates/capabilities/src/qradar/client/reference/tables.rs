//! How are reference maps, maps of sets and tables read? Only the older endpoints have them (contract 3.5).

use serde_json::Value;

use super::super::Client;
use super::super::ask::{Ask, Items, parse, total};
use crate::bindings::synapse::qradar::reference::{EntryPage, ReferenceEntry, ReferenceTable, TableKind};
use crate::bindings::synapse::workflow::types::Error;
use crate::qradar::permission::Domains;
use crate::qradar::query::cursor;
use crate::qradar::types::reference::{WireSet, entries};

/// Keys of one page (WIT).
const KEYS: u64 = 200;
/// Entries of one page: a key of a map of sets may have as many as it likes.
const ENTRIES: usize = 10_000;

const WHAT: &str = "a reference map or table";

impl Client {
    /// All maps or tables of a kind, by name.
    ///
    /// # Errors
    /// The console's refusal, or that it does not answer.
    pub async fn tables(&self, kind: TableKind) -> Result<Vec<ReferenceTable>, Error> {
        let ask = Ask::get("the reference maps and tables", &["reference_data", segment(kind)]);
        let found = self.named(&ask).await.map_err(|fault| fault.into_error(ask.what))?;
        Ok(found.into_values().filter_map(WireSet::into_table).collect())
    }

    /// A page of a map's or table's entries: shared ones and those of these domains.
    ///
    /// # Errors
    /// `NotFound`, `ResyncRequired`. `TooLarge`: one page has more entries than are handed out. Otherwise the console's refusal, or that it does
    /// not answer.
    pub async fn table_entries(
        &self,
        kind: TableKind,
        name: &str,
        cursor: Option<&str>,
        domains: &Domains,
    ) -> Result<EntryPage, Error> {
        let key = (segment(kind), name);
        let first = cursor
            .map(|cursor| cursor::decode(&key, cursor))
            .transpose()?
            .unwrap_or(0);
        let ask = Ask::get(WHAT, &["reference_data", segment(kind), name]);
        let items = Items { first, count: KEYS };
        let answer = self.ask(&ask, Some(items)).await;
        let answer = answer.map_err(|fault| fault.into_error(WHAT))?;
        let found: WireSet = parse(&answer).map_err(|fault| fault.into_error(WHAT))?;
        let Value::Object(data) = found.data else {
            return Ok(EntryPage {
                entries: Vec::new(),
                next: None,
            });
        };
        let taken = KEYS.min(data.len() as u64);
        let next = first.saturating_add(taken);
        let more = taken > 0 && total(&answer.headers).map_or(taken == KEYS, |total| next < total);
        let shown = |entry: &ReferenceEntry| {
            let domain = entry.value.domain_id;
            domain.is_none() || domains.covers(domain)
        };
        let entries: Vec<ReferenceEntry> = data
            .into_iter()
            .take(usize::try_from(taken).unwrap_or(usize::MAX))
            .flat_map(|(key, value)| entries(&key, value))
            .filter(shown)
            .collect();
        if entries.len() > ENTRIES {
            return Err(Error::TooLarge(ENTRIES as u64));
        }
        Ok(EntryPage {
            entries,
            next: more.then(|| cursor::encode(&key, next)),
        })
    }
}

fn segment(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Map => "maps",
        TableKind::MapOfSets => "map_of_sets",
        TableKind::Table => "tables",
    }
}
