//! How are the rows of a search read? In parts of a thousand, and smaller ones where an answer is cut off (contract 5, APAR IV98260).

use serde_json::{Map, Value};

use super::super::super::query::aql::Plan;
use super::super::super::types::search::{row, size};
use super::super::ask::Items;
use super::super::list::Slice;
use super::super::{Ask, Client, Fault};
use super::run::ANSWER_BYTES;
use crate::bindings::synapse::qradar::ariel::SearchResult;
use crate::bindings::synapse::workflow::types::Error;

/// Rows of one request.
const PART: u64 = 1_000;

impl Client {
    /// All rows of a completed search, up to its limit.
    pub(super) async fn results(&self, id: &str, plan: &Plan) -> Result<SearchResult, Fault> {
        let ask = Ask::get("the results of an Ariel search", &["ariel", "searches", id, "results"]);
        let limit = u64::from(plan.limit);
        let (mut rows, mut bytes, mut first, mut more) = (Vec::new(), 0usize, 0u64, true);
        while more && first < limit {
            let items = Items {
                first,
                count: PART.min(limit.saturating_sub(first)),
            };
            let part: Slice<Map<String, Value>> = self.slice(&ask, items, Some(plan.table)).await?;
            for found in part.rows {
                let cells = row(&plan.aliases, found);
                bytes = bytes.saturating_add(size(&cells));
                if bytes > ANSWER_BYTES {
                    return Err(Fault::Transport(Error::TooLarge(ANSWER_BYTES as u64)));
                }
                rows.push(cells);
            }
            (first, more) = (first.saturating_add(part.taken), part.more);
        }
        // As many as LIMIT let through: nobody can say whether there were more.
        Ok(SearchResult {
            truncated: rows.len() as u64 >= limit,
            rows,
        })
    }
}
