//! How is a run accepted, claimed, ended and shown?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{DeploymentName, RunId, TenantId};
use synapse_domain::run::RunState;

use super::again::Retry;
use super::cancel::Cancel;
use super::claim::Claim;
use super::columns::{Columns as _, digest_key, int, record, run_key};
use super::end::Attempt;
use super::job::{Job, Tx};
use super::script::Script;
use super::store::SqliteStore;
use super::submit::Submit;
use crate::journal::Entry;
use crate::records::{Claimed, Lease, NewRun, RunEnd, RunFilter, RunView, Submitted};
use crate::traits::{Result, Runs};

/// Most runs of one page.
const PAGE: u32 = 100;

macro_rules! view {
    ($rest:literal) => {
        concat!(
            "SELECT id, deployment, version, state, source, event_type, created_at, started_at, ended_at, epoch, answer_blob, ",
            "problem_blob, fuel, wake_at FROM runs WHERE tenant = ? AND ",
            $rest
        )
    };
}

const RUN: &str = view!("id = ?");
const RUNS: &str = view!(
    "id < coalesce(?, x'ffffffffffffffffffffffffffffffffff') AND (? IS NULL OR deployment = ?) AND (? IS NULL OR state = ?) \
     ORDER BY id DESC LIMIT ?"
);
const ACTIVE: &str = "SELECT id FROM runs INDEXED BY runs_active WHERE state IN ('running', 'queued', 'waiting', 'in_doubt') AND tenant = ? AND deployment = ? \
    AND ended_at IS NULL AND source = ? AND data_digest = ? ORDER BY id LIMIT 1";

#[async_trait]
impl Runs for SqliteStore {
    async fn submit(&self, run: NewRun, claim: Option<String>, tenant_places: u32) -> Result<Submitted> {
        self.writer().write(Submit::new(run, claim, tenant_places)?).await
    }

    async fn claim(&self, node: &str, now: Timestamp, want: u32, tenant_places: u32) -> Result<Vec<Claimed>> {
        self.writer()
            .write(Claim {
                node: node.to_owned(),
                now,
                want,
                tenant_places,
                turn: self.turn(),
            })
            .await
    }

    async fn any_queued(&self) -> Result<bool> {
        let query = "SELECT 1 FROM runs WHERE state = 'queued' AND ended_at IS NULL LIMIT 1";
        Ok(sqlx::query(query).fetch_optional(self.reader()).await?.is_some())
    }

    async fn retry(&self, tenant: &TenantId, run: RunId, from: u32) -> Result<()> {
        let tenant = tenant.clone();
        self.writer().write(Retry { tenant, run, from }).await
    }

    async fn next_wake(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(at) FROM (SELECT min(wake_at) AS at FROM runs WHERE wake_at IS NOT NULL \
            UNION ALL SELECT min(hold_until) FROM runs WHERE hold_until IS NOT NULL)";
        let row = sqlx::query(sql).fetch_one(self.reader()).await?;
        row.optional_number(0)
    }

    async fn heartbeat(&self, node: &str, until: Timestamp) -> Result<()> {
        self.writer()
            .write(Heartbeat {
                node: node.to_owned(),
                until,
            })
            .await
    }

    async fn end(&self, lease: &Lease, entries: Vec<Entry>, end: RunEnd) -> Result<()> {
        self.writer().write(Attempt::end(lease, entries, &end)?).await
    }

    async fn release(&self, lease: &Lease, entries: Vec<Entry>) -> Result<()> {
        self.writer().write(Attempt::release(lease, entries)?).await
    }

    async fn cancel(&self, tenant: &TenantId, run: RunId, by: &str, now: Timestamp) -> Result<RunState> {
        self.writer()
            .write(Cancel {
                tenant: tenant.clone(),
                run,
                by: by.to_owned(),
                now,
            })
            .await
    }

    async fn run(&self, tenant: &TenantId, run: RunId) -> Result<RunView> {
        let row = sqlx::query(RUN)
            .bind(tenant.as_str())
            .bind(run_key(run))
            .fetch_one(self.reader())
            .await?;
        view(tenant, &row)
    }

    async fn runs(&self, tenant: &TenantId, filter: RunFilter) -> Result<Vec<RunView>> {
        let (deployment, state) = (
            filter.deployment.as_ref().map(DeploymentName::as_str),
            filter.state.map(RunState::as_str),
        );
        let rows = sqlx::query(RUNS).bind(tenant.as_str()).bind(filter.before.map(run_key));
        let rows = rows
            .bind(deployment)
            .bind(deployment)
            .bind(state)
            .bind(state)
            .bind(filter.limit.clamp(1, PAGE));
        rows.fetch_all(self.reader())
            .await?
            .iter()
            .map(|row| view(tenant, row))
            .collect()
    }

    async fn active_run(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        trigger: &str,
        data: &str,
    ) -> Result<Option<RunId>> {
        let row = sqlx::query(ACTIVE)
            .bind(tenant.as_str())
            .bind(deployment.as_str())
            .bind(trigger);
        let row = row
            .bind(digest_key(&Digest::of(data.as_bytes())))
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.run_id(0)).transpose()
    }
}

fn view(tenant: &TenantId, row: &SqliteRow) -> Result<RunView> {
    Ok(RunView {
        tenant: tenant.clone(),
        id: row.run_id(0)?,
        deployment: row.parsed(1)?,
        version: row.number(2)?,
        state: row.named(3, RunState::parse)?,
        trigger: row.value(4)?,
        event_type: row.value(5)?,
        created_at: row.count(6)?,
        started_at: row.optional_number(7)?,
        ended_at: row.optional_number(8)?,
        attempts: row.number(9)?,
        answer: row.optional_payload(10)?,
        problem: row.optional_payload(11)?.map(|text| record(&text)).transpose()?,
        fuel: row.optional_number(12)?,
        wake_at: row.optional_number(13)?,
    })
}

/// Extends a node's lease.
struct Heartbeat {
    node: String,
    until: Timestamp,
}

#[async_trait]
impl Job for Heartbeat {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        script.add(
            "INSERT INTO nodes (name, until) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET until = excluded.until",
        );
        script.bind(self.node).bind(int(self.until));
        tx.run(script).await?.complete().map(drop)
    }
}
