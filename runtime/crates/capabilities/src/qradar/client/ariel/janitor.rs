//! Who deletes a search whose process crashed, or whose deletion failed?
//!
//! The console does not say how old a search is, so its age counts from when it was first seen here. The runtime calls
//! this now and then with more than the search deadline: what is that old has no reader any more, on any node. A search that still
//! runs is deleted as well, because deleting stops it, and nobody waits for it.

use std::time::Duration;

use tokio::time::Instant;

use super::super::ask::Items;
use super::super::list::Slice;
use super::super::{Ask, Client};
use crate::bindings::synapse::workflow::types::Error;

/// Searches of one request for the list.
const PAGE: u64 = 1_000;
/// Searches that are looked at: a console with more has other troubles.
const MOST: u64 = 10_000;

impl Client {
    /// Deletes searches of this connection that nobody in this process uses and that were first seen at least this long ago.
    /// Returns how many.
    ///
    /// # Errors
    /// The list cannot be read. A search that cannot be deleted is tried again next time.
    pub async fn janitor(&self, older_than: Duration) -> Result<u64, Error> {
        let ask = Ask::get("the list of Ariel searches", &["ariel", "searches"]);
        let (mut names, mut first, mut more) = (Vec::new(), 0u64, true);
        while more && first < MOST {
            let part: Slice<String> = self
                .slice(&ask, Items { first, count: PAGE }, None)
                .await
                .map_err(|fault| fault.into_error(ask.what))?;
            names.extend(part.rows.into_iter().filter(|name| self.searches.is_left_over(name)));
            (first, more) = (first.saturating_add(part.taken), part.more);
        }
        let mut deleted = 0u64;
        for name in self.due(names, older_than) {
            if self.searches.is_left_over(&name) && self.delete_search(&name).await {
                deleted = deleted.saturating_add(1);
                self.searches.sighted().remove(&name);
            }
        }
        Ok(deleted)
    }

    /// Notes what is seen for the first time, forgets what is gone, and names what is old enough.
    fn due(&self, names: Vec<String>, older_than: Duration) -> Vec<String> {
        let now = Instant::now();
        let mut sighted = self.searches.sighted();
        let before = std::mem::take(&mut *sighted);
        let seen = names.into_iter().map(|name| {
            let since = before.get(&name).copied().unwrap_or(now);
            (name, since)
        });
        *sighted = seen.collect();
        let old = sighted
            .iter()
            .filter(|(_, since)| now.saturating_duration_since(**since) >= older_than);
        old.map(|(name, _)| name.clone()).collect()
    }
}
