//! How are rows of v0 listed? By `_search` with a range, because a search without one answers ten (D19).

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as value};
use synapse_domain::limits;

use super::super::{json, parse};
use super::V0;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::types::v0::{Kind, read};

/// Rows of one page.
const PAGE: usize = 100;
/// By how much a page shrinks when its answer is larger than the connection takes.
const SHRINK: usize = 5;
/// Largest page for a guest: below what the journal takes of one outcome, although the spelling differs.
const PAGE_BYTES: usize = limits::JOURNAL_PAYLOAD_BYTES / 4 * 3;
/// Rows that are looked through for those that are wanted.
const LOOKED_AT: usize = 5_000;

/// What is searched, and in which order.
#[derive(Debug, Clone)]
pub(super) struct Search<'a> {
    /// Below `api`, without `_search`.
    pub path: &'a [&'a str],
    /// What the rows are.
    pub kind: Kind,
    /// What they have in common.
    pub filter: Value,
    /// A field, `createdAt`; after a minus the greatest first.
    pub sort: &'a str,
}

/// When a list ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// After so many rows.
    Rows(usize),
    /// After so many rows, or as many as a guest's answer holds.
    Page(usize),
    /// With the first row.
    First,
}

impl V0<'_> {
    /// Every row, at most `most`.
    pub(super) async fn list<T: DeserializeOwned>(self, search: &Search<'_>, most: usize) -> Result<Vec<T>, Error> {
        let rows = self.walk(search, 0, Limit::Rows(most), |_: &T| true).await?;
        Ok(rows.0)
    }

    /// Rows that are wanted from `from` on, at most `most` and as many as a guest's answer holds, and whether there are more.
    pub(super) async fn some<T, W>(
        self,
        search: &Search<'_>,
        from: usize,
        most: usize,
        wanted: W,
    ) -> Result<(Vec<T>, bool), Error>
    where
        T: DeserializeOwned,
        W: Fn(&T) -> bool,
    {
        self.walk(search, from, Limit::Page(most), wanted).await
    }

    async fn walk<T, W>(
        self,
        search: &Search<'_>,
        from: usize,
        limit: Limit,
        wanted: W,
    ) -> Result<(Vec<T>, bool), Error>
    where
        T: DeserializeOwned,
        W: Fn(&T) -> bool,
    {
        let (most, most_bytes) = match limit {
            Limit::Rows(rows) => (rows, usize::MAX),
            Limit::Page(rows) => (rows, PAGE_BYTES),
            Limit::First => (1, usize::MAX),
        };
        let (mut at, mut size, mut bytes) = (from, PAGE, 0_usize);
        let mut rows: Vec<T> = Vec::new();
        loop {
            if at.saturating_sub(from) >= LOOKED_AT {
                let why = format!("more than {LOOKED_AT} rows to look through");
                return Err(Error::Unavailable(why));
            }
            let page = match self.page(search, at, at.saturating_add(size)).await {
                Err(Error::TooLarge(_)) if size > 1 => {
                    size = size.checked_div(SHRINK).unwrap_or_default().max(1);
                    continue;
                }
                page => page?,
            };
            let last = page.len() < size;
            at = at.saturating_add(size);
            for row in page {
                let length = row.to_string().len();
                let row: T = read(search.kind, row)?;
                if !wanted(&row) {
                    continue;
                }
                let full = bytes.saturating_add(length) > most_bytes && !rows.is_empty();
                if rows.len() >= most || full {
                    return Ok((rows, true));
                }
                bytes = bytes.saturating_add(length);
                rows.push(row);
                if limit == Limit::First {
                    return Ok((rows, true));
                }
            }
            if last {
                return Ok((rows, false));
            }
        }
    }

    /// The first row that is wanted.
    pub(super) async fn first<T, W>(self, search: &Search<'_>, wanted: W) -> Result<Option<T>, Error>
    where
        T: DeserializeOwned,
        W: Fn(&T) -> bool,
    {
        Ok(self.walk(search, 0, Limit::First, wanted).await?.0.pop())
    }

    /// Rows `from` up to `to`.
    async fn page(self, search: &Search<'_>, from: usize, to: usize) -> Result<Vec<Value>, Error> {
        let path: Vec<&str> = search.path.iter().copied().chain(["_search"]).collect();
        let mut request = Self::request(Method::POST, &path).json(json(&value!({"query": search.filter}))?);
        // Range and sort are read from the query string only (D19).
        request.query.push(("range".to_owned(), format!("{from}-{to}")));
        request.query.push(("sort".to_owned(), search.sort.to_owned()));
        let response = self.client.fetch(&request).await?;
        parse(&response)
    }
}
