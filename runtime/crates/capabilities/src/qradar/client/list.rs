//! How is a list read without losing, doubling or inventing elements? (contract 2.4, D39, threat row 68)

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, stream};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::query::{filter, invalid};
use super::super::types::lookup::Keyed;
use super::Client;
use super::ask::{Ask, Items, parse, total};
use super::fault::Fault;
use super::offenses::inconsistent;
use crate::bindings::synapse::workflow::types::Error;

/// Elements of one request for a whole list.
const PAGE: u64 = 500;
/// Elements of a whole list that are read: no console has as many types or domains.
const WHOLE: u64 = 10_000;
/// Requests at once for one call (contract 5: at most 8); the egress' own width holds beside it.
const PARALLEL: usize = 8;

/// A part of a list.
#[derive(Debug)]
pub struct Slice<T> {
    /// Its elements that can be read.
    pub rows: Vec<T>,
    /// How many elements that is of the list, those that cannot be read included; at most as many as were asked for.
    pub taken: u64,
    /// Are there more behind it?
    pub more: bool,
}

impl Client {
    /// A part of a list, smaller than asked for if the console cannot deliver as much in one answer. `inner` names the list
    /// where it is wrapped in an object.
    pub async fn slice<T: DeserializeOwned>(
        &self,
        ask: &Ask,
        items: Items,
        inner: Option<&str>,
    ) -> Result<Slice<T>, Fault> {
        let mut count = items.count.max(1);
        loop {
            let result = self
                .part(
                    ask,
                    Items {
                        first: items.first,
                        count,
                    },
                    inner,
                )
                .await;
            match result {
                Err(fault) if fault.shrinks() && count > 1 => {
                    tracing::debug!(
                        call = ask.what,
                        count,
                        "the answer was cut off or too large; asking for half of it"
                    );
                    count /= 2;
                }
                other => return other,
            }
        }
    }

    async fn part<T: DeserializeOwned>(&self, ask: &Ask, items: Items, inner: Option<&str>) -> Result<Slice<T>, Fault> {
        let response = self.ask(ask, Some(items)).await?;
        let elements = match (parse(&response)?, inner) {
            (Value::Array(elements), None) => elements,
            (Value::Object(mut object), Some(name)) => match object.remove(name) {
                Some(Value::Array(elements)) => elements,
                _ => return Err(Fault::Cut(format!("no list `{name}` in it"))),
            },
            _ => return Err(Fault::Cut("it is not a list".to_owned())),
        };
        // More than asked for: Range was ignored, and what follows is asked for again.
        let taken = items.count.min(elements.len() as u64);
        let more = match total(&response.headers) {
            // An empty part is the end, whatever the total says: asking on would never end.
            Some(total) => taken > 0 && items.first.saturating_add(taken) < total,
            // A full part may have others behind it.
            None => taken == items.count,
        };
        let take = usize::try_from(taken).unwrap_or(usize::MAX);
        let rows = elements
            .into_iter()
            .take(take)
            .filter_map(|element| serde_json::from_value(element).ok())
            .collect();
        Ok(Slice { rows, taken, more })
    }

    /// The objects of a list above a key, in ascending order; and the key after which the next page starts, if there is one.
    ///
    /// # Errors
    /// `Other("upstream-inconsistent")`: the console did not keep to the order. Otherwise its refusal, or that it does not answer.
    pub async fn above<T: DeserializeOwned + Keyed>(
        &self,
        ask: &Ask,
        mut terms: Vec<String>,
        after: Option<u64>,
        count: u64,
    ) -> Result<(Vec<T>, Option<u64>), Error> {
        terms.extend(after.map(|after| format!("id > {after}")));
        let mut ask = ask.clone().query("sort", "+id");
        if let Some(text) = filter::joined(&terms) {
            ask = ask.query("filter", text);
        }
        let found = self.slice::<T>(&ask, Items { first: 0, count }, None).await;
        let Slice { rows, more, .. } = found.map_err(|fault| fault.into_error(ask.what))?;
        let mut last = after;
        for key in rows.iter().filter_map(Keyed::key) {
            if last.is_some_and(|last| key <= last) {
                let why = format!("{}: {key} came late, although ascending ids were asked for", ask.what);
                return Err(inconsistent(why));
            }
            last = Some(key);
        }
        if more && last == after {
            let why = format!("{}: a page without any id, and more behind it", ask.what);
            return Err(inconsistent(why));
        }
        Ok((rows, last.filter(|_| more)))
    }

