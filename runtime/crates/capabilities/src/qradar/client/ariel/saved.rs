//! Which searches were saved at the console, and how is one of them run? (contract 3.4)
//!
//! A saved search cannot be given a name of ours or a window: it is read first, and one whose own window is too long, or not to be read, does
//! not run. Its result may be shared with others who ask for the same, so it is not deleted.

use tokio::time::Instant;

use super::super::super::permission::Domains;
use super::super::super::query::{invalid, window};
use super::super::super::types::search::WireSaved;
use super::super::{Ask, Client};
use super::results::{Reading, Rows};
use super::run::{Life, WHAT, creation};
use crate::bindings::synapse::qradar::ariel::{SavedResult, SavedSearch};
use crate::bindings::synapse::workflow::types::Error;

/// Rows of one search (WIT).
const ROWS: u32 = 10_000;

impl Client {
    /// All saved searches that the token may see, by ascending id.
    ///
    /// # Errors
    /// `Denied` to a grant that names domains. Otherwise the console's refusal, or that it does not answer.
    pub async fn saved_searches(&self, domains: &Domains) -> Result<Vec<SavedSearch>, Error> {
        domains.everything("saved searches")?;
        let ask = Ask::get("the saved searches", &["ariel", "saved_searches"]).query("fields", WireSaved::FIELDS);
        let found = self.whole::<WireSaved>(&ask).await;
        let found = found.map_err(|fault| fault.into_error(ask.what))?;
        Ok(found.into_values().filter_map(WireSaved::into_wit).collect())
    }

    /// Runs a saved search to its end.
    ///
    /// # Errors
    /// `Invalid`: its window is too long or cannot be read. `NotFound`, `Denied`. Otherwise as a search.
    pub async fn run_saved(
        &self,
        id: u64,
        max_window_ms: u64,
        limit: u32,
        domains: &Domains,
    ) -> Result<SavedResult, Error> {
        domains.everything("saved searches")?;
        if limit == 0 || limit > ROWS {
            return Err(invalid("limit", format!("{limit}; use 1 to {ROWS}")));
        }
        if i64::try_from(id).is_err() {
            return Err(Error::NotFound);
        }
        let ask = Ask::get("a saved search", &["ariel", "saved_searches", &id.to_string()])
            .query("fields", WireSaved::FIELDS);
        let saved: WireSaved = self.json(&ask).await.map_err(|fault| fault.into_error(ask.what))?;
        let table = saved.table()?;
        window::check(saved.aql(), max_window_ms)?;
        let Ok(_slot) = self.slots.acquire().await else {
            return Err(Error::Unavailable("the connection is being closed".to_owned()));
        };
        let deadline = Instant::now().checked_add(self.options.search_deadline);
        let mut life = Life {
            id: String::new(),
            created: false,
            trouble: None,
        };
        let reading = Reading {
            table,
            limit,
            columns: None,
        };
        let ask = creation().form("saved_search_id", id.to_string());
        let driven = self.drive(&ask, None, reading, &mut life);
        let result = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline, driven).await,
            None => Ok(driven.await),
        };
        let Rows {
            columns,
            rows,
            truncated,
        } = result.unwrap_or_else(|_| {
            let why = self.too_late(&life);
            tracing::debug!(search = id, "{WHAT} that was saved took too long");
            Err(why)
        })?;
        Ok(SavedResult {
            columns,
            rows,
            truncated,
        })
    }
}
