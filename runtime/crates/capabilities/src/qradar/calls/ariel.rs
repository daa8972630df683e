//! Which searches are there?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::ariel::{SavedResult, SavedSearch, Search, SearchResult};
use crate::bindings::synapse::workflow::types::Error;
use crate::qradar::client::Client;
use crate::qradar::permission::{self, Domains, Request};

read!(
    /// Ariel searches: one call, one answer for each.
    Run {
        /// At most 100.
        searches: Vec<Search>,
    } = RUN -> Vec<Result<SearchResult, Error>>,
    |call, client, _scopes, domains| Ok(client.run_searches(&call.searches, domains).await)
);
read!(
    /// All saved searches.
    SavedSearches {} = SAVED_SEARCHES -> Vec<SavedSearch>,
    |_call, client, _scopes, domains| client.saved_searches(domains).await
);
read!(
    /// Runs a saved search.
    RunSaved {
        /// Its key.
        id: u64,
        /// The longest window it may have.
        max_window_ms: u64,
        /// Most rows.
        limit: u32,
    } = RUN_SAVED -> SavedResult,
    |call, client, _scopes, domains| {
        client
            .run_saved(call.id, call.max_window_ms, call.limit, domains)
            .await
    }
);
