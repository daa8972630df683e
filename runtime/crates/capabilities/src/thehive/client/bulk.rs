//! How are the same fields of many objects set by one request, and how are many objects read (contract 2.2 to 2.5)?

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{Client, asking, json, not_sent};
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::{self, List};

/// `Input..WithIds`
#[derive(Serialize)]
struct Bulk<'a, P> {
    ids: &'a [String],
    #[serde(flatten)]
    patch: P,
}

impl Client {
    /// Sets the same fields of all of them; all or none. `kind` is the segment of the path.
    pub(in crate::thehive) async fn update_many<P: Serialize>(
        &self,
        kind: &str,
        ids: &[String],
        patch: P,
        start: Instant,
    ) -> Result<(), Failure> {
        let body = json(&Bulk { ids, patch }).map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", kind, "_bulk"]).json(body);
        self.tell(request, start).await
    }

    /// Those of them that exist.
    pub(in crate::thehive) async fn many<T: DeserializeOwned>(
        &self,
        list: List,
        ids: &[String],
    ) -> Result<Vec<T>, Error> {
        self.major().await?;
        self.ask(&asking("by-id", &query::by_id(list, ids))?).await
    }
}
