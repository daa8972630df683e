//! How is a run that did not succeed taken up again? (G6)

use async_trait::async_trait;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::run::RunState;

use super::columns::{Columns as _, run_key};
use super::end::{SUPERSEDE_CALLS, SUPERSEDE_LINES};
use super::job::{Job, Tx};
use super::script::Script;
use crate::error::StoreError;
use crate::traits::Result;

/// Sets a run's journal aside from a call on, and queues it.
pub(super) struct Retry {
    pub(super) tenant: TenantId,
    pub(super) run: RunId,
    pub(super) from: u32,
}

const RUN: &str = "SELECT state FROM runs WHERE tenant = ? AND id = ?";
/// Effects from the call on of which nobody knows whether they happened: setting their intents aside would send them blindly.
const IN_DOUBT: &str = "
    SELECT min(i.call) FROM journal AS i
    WHERE i.tenant = ? AND i.run = ? AND i.call >= ? AND i.kind = 'i' AND i.superseded = 0 AND NOT EXISTS (
        SELECT 1 FROM journal AS o WHERE o.tenant = i.tenant AND o.run = i.run AND o.call = i.call AND o.item = i.item
            AND o.kind = 'o' AND o.superseded = 0)";
const LAST: &str = "SELECT max(call) FROM journal WHERE tenant = ? AND run = ? AND superseded = 0";
const QUEUE: &str = "
    UPDATE runs SET state = 'queued', node = NULL, wake_at = NULL, cut = cut + 1, barren = 0, rows_at_claim = NULL, retries = 0,
        cancel_by = NULL, ended_at = NULL, answer_blob = NULL, problem_blob = NULL
    WHERE tenant = ? AND id = ?";

#[async_trait]
impl Job for Retry {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let (tenant, run) = (self.tenant.as_str(), run_key(self.run));
        let mut script = Script::default();
        script.add(RUN).bind(tenant).bind(run.clone());
        script.add(IN_DOUBT).bind(tenant).bind(run.clone()).bind(self.from);
        script.add(LAST).bind(tenant).bind(run.clone());
        let ran = tx.ask(script).await?.complete()?;
        let state = ran.row(0).ok_or(StoreError::NotFound)?.named(0, RunState::parse)?;
        if !matches!(state, RunState::Failed | RunState::Partial) {
            let why = format!(
                "the run is `{}`: a retry is for runs that are `failed` or `partial`",
                state.as_str()
            );
            return Err(StoreError::Conflict(why));
        }
        let doubt: Option<u32> = ran.row(1).map(|row| row.optional_number(0)).transpose()?.flatten();
        if let Some(call) = doubt {
            return Err(StoreError::Conflict(format!(
                "whether call {call} took effect is not known: retry from call {} or later, so that it is settled first",
                call.saturating_add(1)
            )));
        }
        let last: Option<u32> = ran.row(2).map(|row| row.optional_number(0)).transpose()?.flatten();
        let end = last.map_or(0, |last| last.saturating_add(1));
        if self.from > end {
            return Err(StoreError::Conflict(format!(
                "the journal has {end} call(s): there is no call {}",
                self.from
            )));
        }
        let mut script = Script::default();
        for sql in [SUPERSEDE_CALLS, SUPERSEDE_LINES] {
            script
                .add(sql)
                .bind(tenant)
                .bind(run.clone())
                .bind(tenant)
                .bind(run.clone())
                .bind(self.from);
        }
        script.add(QUEUE).bind(tenant).bind(run);
        tx.run(script).await?.complete().map(drop)
    }
}
