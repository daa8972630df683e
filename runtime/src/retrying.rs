//! From which call on does a run begin again, and which runs of a deployment are taken up again at once? (G6)

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{DeliveryId, DeploymentName, RunId, TenantId};
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::deliveries::{DeliveryFilter, DeliveryState, Verdict};
use synapse_store::records::{RunFilter, RunView};

use crate::node::Node;

/// Runs or events of one redrive, unless somebody asks for fewer: what a person still reads, and what a target takes at once.
pub const REDRIVEN: u32 = 100;
/// Runs or events of a redrive that are looked at; a longer list has to be asked for in parts.
const LOOKED_AT: usize = 10_000;
/// Runs or events of one page.
const PAGE: u32 = 100;

/// Limits of a run, by the code of its problem: it would meet the same one again, because a run is pinned to its version.
const LIMITS: [&str; 8] = [
    "cpu-limit",
    "memory-limit",
    "stack-limit",
    "table-limit",
    "handle-limit",
    "call-limit",
    "host-call-too-large",
    "result-too-large",
];

/// What is taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// Runs that failed.
    Failed,
    /// Runs that ended with failed items.
    Partial,
    /// Events that started no run.
    Ignored,
}

/// What of a deployment is taken up again.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Nothing older.
    pub since: Timestamp,
    /// What.
    pub state: Which,
    /// Only say it.
    #[serde(default)]
    pub dry_run: bool,
    /// At most this many, and at most [`REDRIVEN`].
    #[serde(default = "most")]
    pub limit: u32,
}

fn most() -> u32 {
    REDRIVEN
}

/// One line of a redrive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// The run that is, or would be, taken up again, or that the event started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The event that was evaluated again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<DeliveryId>,
    /// From which call on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// Why nothing is done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a redrive did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Redrive {
    /// Line by line, newest first.
    pub items: Vec<Redriven>,
    /// There are more: ask again.
    pub more: bool,
}

impl Order {
    fn most(&self) -> usize {
        self.limit.clamp(1, REDRIVEN) as usize
    }
}

impl Node {
    /// From which call on would a retry repeat this run?
    ///
    /// # Errors
    /// `Conflict`, with the reason, if a retry would do no good.
    pub async fn retry_point(&self, run: &RunView, from: Option<u32>) -> Result<u32, StoreError> {
        let refuse = |why: String| Err(StoreError::Conflict(why));
        if !matches!(run.state, RunState::Failed | RunState::Partial) {
            let state = run.state.as_str();
            return refuse(format!(
                "the run is `{state}`: a retry is for runs that are `failed` or `partial`"
            ));
        }
        let code = run.problem.as_ref().map_or("", |problem| problem.code.as_str());
        if LIMITS.contains(&code) {
            return refuse(format!(
                "the run met `{code}`, and would again: deploy a version with a higher limit and start a new run"
            ));
        }
        let journal = self.store.journal(&run.tenant, run.id).await?;
        let last_error = journal
            .outcomes
            .iter()
            .filter(|outcome| !outcome.ok)
            .map(|outcome| outcome.at.call)
            .max();
        let Some(from) = from.or(last_error) else {
            return refuse(
                "no call of the run answered an error, so there is nothing to repeat: name a call, or start a new run"
                    .to_owned(),
            );
        };
        // A run that has ended let its blobs go: what they came from is asked again.
        let first_blob = journal
            .outcomes
            .iter()
            .filter(|outcome| names_blob(&outcome.result))
            .map(|outcome| outcome.at.call)
            .min();
        Ok(first_blob.map_or(from, |blob| blob.min(from)))
    }

    /// Takes a run up again; answers from which call on.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`, with the reason.
    pub async fn retry(&self, tenant: &TenantId, run: RunId, from: Option<u32>, by: &str) -> Result<u32, StoreError> {
        let view = self.store.run(tenant, run).await?;
        let from = self.retry_point(&view, from).await?;
        self.store.retry(tenant, run, from).await?;
        tracing::info!(audit = "retry", tenant.id = %tenant, run.id = %run, from, by, "a run is taken up again");
        self.queue.wake();
        Ok(from)
    }