    /// A whole list, by key.
    pub async fn whole<T: DeserializeOwned + Keyed>(&self, ask: &Ask) -> Result<BTreeMap<u64, T>, Fault> {
        let mut found = BTreeMap::new();
        let mut first = 0;
        while first < WHOLE {
            let Slice { rows, taken, more } = self.slice::<T>(ask, Items { first, count: PAGE }, None).await?;
            let before = found.len();
            found.extend(rows.into_iter().filter_map(|row| Some((row.key()?, row))));
            // A page that brings nothing new would be followed by others like it.
            if !more || found.len() == before {
                return Ok(found);
            }
            first = first.saturating_add(taken);
        }
        tracing::warn!(
            call = ask.what,
            limit = WHOLE,
            "the list is longer than what is read of it"
        );
        Ok(found)
    }

    /// Objects by id, in batches that fit a request line, side by side (R6). What was not asked for is dropped (threat row
    /// 65). If some batches fail, the others count (D41, R6): an incomplete enrichment is better than none.
    ///
    /// # Errors
    /// `Invalid`: more than `most` ids. Otherwise the first batch's error, if all failed.
    pub async fn by_ids<T: DeserializeOwned + Keyed>(
        &self,
        ask: &Ask,
        ids: &[u64],
        most: usize,
    ) -> Result<BTreeMap<u64, T>, Error> {
        if ids.len() > most {
            return Err(invalid("ids", format!("{} ids; at most {most}", ids.len())));
        }
        // An id beyond the console's range is unknown there, and would make it refuse the others.
        let wanted: BTreeSet<u64> = ids.iter().copied().filter(|id| i64::try_from(*id).is_ok()).collect();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        // Once, before many: a console that is down is not waited for in every batch.
        self.version().await.map_err(|fault| fault.into_error(ask.what))?;
        let wanted: Vec<u64> = wanted.into_iter().collect();
        let batches: Vec<Vec<u64>> = wanted.chunks(filter::IDS).map(<[u64]>::to_vec).collect();
        let asked = stream::iter(batches).map(|batch| self.batch::<T>(ask, batch));
        let results: Vec<_> = asked.buffered(PARALLEL).collect().await;
        let (mut found, mut failed, mut error) = (BTreeMap::new(), 0usize, None);
        let all = results.len();
        for result in results {
            match result {
                Ok(rows) => found.extend(rows),
                Err(fault) => {
                    failed = failed.saturating_add(1);
                    error = error.or(Some(fault));
                }
            }
        }
        match error {
            Some(fault) if failed == all => Err(fault.into_error(ask.what)),
            Some(fault) => {
                let why = fault.into_error(ask.what);
                tracing::warn!(
                    call = ask.what,
                    failed,
                    all,
                    ?why,
                    "some batches failed; going on without them"
                );
                Ok(found)
            }
            None => Ok(found),
        }
    }

    async fn batch<T: DeserializeOwned + Keyed>(&self, ask: &Ask, ids: Vec<u64>) -> Result<Vec<(u64, T)>, Fault> {
        let ask = ask.clone().query("filter", filter::ids(&ids));
        let (mut found, mut first, last) = (Vec::new(), 0u64, ids.len() as u64);
        while first < last {
            let items = Items {
                first,
                count: last.saturating_sub(first),
            };
            let Slice { rows, taken, more } = self.slice::<T>(&ask, items, None).await?;
            first = first.saturating_add(taken.max(1));
            let asked = |row: T| {
                row.key()
                    .filter(|key| ids.binary_search(key).is_ok())
                    .map(|key| (key, row))
            };
            found.extend(rows.into_iter().filter_map(asked));
            if !more {
                break;
            }
        }
        Ok(found)
    }
}
