//! Which runs may start now, and whose turn is it?

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::event::Event;
use synapse_domain::ids::{RunId, TenantId};

use super::columns::{Columns as _, int, run_key};
use super::job::{Job, Tx};
use super::pauses::not_paused;
use super::script::{Ran, Script};
use crate::error::StoreError;
use crate::records::{Claimed, Lease, RunFacts};
use crate::traits::Result;

/// The tenant that got the last turn: the next claim goes on after it. Lost at a restart, when every queue is new anyway.
pub(super) type Turn = Arc<Mutex<Option<TenantId>>>;

/// Claims runs for a node.
pub(super) struct Claim {
    pub(super) node: String,
    pub(super) now: Timestamp,
    pub(super) want: u32,
    pub(super) tenant_places: u32,
    pub(super) turn: Turn,
}

/// Runs of nodes that are gone. The first EXISTS is looked at once, so that nothing is scanned while every node is alive.
const ORPHANED: &str = "
    UPDATE runs INDEXED BY runs_active SET state = 'queued', node = NULL
    WHERE state = 'running' AND ended_at IS NULL AND EXISTS (SELECT 1 FROM nodes WHERE until <= ?)
        AND node IN (SELECT name FROM nodes WHERE until <= ?)";
const DUE: &str = "UPDATE runs SET state = 'queued', wake_at = NULL WHERE wake_at <= ? AND state = 'waiting'";
/// Runs that drain after a pause, one after the other.
const LET_GO: &str = "UPDATE runs SET hold_until = NULL WHERE hold_until <= ?";
/// The oldest queued runs of every deployment that has a place: ids as hexadecimal, one after the other. Left alone, SQLite would walk
/// through the tenant's whole history here (`INDEXED BY`).
const CANDIDATES: &str = concat!(
    "SELECT d.tenant, d.concurrency - d.running, (SELECT sum(t.running) FROM deployments AS t WHERE t.tenant = d.tenant),
        (SELECT group_concat(hex(id), '') FROM (
            SELECT id FROM runs AS r INDEXED BY runs_active
            WHERE r.state = 'queued' AND r.tenant = d.tenant AND r.deployment = d.name AND r.ended_at IS NULL AND r.hold_until IS NULL
                AND (r.in_order = 0 OR NOT EXISTS (SELECT 1 FROM runs AS o INDEXED BY runs_active
                    WHERE o.state IN ('running', 'queued', 'waiting', 'in_doubt') AND o.tenant = r.tenant AND o.deployment = r.deployment
                        AND o.ended_at IS NULL AND o.id < r.id AND o.source = r.source))
                AND ",
    not_paused!(),
    " ORDER BY id LIMIT ?))
    FROM deployments AS d WHERE d.queued > 0 AND d.running < d.concurrency"
);
const TAKE: &str = "
    UPDATE runs SET state = 'running', node = ?, epoch = epoch + 1, started_at = coalesce(started_at, ?),
        barren = CASE WHEN epoch = 0 OR rows_at_claim IS NULL THEN barren
            WHEN rows_at_claim = (SELECT count(*) FROM journal WHERE tenant = runs.tenant AND run = runs.id) THEN barren + 1
            ELSE 0 END,
        rows_at_claim = CASE WHEN epoch = 0 THEN 0 ELSE (SELECT count(*) FROM journal WHERE tenant = runs.tenant AND run = runs.id) END
    WHERE tenant = ? AND id = ? AND state = 'queued'
    RETURNING epoch, deployment, version, event_type, created_at, cut, fingerprint, barren, retries, cancel_by IS NOT NULL, source, started_at";
const INPUT: &str = "SELECT seed, event_id, event_source, event_time, datacontenttype, data_blob FROM run_inputs WHERE tenant = ? AND run = ?";

#[async_trait]
impl Job for Claim {
    type Answer = Vec<Claimed>;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Vec<Claimed>> {
        let mut script = Script::default();
        let now = int(self.now);
        script
            .add(ORPHANED)
            .bind(now)
            .bind(now)
            .add(DUE)
            .bind(now)
            .add(LET_GO)
            .bind(now)
            .add(CANDIDATES)
            .bind(self.want);
        let ran = tx.ask(script).await?.complete()?;
        // Runs that only became queued again do not make the batch a durable one: whoever looks next finds them the same way.
        let chosen = self.choose(self.queues(&ran)?);
        let mut claimed = Vec::with_capacity(chosen.len());
        for (tenant, run) in chosen {
            claimed.push(self.take(tx, &tenant, run).await?);
            *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = Some(tenant);
        }
        Ok(claimed)
    }
}

impl Claim {
    /// Per tenant, the runs that have a place, oldest first.
    fn queues(&self, ran: &Ran) -> Result<BTreeMap<TenantId, VecDeque<RunId>>> {
        let mut queues: BTreeMap<TenantId, (u64, Vec<RunId>)> = BTreeMap::new();
        for row in ran.rows(3) {
            let places = u64::from(self.tenant_places).saturating_sub(row.count(2)?);
            let queue = queues.entry(row.parsed(0)?).or_insert((places, Vec::new()));
            let deployment_places = row.number(1)?;
            // None, where every queued run is held back.
            let ids = hex::decode(row.value::<Option<&str>>(3)?.unwrap_or_default())
                .map_err(|_| StoreError::Damaged("the list of queued runs".into()))?;
            let ids = ids
                .chunks_exact(16)
                .filter_map(|id| id.try_into().ok())
                .map(RunId::from_bytes);
            queue.1.extend(ids.take(deployment_places));
        }
        let oldest_first = |(places, mut runs): (u64, Vec<RunId>)| {
            runs.sort_unstable();
            runs.truncate(usize::try_from(places).unwrap_or(usize::MAX));
            runs.into()
        };
        Ok(queues
            .into_iter()
            .map(|(tenant, queue)| (tenant, oldest_first(queue)))
            .collect())
    }

    /// One run per tenant and round, beginning after the tenant that had the last turn.
    fn choose(&self, mut queues: BTreeMap<TenantId, VecDeque<RunId>>) -> Vec<(TenantId, RunId)> {
        let last = self.turn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (mut order, rest): (Vec<_>, Vec<_>) =
            queues.keys().cloned().partition(|tenant| Some(tenant) > last.as_ref());
        order.extend(rest);
        let mut chosen = Vec::new();
        let want = usize::try_from(self.want).unwrap_or(usize::MAX);
        while chosen.len() < want {
            let before = chosen.len();
            for tenant in &order {
                if chosen.len() < want
                    && let Some(run) = queues.get_mut(tenant).and_then(VecDeque::pop_front)
                {
                    chosen.push((tenant.clone(), run));
                }
            }
            if chosen.len() == before {
                break;
            }
        }
        chosen
    }

    async fn take(&self, tx: &mut Tx<'_>, tenant: &TenantId, id: RunId) -> Result<Claimed> {
        let mut script = Script::default();
        script
            .add(TAKE)
            .bind(self.node.as_str())
            .bind(int(self.now))
            .bind(tenant.as_str())
            .bind(run_key(id));
        script.add(INPUT).bind(tenant.as_str()).bind(run_key(id));
        let ran = tx.run(script).await?.complete()?;
        let lost = || StoreError::Damaged(format!("the queued run {id} has lost a part"));
        let (row, input) = (ran.row(0).ok_or_else(lost)?, ran.row(1).ok_or_else(lost)?);
        Ok(Claimed {
            lease: Lease {
                tenant: tenant.clone(),
                run: id,
                epoch: row.number(0)?,
                node: self.node.clone(),
            },
            run: RunFacts {
                tenant: tenant.clone(),
                id,
                deployment: row.parsed(1)?,
                version: row.number(2)?,
                event: Event {
                    id: input.value(1)?,
                    source: input.value(2)?,
                    kind: row.value(3)?,
                    time: input.count(3)?,
                    datacontenttype: input.value(4)?,
                    data: input.payload(5)?,
                },
                trigger: row.value(10)?,
                seed: input.bytes(0)?,
                created_at: row.count(4)?,
                started_at: row.count(11)?,
                cut: row.number(5)?,
                fingerprint: row.value(6)?,
                barren: row.number(7)?,
                retries: row.number(8)?,
                cancel_requested: row.value(9)?,
            },
        })
    }
}
