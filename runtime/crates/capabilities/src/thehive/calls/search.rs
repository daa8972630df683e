//! Which calls search for any kind of object?

use super::declare::ask;
use crate::bindings::synapse::thehive::query::{ResultPage, Search};
use crate::thehive::{check, search};

ask!(
    /// `find`
    Find {
        /// What the guest looks for.
        search: Search,
        /// Of the page before.
        cursor: Option<String>,
    } = "thehive/query.find" -> ResultPage,
    |call, client, scopes| {
        check::search(&call.search)?;
        search::find(client, &call.search, call.cursor.as_deref(), scopes).await
    }
);
ask!(
    /// `count`
    Count {
        /// What the guest looks for.
        search: Search,
    } = "thehive/query.count" -> u64,
    |call, client, scopes| {
        check::search(&call.search)?;
        search::count(client, &call.search, scopes).await
    }
);
