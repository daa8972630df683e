//! `/reference_data_collections`: sets and values by id (contract 3.5).

use http::Method;
use serde_json::json;
use tokio::time::Instant;

use super::super::Client;
use super::super::ask::{Ask, Items};
use super::super::change::Unchanged;
use super::super::fault::Fault;
use super::super::list::Slice;
use super::old::SOURCE;
use crate::bindings::synapse::workflow::types::Error;
use crate::qradar::query::filter;
use crate::qradar::types::reference::{WireSet, WireValue};

const SETS: [&str; 2] = ["reference_data_collections", "sets"];
const ENTRIES: [&str; 2] = ["reference_data_collections", "set_entries"];
const WHAT: &str = "a reference set";
/// Sets of one name, in several namespaces.
const NAMESAKES: u64 = 50;

impl Client {
    /// One set by its name; of several the shared one.
    pub(super) async fn new_set(&self, name: &str) -> Result<WireSet, Fault> {
        let ask = Ask::get(WHAT, &SETS).query("filter", format!("name = {}", filter::quoted(name)));
        let items = Items {
            first: 0,
            count: NAMESAKES,
        };
        let found: Slice<WireSet> = self.slice(&ask, items, None).await?;
        let mut named: Vec<WireSet> = found
            .rows
            .into_iter()
            .filter(|set| set.name() == Some(name) && set.id().is_some())
            .collect();
        let at = named.iter().position(WireSet::is_shared).unwrap_or(0);
        if at < named.len() {
            Ok(named.swap_remove(at))
        } else {
            Err(Fault::Transport(Error::NotFound))
        }
    }

    /// Values of a set above an id; and the id after which the next page starts, if there is one.
    pub(super) async fn new_values(
        &self,
        set: u64,
        after: Option<u64>,
        count: u64,
    ) -> Result<(Vec<WireValue>, Option<u64>), Error> {
        let ask = Ask::get("the values of a reference set", &ENTRIES).query("fields", WireValue::FIELDS);
        self.above(&ask, vec![format!("collection_id = {set}")], after, count)
            .await
    }

    /// Which entries of a set hold one of these texts, whatever their domain.
    pub(super) async fn new_entries(&self, set: u64, values: &[String]) -> Result<Vec<WireValue>, Fault> {
        let literals: Vec<String> = values.iter().map(|value| filter::quoted(value)).collect();
        let mut found = Vec::new();
        let mut rest = literals.as_slice();
        while !rest.is_empty() {
            // As many as a request line takes; encoded each byte may become three (contract 1.3).
            let mut bytes = 0usize;
            let fits = |literal: &&String| {
                bytes = bytes.saturating_add(literal.len());
                bytes <= LINE_BYTES
            };
            let count = rest.iter().take_while(fits).count().max(1);
            let (batch, later) = rest.split_at(count.min(rest.len()));
            rest = later;
            let ask = Ask::get("the values of a reference set", &ENTRIES)
                .query("fields", WireValue::FIELDS)
                .query(
                    "filter",
                    format!("collection_id = {set} AND value IN ({})", batch.join(", ")),
                );
            found.extend(self.whole::<WireValue>(&ask).await?.into_values());
        }
        Ok(found)
    }

    /// Adds a value; one that is there is updated.
    pub(super) async fn new_add(
        &self,
        set: u64,
        value: &str,
        domain: Option<u64>,
        start: Instant,
    ) -> Result<(), Unchanged> {
        let mut body = json!({ "collection_id": set, "value": value, "source": SOURCE });
        if let (Some(domain), Some(object)) = (domain, body.as_object_mut()) {
            object.insert("domain_id".to_owned(), domain.into());
        }
        let ask = Ask::post("a new value of a reference set", &ENTRIES).body(body);
        self.send_change(&ask, start).await.map(|_| ())
    }

    /// Removes an entry.
    pub(super) async fn new_remove(&self, entry: u64, start: Instant) -> Result<(), Unchanged> {
        let [root, entries] = ENTRIES;
        let ask = Ask::get(
            "the removal of a value of a reference set",
            &[root, entries, &entry.to_string()],
        );
        self.send_change(&ask.method(Method::DELETE), start).await.map(|_| ())
    }
}

/// Bytes of the literals of one filter.
const LINE_BYTES: usize = 2_000;
