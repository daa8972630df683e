//! Which questions about machines and log sources are there?

use serde::Serialize;
use synapse_domain::operation::Operation;
use synapse_domain::permission::Scopes;

use crate::bindings::synapse::qradar::assets::{AssetFilter, AssetPage};
use crate::bindings::synapse::qradar::log_sources::{Source, SourceFilter, SourcePage, SourceType};
use crate::bindings::synapse::workflow::types::Error;
use crate::qradar::client::Client;
use crate::qradar::permission::{self, Domains, Request};

read!(
    /// A page of machines.
    FindAssets {
        /// Which.
        filter: AssetFilter,
        /// Where the page starts.
        cursor: Option<String>,
    } = FIND_ASSETS -> AssetPage,
    |call, client, _scopes, domains| client.assets(&call.filter, call.cursor.as_deref(), domains).await
);
read!(
    /// A page of log sources.
    ListLogSources {
        /// Which.
        filter: SourceFilter,
        /// Where the page starts.
        cursor: Option<String>,
    } = LIST_LOG_SOURCES -> SourcePage,
    |call, client, _scopes, domains| client.log_sources(&call.filter, call.cursor.as_deref(), domains).await
);
read!(
    /// One log source.
    GetLogSource {
        /// Its key.
        id: u64,
    } = GET_LOG_SOURCE -> Source,
    |call, client, _scopes, domains| client.log_source(call.id, domains).await
);
read!(
    /// All kinds of log sources.
    LogSourceTypes {} = LOG_SOURCE_TYPES -> Vec<SourceType>,
    |_call, client, _scopes, domains| client.log_source_types(domains).await
);
