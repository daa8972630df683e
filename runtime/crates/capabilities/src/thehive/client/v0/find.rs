//! How are a guest's own searches asked of 3 and 4 (contract 3.2)?

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as value};

use super::super::json;
use super::V0;
use super::search::Search as Rows;
use crate::bindings::synapse::thehive::query::{Kind as Sought, Place, Search};
use crate::bindings::synapse::workflow::types::Error;
use crate::thehive::query::Window;
use crate::thehive::query::v0::{self as query, Asked};
use crate::thehive::types::v0::Kind;

/// What `_stats` answers to a count without a name.
#[derive(Deserialize)]
struct Counted {
    count: u64,
}

impl V0<'_> {
    /// At most `search.limit` objects that fit, and whether there are more.
    pub async fn found<T: DeserializeOwned>(
        self,
        search: &Search,
        limits: &[(&'static str, Vec<&str>)],
        window: Window<'_>,
    ) -> Result<(Vec<T>, bool), Error> {
        let Some(asked) = self.asked(search, limits, window).await? else {
            return Ok((Vec::new(), false));
        };
        let rows = Rows {
            path: asked.path,
            kind: asked.kind,
            filter: asked.filter,
            sort: &asked.sort,
        };
        let most = usize::try_from(search.limit).unwrap_or(usize::MAX);
        self.some(&rows, asked.from, most, |_: &T| true).await
    }

    /// How many objects fit. The length that `_search` says will not do: 4 ends counting at a thousand.
    pub async fn counted(self, search: &Search, limits: &[(&'static str, Vec<&str>)]) -> Result<u64, Error> {
        let Some(asked) = self.asked(search, limits, Window::Row(0)).await? else {
            return Ok(0);
        };
        let path: Vec<&str> = asked.path.iter().copied().chain(["_stats"]).collect();
        let body = value!({"query": asked.filter, "stats": [{"_agg": "count"}]});
        let request = Self::request(Method::POST, &path).json(json(&body)?);
        let counted: Counted = self.client.ask(&request).await?;
        Ok(counted.count)
    }

    /// The search in the words of v0; none: there can be nothing. The case of an alert is in the alert.
    async fn asked(
        self,
        search: &Search,
        limits: &[(&'static str, Vec<&str>)],
        window: Window<'_>,
    ) -> Result<Option<Asked>, Error> {
        let place = match (&search.place, search.kind) {
            (Place::Alert(id), Sought::Case) => match self.alert(id).await?.case_id {
                Some(case) => Some(query::one_of_ids(&[case])),
                None => return Ok(None),
            },
            _ => None,
        };
        query::asked(self.major, search, limits, window, place).map(Some)
    }

    /// Is it known to belong to a case and so to no alert? On 3 an observable of an alert is no object of its own; 4 does not say to which
    /// alert one belongs.
    pub async fn is_of_case(self, observable: &str) -> Result<bool, Error> {
        let of_case = value!({"_parent": {"_type": "case", "_query": {}}});
        let ids = query::one_of_ids(&[observable.to_owned()]);
        let rows = Rows {
            path: &["case", "artifact"],
            kind: Kind::Observable,
            filter: query::all(&[ids, of_case]),
            sort: "createdAt",
        };
        let found: Option<Value> = self.first(&rows, |_: &Value| true).await?;
        Ok(self.major < 4 || found.is_some())
    }
}
