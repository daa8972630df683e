//! How are a guest's own searches sent (contract 3.1)?

use serde::de::DeserializeOwned;

use super::{Client, asking};
use crate::bindings::synapse::thehive::query::Search;
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query::{self, Window};
use crate::thehive::types::AlertRow;

/// The step that gets an observable: of what may belong to an alert, the one that v0 has.
const OBSERVABLE: &str = "getObservable";

impl Client {
    /// At most `search.limit` objects that fit, and whether there are more.
    pub(in crate::thehive) async fn found<T: DeserializeOwned>(
        &self,
        search: &Search,
        limits: &[(&'static str, Vec<&str>)],
        window: Window<'_>,
    ) -> Result<(Vec<T>, bool), Error> {
        if let Some(v0) = self.v0().await? {
            return v0.found(search, limits, window).await;
        }
        let most = usize::try_from(search.limit).unwrap_or(usize::MAX);
        self.some("find", most, |rows| query::found(search, limits, window, rows))
            .await
    }

    /// How many objects fit.
    pub(in crate::thehive) async fn counted(
        &self,
        search: &Search,
        limits: &[(&'static str, Vec<&str>)],
    ) -> Result<u64, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.counted(search, limits).await;
        }
        self.ask(&asking("count", &query::count(search, limits))?).await
    }

    /// The alert that something belongs to; none: it belongs to something else, or is not there. `get` is the step that gets it.
    pub(in crate::thehive) async fn alert_of(&self, get: &'static str, id: &str) -> Result<Option<AlertRow>, Error> {
        if let (OBSERVABLE, Some(v0)) = (get, self.v0().await?) {
            return if v0.is_of_case(id).await? {
                Ok(None)
            } else {
                Err(Error::Unsupported(
                    "TheHive 4 does not say to which alert an observable belongs, and the grant limits alerts"
                        .to_owned(),
                ))
            };
        }
        self.major().await?;
        let query = query::linked(get, id, Some("alert"), None);
        let rows: Vec<AlertRow> = self.ask(&asking("alert-of", &query)?).await?;
        Ok(rows.into_iter().next())
    }
}
