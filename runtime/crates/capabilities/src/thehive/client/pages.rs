//! How are many rows read, when one answer may be too large? Page by page, with smaller pages where the rows are big.

use serde::de::DeserializeOwned;
use synapse_domain::limits;

use super::{Client, asking, parse};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query::Query;

/// Rows of one page.
const PAGE: usize = 100;
/// By how much a page shrinks when its answer is larger than the connection takes.
const SHRINK: usize = 5;
/// Largest page for a guest: below what the journal takes of one outcome, although the spelling differs.
const PAGE_BYTES: usize = limits::JOURNAL_PAYLOAD_BYTES / 4 * 3;
/// Longest list that guests get (`wit/thehive/tasks.wit`).
const LIST: usize = 1_000;
/// Rows that are looked through for a marker, newest first where there is an order.
const LOOKED_AT: usize = 5_000;

/// Where a walk through pages is.
struct Walk {
    from: usize,
    size: usize,
    done: bool,
}

impl Walk {
    fn new() -> Self {
        Self {
            from: 0,
            size: PAGE,
            done: false,
        }
    }
}

impl Client {
    /// Every row, at most [`LIST`].
    pub(super) async fn all<'a, T, Q>(&self, label: &str, query: Q) -> Result<Vec<T>, Error>
    where
        T: DeserializeOwned,
        Q: Fn(usize, usize) -> Query<'a>,
    {
        let mut walk = Walk::new();
        let mut rows: Vec<T> = Vec::new();
        while !walk.done && rows.len() < LIST {
            rows.extend(self.page(&mut walk, label, &query).await?);
        }
        rows.truncate(LIST);
        Ok(rows)
    }

    /// The first row that is wanted.
    pub(super) async fn first<'a, T, Q, W>(&self, label: &str, query: Q, wanted: W) -> Result<Option<T>, Error>
    where
        T: DeserializeOwned,
        Q: Fn(usize, usize) -> Query<'a>,
        W: Fn(&T) -> bool,
    {
        let mut walk = Walk::new();
        while !walk.done {
            if walk.from >= LOOKED_AT {
                let why = format!("more than {LOOKED_AT} rows to look through for a marker");
                return Err(Error::Unavailable(why));
            }
            let rows: Vec<T> = self.page(&mut walk, label, &query).await?;
            let found = rows.into_iter().find(&wanted);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// At most `most` rows for the guest, and whether there are more; fewer rows where the answer would be too large for a page.
    pub(super) async fn some<'a, T, Q>(&self, label: &str, most: usize, query: Q) -> Result<(Vec<T>, bool), Error>
    where
        T: DeserializeOwned,
        Q: Fn(usize) -> Query<'a>,
    {
        self.major().await?;
        let mut size = most;
        loop {
            // One more than a page tells whether there is a next one.
            match self.fetch(&asking(label, &query(size.saturating_add(1)))?).await {
                Err(Error::TooLarge(_)) if size > 1 => size = smaller(size),
                Ok(response) if size > 1 && response.body.len() > PAGE_BYTES => size = smaller(size),
                Err(error) => return Err(error),
                Ok(response) => {
                    let mut rows: Vec<T> = parse(&response)?;
                    let more = rows.len() > size;
                    rows.truncate(size);
                    return Ok((rows, more));
                }
            }
        }
    }

    /// The next page of a walk.
    async fn page<'a, T, Q>(&self, walk: &mut Walk, label: &str, query: &Q) -> Result<Vec<T>, Error>
    where
        T: DeserializeOwned,
        Q: Fn(usize, usize) -> Query<'a>,
    {
        self.major().await?;
        loop {
            let to = walk.from.saturating_add(walk.size);
            let rows: Result<Vec<T>, Error> = self.ask(&asking(label, &query(walk.from, to))?).await;
            match rows {
                Err(Error::TooLarge(_)) if walk.size > 1 => {
                    walk.size = smaller(walk.size);
                }
                Err(error) => return Err(error),
                Ok(rows) => {
                    walk.done = rows.len() < walk.size;
                    walk.from = to;
                    return Ok(rows);
                }
            }
        }
    }
}

fn smaller(size: usize) -> usize {
    size.checked_div(SHRINK).unwrap_or_default().max(1)
}