    /// Takes up again what a deployment did not do since a moment, newest first; with `dry_run` it only says what it would take up.
    ///
    /// # Errors
    /// `NotFound`, or the store's.
    pub async fn redrive(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        order: &Order,
        by: &str,
    ) -> Result<Redrive, StoreError> {
        self.store.deployment(tenant, deployment).await?;
        let redrive = match order.state {
            Which::Failed => {
                self.redrive_runs(tenant, deployment, order, RunState::Failed, by)
                    .await?
            }
            Which::Partial => {
                self.redrive_runs(tenant, deployment, order, RunState::Partial, by)
                    .await?
            }
            Which::Ignored => self.redrive_events(tenant, deployment, order).await?,
        };
        let taken = redrive.items.iter().filter(|item| item.refused.is_none()).count();
        tracing::info!(audit = "redrive", tenant.id = %tenant, %deployment, ?order, taken, by, "a deployment is redriven");
        Ok(redrive)
    }

    async fn redrive_runs(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        order: &Order,
        state: RunState,
        by: &str,
    ) -> Result<Redrive, StoreError> {
        let (mut redrive, mut before, mut looked, mut taken) = (Redrive::default(), None, 0, 0);
        loop {
            let filter = RunFilter {
                deployment: Some(deployment.clone()),
                state: Some(state),
                before,
                limit: PAGE,
            };
            let page = self.store.runs(tenant, filter).await?;
            for view in &page {
                // Ids, and with them pages, are in the order of creation.
                if view.created_at < order.since {
                    return Ok(redrive);
                }
                if taken >= order.most() || looked >= LOOKED_AT {
                    redrive.more = true;
                    return Ok(redrive);
                }
                looked += 1;
                before = Some(view.id);
                let done = if order.dry_run {
                    self.retry_point(view, None).await
                } else {
                    self.retry(tenant, view.id, None, by).await
                };
                let (from, refused) = match done {
                    Ok(from) => (Some(from), None),
                    Err(StoreError::Conflict(why)) => (None, Some(why)),
                    Err(error) => return Err(error),
                };
                taken += usize::from(refused.is_none());
                redrive.items.push(Redriven {
                    run: Some(view.id),
                    from,
                    refused,
                    ..Redriven::default()
                });
            }
            if page.len() < PAGE as usize {
                return Ok(redrive);
            }
        }
    }

    async fn redrive_events(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        order: &Order,
    ) -> Result<Redrive, StoreError> {
        let bound = self.store.deployment(tenant, deployment).await?.current.bindings;
        let (mut redrive, mut before, mut looked) = (Redrive::default(), None, 0);
        loop {
            let filter = DeliveryFilter {
                connection: None,
                deployment: None,
                state: Some(DeliveryState::Ignored),
                failed: false,
                since: Some(order.since),
                before,
                limit: PAGE,
            };
            let page = self.store.deliveries(tenant, filter).await?;
            for view in &page {
                before = Some(view.id);
                if redrive.items.len() >= order.most() || looked >= LOOKED_AT {
                    redrive.more = true;
                    return Ok(redrive);
                }
                looked += 1;
                if !bound.values().any(|connection| *connection == view.connection) {
                    continue;
                }
                let stored = self.store.delivery(tenant, view.id).await?;
                let Verdict::Start(runs) = self.hooks.evaluate(tenant, &stored)? else {
                    continue;
                };
                if !runs.iter().any(|run| run.run.deployment == *deployment) {
                    continue;
                }
                let run = if order.dry_run {
                    None
                } else {
                    self.hooks.reevaluate(tenant, view.id).await?.runs.first().copied()
                };
                redrive.items.push(Redriven {
                    event: Some(view.id),
                    run,
                    ..Redriven::default()
                });
            }
            if page.len() < PAGE as usize {
                return Ok(redrive);
            }
        }
    }
}

/// Does a recorded result name a blob?
fn names_blob(result: &str) -> bool {
    fn inside(value: &Value) -> bool {
        match value {
            Value::Object(members) => {
                (members.contains_key("sha256") && members.contains_key("size")) || members.values().any(inside)
            }
            Value::Array(items) => items.iter().any(inside),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    result.contains("\"sha256\"") && serde_json::from_str(result).is_ok_and(|value: Value| inside(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_with_a_blob_in_it_is_known() {
        assert!(names_blob(
            r#"{"Ok":{"parts":[{"name":"a","media_type":"b","size":1,"sha256":"00"}]}}"#
        ));
        assert!(!names_blob(r#"{"Ok":["sha256 and size"]}"#) && !names_blob(r#"{"Err":"NotFound"}"#));
    }
}
