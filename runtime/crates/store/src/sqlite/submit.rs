//! How is a trigger accepted exactly once (G1), and when may its run start at once?

use async_trait::async_trait;
use synapse_domain::digest::Digest;
use synapse_domain::ids::RunId;
use synapse_domain::limits::QUEUED_RUNS;

use super::columns::{Columns as _, digest_key, int, run_key};
use super::job::{Job, Tx};
use super::script::Script;
use crate::codec;
use crate::error::StoreError;
use crate::records::{Claimed, Lease, NewRun, RunFacts, Submitted};
use crate::traits::Result;

/// Accepts a run.
pub(super) struct Submit {
    script: Script,
    run: NewRun,
    node: Option<String>,
}

/// Where something of the tenant is paused, a run is left to the next claim, which knows whether it is concerned.
/// One statement decides: known key, full queue, or a run that is queued or running. `free` is worked out once (`MATERIALIZED`).
const INSERT_RUN: &str = "
    WITH d AS MATERIALIZED (
        SELECT tenant, name, version,
            ? AND queued = 0 AND running < concurrency
                AND (SELECT sum(running) FROM deployments WHERE tenant = d.tenant) < ?
                AND NOT EXISTS (SELECT 1 FROM pauses WHERE tenant = d.tenant) AS free
        FROM deployments AS d WHERE tenant = ? AND name = ?)
    INSERT INTO runs (tenant, id, deployment, version, state, epoch, node, started_at, rows_at_claim, source, event_type, data_digest, created_at)
    SELECT tenant, ?, name, version, iif(free, 'running', 'queued'), free, iif(free, ?, NULL), iif(free, ?, NULL), iif(free, 0, NULL), ?, ?, ?, ?
    FROM d
    WHERE (free OR (SELECT sum(queued) FROM deployments WHERE tenant = d.tenant) < ?)
        AND NOT EXISTS (SELECT 1 FROM idempotency WHERE tenant = d.tenant AND key = ?)
    RETURNING version, epoch";
/// A caller that was told `Failed` may submit the very same run again, which is there: these two then find their rows.
const INSERT_INPUT: &str = "
    INSERT INTO run_inputs (tenant, run, seed, event_id, event_source, event_time, datacontenttype, data_blob)
    SELECT tenant, id, ?, ?, ?, ?, ?, ? FROM runs WHERE tenant = ? AND id = ?
    ON CONFLICT DO NOTHING";
const INSERT_KEY: &str = "
    INSERT INTO idempotency (tenant, key, digest, run, created_at)
    SELECT tenant, ?, ?, id, created_at FROM runs WHERE tenant = ? AND id = ?
    ON CONFLICT DO NOTHING";

impl Submit {
    pub(super) fn new(run: NewRun, claim: Option<String>, tenant_places: u32) -> Result<Self> {
        let mut script = Script::default();
        let (tenant, id) = (run.tenant.as_str(), run_key(run.id));
        script.add(INSERT_RUN);
        script
            .bind(claim.is_some())
            .bind(tenant_places)
            .bind(tenant)
            .bind(run.deployment.as_str());
        script.bind(id.clone()).bind(claim.as_deref()).bind(int(run.created_at));
        script
            .bind(run.trigger.as_str())
            .bind(run.event.kind.as_str())
            .bind(digest_key(&Digest::of(run.event.data.as_bytes())));
        script
            .bind(int(run.created_at))
            .bind(int(QUEUED_RUNS))
            .bind(run.idempotency.as_ref().map(|(key, _)| key.as_str()));
        script
            .add(INSERT_INPUT)
            .bind(run.seed.to_vec())
            .bind(run.event.id.as_str())
            .bind(run.event.source.as_str());
        script
            .bind(int(run.event.time))
            .bind(run.event.datacontenttype.as_str())
            .bind(codec::encode(&run.event.data)?);
        script.bind(tenant).bind(id.clone());
        if let Some((key, request)) = &run.idempotency {
            script
                .add(INSERT_KEY)
                .bind(key.as_str())
                .bind(digest_key(request))
                .bind(tenant)
                .bind(id);
        }
        Ok(Self {
            script,
            run,
            node: claim,
        })
    }

    /// Why was no run inserted?
    async fn explain(&self, tx: &mut Tx<'_>) -> Result<Submitted> {
        let mut script = Script::default();
        let tenant = self.run.tenant.as_str();
        script.add("SELECT run, digest FROM idempotency WHERE tenant = ? AND key = ?");
        script
            .bind(tenant)
            .bind(self.run.idempotency.as_ref().map(|(key, _)| key.as_str()));
        script
            .add("SELECT 1 FROM deployments WHERE tenant = ? AND name = ?")
            .bind(tenant)
            .bind(self.run.deployment.as_str());
        let ran = tx.ask(script).await?.complete()?;
        if let Some(known) = ran.row(0) {
            let (first, digest): (RunId, [u8; 32]) = (known.run_id(0)?, known.bytes(1)?);
            return match &self.run.idempotency {
                Some((_, request)) if *request.as_bytes() == digest => Ok(Submitted {
                    run: first,
                    created: false,
                    claimed: None,
                }),
                _ => Err(StoreError::Conflict(
                    "the idempotency key was used with another request: use a new key for a new request".into(),
                )),
            };
        }
        Err(if ran.row(1).is_some() {
            StoreError::Quota("queued-runs")
        } else {
            StoreError::NotFound
        })
    }
}

#[async_trait]
impl Job for Submit {
    type Answer = Submitted;

    async fn run(mut self, tx: &mut Tx<'_>) -> Result<Submitted> {
        let ran = tx.ask(std::mem::take(&mut self.script)).await?;
        if ran.is_duplicate() {
            return Err(StoreError::Conflict(format!(
                "a run with the id {} exists",
                self.run.id
            )));
        }
        let ran = ran.complete()?;
        let Some(row) = ran.row(0) else {
            return self.explain(tx).await;
        };
        tx.changed();
        let (version, epoch) = (row.number(0)?, row.number(1)?);
        let Self { run, node, .. } = self;
        let id = run.id;
        let claimed = node.filter(|_| epoch > 0).map(|node| Claimed {
            lease: Lease {
                tenant: run.tenant.clone(),
                run: id,
                epoch,
                node,
            },
            run: RunFacts {
                tenant: run.tenant,
                id,
                deployment: run.deployment,
                version,
                event: run.event,
                trigger: run.trigger,
                seed: run.seed,
                created_at: run.created_at,
                started_at: run.created_at,
                cut: 0,
                fingerprint: None,
                barren: 0,
                retries: 0,
                cancel_requested: false,
            },
        });
        Ok(Submitted {
            run: id,
            created: true,
            claimed,
        })
    }
}
