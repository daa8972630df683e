//! How are the rows of a search read? In parts of a thousand, and smaller ones where an answer is cut off (contract 5, APAR IV98260).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::super::types::search::{row, size};
use super::super::ask::Items;
use super::super::list::Slice;
use super::super::{Ask, Client, Fault};
use super::run::ANSWER_BYTES;
use crate::bindings::synapse::qradar::ariel::Cell;
use crate::bindings::synapse::workflow::types::Error;

/// Rows of one request.
const PART: u64 = 1_000;
/// Columns of a saved search that are handed out.
const COLUMNS: usize = 200;

/// What is read of a search.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Where the answer keeps its rows: `events` or `flows`.
    pub table: &'a str,
    /// Most rows.
    pub limit: u32,
    /// The columns we gave names to; none: the console knows them.
    pub columns: Option<&'a [String]>,
}

/// What was read.
#[derive(Debug)]
pub struct Rows {
    /// The columns, in the order of the cells.
    pub columns: Vec<String>,
    /// One list per row.
    pub rows: Vec<Vec<Cell>>,
    /// May there be more than the limit let through?
    pub truncated: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    #[serde(deserialize_with = "super::super::super::types::list")]
    columns: Vec<Column>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Column {
    #[serde(deserialize_with = "super::super::super::types::text")]
    name: Option<String>,
}

impl Client {
    /// All rows of a completed search, up to its limit.
    pub(super) async fn results(&self, id: &str, reading: Reading<'_>) -> Result<Rows, Fault> {
        let columns = match reading.columns {
            Some(columns) => columns.to_vec(),
            None => self.columns(id).await?,
        };
        let ask = Ask::get("the results of an Ariel search", &["ariel", "searches", id, "results"]);
        let limit = u64::from(reading.limit);
        let (mut rows, mut bytes, mut first, mut more) = (Vec::new(), 0usize, 0u64, true);
        while more && first < limit {
            let items = Items {
                first,
                count: PART.min(limit.saturating_sub(first)),
            };
            let part: Slice<Map<String, Value>> = self.slice(&ask, items, Some(reading.table)).await?;
            for found in part.rows {
                let cells = row(&columns, found);
                bytes = bytes.saturating_add(size(&cells));
                if bytes > ANSWER_BYTES {
                    return Err(Fault::Transport(Error::TooLarge(ANSWER_BYTES as u64)));
                }
                rows.push(cells);
            }
            (first, more) = (first.saturating_add(part.taken), part.more);
        }
        // As many as LIMIT let through: nobody can say whether there were more.
        Ok(Rows {
            truncated: rows.len() as u64 >= limit,
            columns,
            rows,
        })
    }

    /// The columns of a search that we did not write.
    async fn columns(&self, id: &str) -> Result<Vec<String>, Fault> {
        let ask = Ask::get("the columns of an Ariel search", &["ariel", "searches", id, "metadata"]);
        let found: Metadata = self.json(&ask).await?;
        let names = found.columns.into_iter().filter_map(|column| column.name);
        Ok(names.take(COLUMNS).collect())
    }
}
