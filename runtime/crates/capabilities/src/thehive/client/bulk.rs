//! How are the same fields of many objects set by one request, and how are many objects read (contract 2.2 to 2.5)?

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{Client, MAJOR, asking, json, not_sent};
use crate::bindings::synapse::thehive::alerts::AlertPatch;
use crate::bindings::synapse::thehive::cases::CasePatch;
use crate::bindings::synapse::thehive::observables::ObservablePatch;
use crate::bindings::synapse::thehive::tasks::TaskPatch;
use crate::bindings::synapse::workflow::types::Error;
use crate::egress::Request;
use crate::gate::Failure;
use crate::thehive::query::{self, List};
use crate::thehive::types;

/// What is set, of objects of one kind.
#[derive(Debug, Clone, Copy)]
pub(in crate::thehive) enum Patch<'a> {
    /// Of alerts.
    Alerts(&'a AlertPatch),
    /// Of cases.
    Cases(&'a CasePatch),
    /// Of tasks.
    Tasks(&'a TaskPatch),
    /// Of observables.
    Observables(&'a ObservablePatch),
}

impl Patch<'_> {
    /// What it changes, as v1 calls it.
    pub(in crate::thehive) fn kind(self) -> &'static str {
        match self {
            Self::Alerts(_) => "alert",
            Self::Cases(_) => "case",
            Self::Tasks(_) => "task",
            Self::Observables(_) => "observable",
        }
    }
}

/// `Input..WithIds`
#[derive(Serialize)]
struct Bulk<'a, P> {
    ids: &'a [String],
    #[serde(flatten)]
    patch: P,
}

impl Client {
    /// Sets the same fields of all of them. On 5 all or none; what 3 and 4 do is in `v0/bulk.rs`.
    pub(in crate::thehive) async fn update_many(
        &self,
        ids: &[String],
        patch: Patch<'_>,
        start: Instant,
    ) -> Result<(), Failure> {
        if let Some(v0) = self.v0().await.map_err(not_sent)? {
            return v0.update_many(ids, patch, start).await;
        }
        let body = match patch {
            Patch::Alerts(patch) => bulk(ids, types::alert_patch(patch, MAJOR)),
            Patch::Cases(patch) => bulk(ids, types::case_patch(patch, MAJOR)),
            Patch::Tasks(patch) => bulk(ids, types::task_patch(patch)),
            Patch::Observables(patch) => bulk(ids, types::observable_patch(patch, MAJOR)),
        };
        let body = body.map_err(not_sent)?;
        let request = Request::new(Method::PATCH, ["api", "v1", patch.kind(), "_bulk"]).json(body);
        self.tell(request, start).await
    }

    /// Those of them that exist.
    pub(in crate::thehive) async fn many<T: DeserializeOwned>(
        &self,
        list: List,
        ids: &[String],
    ) -> Result<Vec<T>, Error> {
        if let Some(v0) = self.v0().await? {
            return v0.many(list, ids).await;
        }
        self.ask(&asking("by-id", &query::by_id(list, ids))?).await
    }
}

fn bulk<P: Serialize>(ids: &[String], patch: P) -> Result<Vec<u8>, Error> {
    json(&Bulk { ids, patch })
}
