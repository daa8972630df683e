//! How does an attempt leave its run: for good, for a while, or for another node?

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::run::RunState;

use super::blobs::LET_GO;
use super::cancel::Cancel;
use super::columns::{Columns as _, int, json, run_key};
use super::entries::{Rows, fenced, held};
use super::job::{Job, Tx};
use super::script::Script;
use crate::codec;
use crate::error::StoreError;
use crate::journal::Entry;
use crate::records::{Lease, RunEnd};
use crate::traits::Result;

/// What an attempt writes about its own run: entries alone, or entries and an end.
pub(super) struct Attempt {
    script: Script,
    /// Set if the run is to go on later.
    pause: Option<Pause>,
}

/// Somebody who asked for a stop meanwhile gets it, rather than a run that wakes again.
struct Pause {
    lease: Lease,
    at: Timestamp,
}

/// Sets the journal from a call on aside. A line belongs to the calls before it, so one that has seen exactly `call` calls still counts.
pub(super) const SUPERSEDE_CALLS: &str = "
    UPDATE journal SET superseded = (SELECT 1 + max(superseded) FROM journal WHERE tenant = ? AND run = ?)
    WHERE tenant = ? AND run = ? AND call >= ? AND superseded = 0";
pub(super) const SUPERSEDE_LINES: &str = "
    UPDATE lines SET superseded = (SELECT 1 + max(superseded) FROM lines WHERE tenant = ? AND run = ?)
    WHERE tenant = ? AND run = ? AND call > ? AND superseded = 0";
const END: &str = "
    UPDATE runs SET state = ?, node = NULL, barren = 0, rows_at_claim = NULL, fuel = ?, fingerprint = ?, wake_at = ?, cut = cut + ?, retries = retries + ?,
        ended_at = ?, answer_blob = ?, problem_blob = ?
    WHERE tenant = ? AND id = ?";
const RELEASE: &str = "UPDATE runs SET state = 'queued', node = NULL, rows_at_claim = NULL WHERE tenant = ? AND id = ?";

impl Attempt {
    /// Appends entries.
    pub(super) fn append(lease: &Lease, entries: Vec<Entry>) -> Result<Self> {
        let rows = Rows::encode(entries)?;
        let mut script = fenced(lease);
        rows.insert(&mut script, lease);
        Ok(Self { script, pause: None })
    }

    /// Appends entries and gives the run back.
    pub(super) fn release(lease: &Lease, entries: Vec<Entry>) -> Result<Self> {
        let mut attempt = Self::append(lease, entries)?;
        attempt
            .script
            .add(RELEASE)
            .bind(lease.tenant.as_str())
            .bind(run_key(lease.run));
        Ok(attempt)
    }

    /// Appends entries and ends the attempt.
    pub(super) fn end(lease: &Lease, entries: Vec<Entry>, end: &RunEnd) -> Result<Self> {
        // Not final: the run goes on by a clock or by a person.
        let open = match (end.state, end.wake) {
            (RunState::Waiting, Some(_)) | (RunState::InDoubt, None) => true,
            (
                RunState::Succeeded | RunState::Partial | RunState::Failed | RunState::Cancelled | RunState::Diverged,
                None,
            ) => false,
            (state, _) => {
                return Err(StoreError::Conflict(format!(
                    "an attempt cannot end `{}` like this",
                    state.as_str()
                )));
            }
        };
        let mut attempt = Self::append(lease, entries)?;
        let script = &mut attempt.script;
        let (tenant, run) = (lease.tenant.as_str(), run_key(lease.run));
        let cut_from = end.wake.and_then(|(_, call)| call);
        if let Some(call) = cut_from {
            for sql in [SUPERSEDE_CALLS, SUPERSEDE_LINES] {
                script
                    .add(sql)
                    .bind(tenant)
                    .bind(run.clone())
                    .bind(tenant)
                    .bind(run.clone())
                    .bind(call);
            }
        }
        let payload = |text: Option<String>| text.as_deref().map(codec::encode).transpose();
        let problem = payload(end.problem.as_ref().map(json).transpose()?)?;
        script
            .add(END)
            .bind(end.state.as_str())
            .bind(end.fuel.map(int))
            .bind(end.fingerprint.as_str());
        script
            .bind(end.wake.map(|(at, _)| int(at)))
            .bind(cut_from.is_some())
            .bind(cut_from.is_some());
        script
            .bind((!open).then(|| int(end.at)))
            .bind(payload(end.answer.clone())?)
            .bind(problem)
            .bind(tenant)
            .bind(run.clone());
        if !open {
            script.add(LET_GO).bind(tenant).bind(run);
        }
        attempt.pause = open.then(|| Pause {
            lease: lease.clone(),
            at: end.at,
        });
        Ok(attempt)
    }
}

#[async_trait]
impl Job for Attempt {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let ran = held(tx.run(self.script).await?)?;
        let stopped_by = ran
            .row(0)
            .map(|row| row.value::<Option<String>>(0))
            .transpose()?
            .flatten();
        if let (Some(by), Some(Pause { lease, at })) = (stopped_by, self.pause) {
            Cancel {
                tenant: lease.tenant,
                run: lease.run,
                by,
                now: at,
            }
            .run(tx)
            .await?;
        }
        Ok(())
    }
}
