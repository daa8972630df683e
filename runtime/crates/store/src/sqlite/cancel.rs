//! How is a run asked to stop?

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::run::RunState;

use super::blobs::LET_GO;
use super::columns::{Columns as _, int, json, record, run_key};
use super::job::{Job, Tx};
use super::script::Script;
use crate::codec;
use crate::error::StoreError;
use crate::records::Problem;
use crate::traits::Result;

/// Stops a run that holds no instance, or marks one that does.
pub(super) struct Cancel {
    pub(super) tenant: TenantId,
    pub(super) run: RunId,
    pub(super) by: String,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Job for Cancel {
    type Answer = RunState;

    async fn run(self, tx: &mut Tx<'_>) -> Result<RunState> {
        let (tenant, run) = (self.tenant.as_str(), run_key(self.run));
        let mut script = Script::default();
        script
            .add("SELECT state, problem_blob FROM runs WHERE tenant = ? AND id = ?")
            .bind(tenant)
            .bind(run.clone());
        let ran = tx.ask(script).await?.complete()?;
        let row = ran.row(0).ok_or(StoreError::NotFound)?;
        let state = row.named(0, RunState::parse)?;
        let mut script = Script::default();
        let after = match state {
            RunState::Running => {
                script
                    .add("UPDATE runs SET cancel_by = coalesce(cancel_by, ?) WHERE tenant = ? AND id = ?")
                    .bind(self.by);
                script.bind(tenant).bind(run);
                RunState::Running
            }
            RunState::Queued | RunState::Waiting | RunState::InDoubt => {
                // What was in doubt stays visible: nobody has found out whether it happened.
                let evidence = row
                    .optional_payload(1)?
                    .map(|text| record::<Problem>(&text))
                    .transpose()?
                    .and_then(|problem| problem.detail);
                let problem = Problem {
                    code: "cancelled".into(),
                    message: format!("stopped by {}", self.by),
                    detail: evidence,
                };
                let problem = codec::encode(&json(&problem)?)?;
                script.add("UPDATE runs SET state = 'cancelled', node = NULL, wake_at = NULL, cancel_by = ?, ended_at = ?, problem_blob = ? WHERE tenant = ? AND id = ?");
                script
                    .bind(self.by)
                    .bind(int(self.now))
                    .bind(problem)
                    .bind(tenant)
                    .bind(run.clone());
                script.add(LET_GO).bind(tenant).bind(run);
                RunState::Cancelled
            }
            RunState::Succeeded | RunState::Partial | RunState::Failed | RunState::Cancelled | RunState::Diverged => {
                return Err(StoreError::Conflict(format!(
                    "the run has ended: it is `{}`",
                    state.as_str()
                )));
            }
        };
        tx.run(script).await?.complete()?;
        Ok(after)
    }
}
