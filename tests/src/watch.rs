//! How does a test watch a source: look now, and wait until nothing of what was found is under way?

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::World;

/// Looks until everything is done; more would be a loop.
const LOOKS: usize = 100;

impl World {
    /// Where a trigger of a tenant's deployment is.
    pub fn trigger(tenant: &str, deployment: &str, trigger: &str) -> String {
        format!("/v1/tenants/{tenant}/deployments/{deployment}/triggers/{trigger}")
    }

    /// Looks at a source now; answers its cursor.
    pub async fn look(&self, trigger: &str) -> anyhow::Result<Value> {
        let path = format!("{trigger}/look");
        self.operator().json("POST", &path, &[], &json!({})).await?.ok()
    }

    /// A source's cursor.
    pub async fn cursor(&self, trigger: &str) -> anyhow::Result<Value> {
        self.operator().get(&format!("{trigger}/cursor")).await?.ok()
    }

    /// The items of a source in a state.
    pub async fn items(&self, trigger: &str, state: &str) -> anyhow::Result<Vec<Value>> {
        let path = format!("{trigger}/items?state={state}&limit=1000");
        let items = self.operator().get(&path).await?.ok()?;
        Ok(items["items"].as_array().cloned().unwrap_or_default())
    }

    /// The runs of a deployment that a source trigger started, oldest first.
    pub async fn source_runs(&self, tenant: &str, deployment: &str) -> anyhow::Result<Vec<Value>> {
        let path = format!("/v1/tenants/{tenant}/runs?deployment={deployment}&limit=100");
        let runs = self.operator().get(&path).await?.ok()?;
        let mut runs = runs["runs"].as_array().cloned().unwrap_or_default();
        runs.retain(|run| {
            run["trigger"]
                .as_str()
                .is_some_and(|trigger| trigger.starts_with("source:"))
        });
        runs.reverse();
        Ok(runs)
    }

    /// Looks, and waits for the runs, until nothing waits and nothing is under way; answers the cursor.
    pub async fn drain_source(&self, tenant: &str, deployment: &str, trigger: &str) -> anyhow::Result<Value> {
        let path = Self::trigger(tenant, deployment, trigger);
        for _ in 0..LOOKS {
            let cursor = self.look(&path).await?;
            let under_way = ["live", "backlog", "handed"].map(|name| cursor["items"][name].as_u64().unwrap_or(0));
            let backfill = cursor["backfill"].is_object() && cursor["backfill"]["ended"].is_null();
            if under_way == [0, 0, 0] && !backfill && cursor["position"]["gap"].is_null() {
                return Ok(cursor);
            }
            for run in self.source_runs(tenant, deployment).await? {
                let id = run["id"].as_str().context("a run has an id")?;
                self.end_of(tenant, id).await?;
            }
        }
        anyhow::bail!("the source is not drained: {:#}", self.cursor(&path).await?)
    }
}
