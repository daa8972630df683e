//! Which events came in through a connection, and how long are they kept?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::hive::{Action, Object, Via};
use synapse_domain::ids::{ConnectionName, DeliveryId, DeploymentName, TenantId};
use synapse_domain::run::RunState;

use super::columns::{Columns as _, int};
use super::deliver::{Deliver, Settle};
use super::job::{Job, Tx};
use super::script::Script;
use super::store::SqliteStore;
use crate::deliveries::{
    Delivered, Deliveries, Delivery, DeliveryFilter, DeliveryRun, DeliveryState, HookCounts, Keep, Mark, NewDelivery,
    StoredDelivery, Told, Verdict,
};
use crate::traits::Result;

/// Most events of one page.
const PAGE: u32 = 100;

macro_rules! view {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT id, connection, event, object_id, via, event_time, received_at, state, reason, duplicates, last_at",
            $more,
            " FROM deliveries AS d WHERE tenant = ? AND ",
            $rest
        )
    };
}

const ONE: &str = view!(", key, data_blob, moment, exact", "id = ?");
const LIST: &str = view!(
    "",
    "id < coalesce(?, x'ffffffffffffffffffffffffffffffffff') AND (? IS NULL OR connection = ?) AND (? IS NULL OR state = ?) \
     AND (? IS NULL OR received_at >= ?) \
     AND (? IS NULL OR EXISTS (SELECT 1 FROM delivery_runs AS r WHERE r.tenant = d.tenant AND r.delivery = d.id AND r.deployment = ?)) \
     AND (NOT ? OR EXISTS (SELECT 1 FROM delivery_runs AS r JOIN runs ON runs.tenant = r.tenant AND runs.id = r.run \
        WHERE r.tenant = d.tenant AND r.delivery = d.id AND runs.state = 'failed')) \
     ORDER BY id DESC LIMIT ?"
);
const RUNS: &str = "SELECT r.deployment, r.trigger, r.run, runs.state FROM delivery_runs AS r \
    JOIN runs ON runs.tenant = r.tenant AND runs.id = r.run WHERE r.tenant = ? AND r.delivery = ? ORDER BY r.deployment, r.trigger";
const TOLD: &str = "SELECT action, moment FROM deliveries INDEXED BY deliveries_told WHERE tenant = ? AND connection = ? \
    AND object = ? AND object_id = ? AND moment IS NOT NULL ORDER BY moment DESC LIMIT 100";
const COUNTS: &str = "SELECT received, duplicates, accepted, ignored, pending, found, last_received_at, last_accepted_at, \
    last_ignored_at, last_ignored_reason, last_found_at FROM hooks WHERE tenant = ? AND connection = ?";

#[async_trait]
impl Deliveries for SqliteStore {
    async fn deliver(&self, delivery: NewDelivery) -> Result<Delivered> {
        self.writer().write(Deliver(delivery)).await
    }

    async fn settle(&self, tenant: &TenantId, id: DeliveryId, verdict: Verdict, now: Timestamp) -> Result<Delivered> {
        self.writer()
            .write(Settle {
                tenant: tenant.clone(),
                id,
                verdict,
                now,
            })
            .await
    }

    async fn delivery(&self, tenant: &TenantId, id: DeliveryId) -> Result<StoredDelivery> {
        let row = sqlx::query(ONE)
            .bind(tenant.as_str())
            .bind(id.as_bytes().to_vec())
            .fetch_one(self.reader())
            .await?;
        let moment: Option<u64> = row.optional_number(13)?;
        let exact = row.value(14)?;
        Ok(StoredDelivery {
            view: self.with_runs(tenant, view(&row)?).await?,
            key: row.value(11)?,
            data: row.payload(12)?,
            moment: moment.map(|at| (at, exact)),
        })
    }

    async fn deliveries(&self, tenant: &TenantId, filter: DeliveryFilter) -> Result<Vec<Delivery>> {
        let connection = filter.connection.as_ref().map(ConnectionName::as_str);
        let deployment = filter.deployment.as_ref().map(DeploymentName::as_str);
        let (state, since) = (filter.state.map(DeliveryState::as_str), filter.since.map(int));
        let rows = sqlx::query(LIST)
            .bind(tenant.as_str())
            .bind(filter.before.map(|id| id.as_bytes().to_vec()))
            .bind(connection)
            .bind(connection)
            .bind(state)
            .bind(state)
            .bind(since)
            .bind(since)
            .bind(deployment)
            .bind(deployment)
            .bind(filter.failed)
            .bind(filter.limit.clamp(1, PAGE))
            .fetch_all(self.reader())
            .await?;
        let mut list = Vec::with_capacity(rows.len());
        for row in &rows {
            list.push(self.with_runs(tenant, view(row)?).await?);
        }
        Ok(list)
    }

    async fn pending_deliveries(
        &self,
        after: Option<(Timestamp, DeliveryId)>,
        limit: u32,
    ) -> Result<Vec<(TenantId, DeliveryId, Timestamp)>> {
        let sql = "SELECT tenant, id, received_at FROM deliveries WHERE state = 'pending' AND (received_at, id) > (?, ?) \
            ORDER BY received_at, id LIMIT ?";
        let (time, id) = after.map_or((0, Vec::new()), |(time, id)| (time, id.as_bytes().to_vec()));
        let rows = sqlx::query(sql)
            .bind(int(time))
            .bind(id)
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.iter()
            .map(|row| Ok((row.parsed(0)?, DeliveryId::from_bytes(row.bytes(1)?), row.count(2)?)))
            .collect()
    }

    async fn told(
        &self,
        tenant: &TenantId,
        connection: &ConnectionName,
        object: Object,
        object_id: &str,
    ) -> Result<Vec<Told>> {
        let rows = sqlx::query(TOLD)
            .bind(tenant.as_str())
            .bind(connection.as_str())
            .bind(object.as_str())
            .bind(object_id)
            .fetch_all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Told {
                    action: row.named(0, Action::parse)?,
                    moment: row.count(1)?,
                })
            })
            .collect()
    }

    async fn hook_counts(&self, tenant: &TenantId, connection: &ConnectionName) -> Result<HookCounts> {
        let row = sqlx::query(COUNTS)
            .bind(tenant.as_str())
            .bind(connection.as_str())
            .fetch_optional(self.reader())
            .await?;
        let Some(row) = row else {
            return Ok(HookCounts::default());
        };
        Ok(HookCounts {
            received: row.count(0)?,
            duplicates: row.count(1)?,
            accepted: row.count(2)?,
            ignored: row.count(3)?,
            pending: row.count(4)?,
            found: row.count(5)?,
            last_received_at: row.optional_number(6)?,
            last_accepted_at: row.optional_number(7)?,
            last_ignored_at: row.optional_number(8)?,
            last_ignored_reason: row.value(9)?,
            last_found_at: row.optional_number(10)?,
        })
    }

    async fn marks(&self, tenant: &TenantId, connection: &ConnectionName) -> Result<Vec<Mark>> {
        let sql = "SELECT lane, watermark, looked_at, problem FROM hook_marks WHERE tenant = ? AND connection = ? ORDER BY lane";
        let rows = sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(connection.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Mark {
                    lane: row.value(0)?,
                    watermark: row.count(1)?,
                    looked_at: row.count(2)?,
                    problem: row.value(3)?,
                })
            })
            .collect()
    }

    async fn set_mark(&self, tenant: &TenantId, connection: &ConnectionName, mark: Mark) -> Result<()> {
        let (tenant, connection) = (tenant.clone(), connection.clone());
        self.writer()
            .write(SetMark {
                tenant,
                connection,
                mark,
            })
            .await
    }

    async fn trim_deliveries(&self, keep: Keep, now: Timestamp, limit: u32) -> Result<u64> {
        let rows = sqlx::query("SELECT tenant, connection, bytes FROM hooks")
            .fetch_all(self.reader())
            .await?;
        let mut deleted: u64 = 0;
        for row in &rows {
            let left = u64::from(limit).saturating_sub(deleted);
            let trim = Trim {
                tenant: row.parsed(0)?,
                connection: row.parsed(1)?,
                too_large: row.count(2)? > keep.bytes,
                keep,
                now,
                limit: left,
            };
            deleted = deleted.saturating_add(self.writer().write(trim).await?);
        }
        Ok(deleted)
    }
}

impl SqliteStore {
    async fn with_runs(&self, tenant: &TenantId, mut delivery: Delivery) -> Result<Delivery> {
        if delivery.state == DeliveryState::Ignored {
            return Ok(delivery);
        }
        let rows = sqlx::query(RUNS)
            .bind(tenant.as_str())
            .bind(delivery.id.as_bytes().to_vec())
            .fetch_all(self.reader())
            .await?;
        for row in &rows {
            delivery.runs.push(DeliveryRun {
                deployment: row.parsed(0)?,
                trigger: row.parsed(1)?,
                run: row.run_id(2)?,
                state: row.named(3, RunState::parse)?,
            });
        }
        Ok(delivery)
    }
}

fn view(row: &SqliteRow) -> Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId::from_bytes(row.bytes(0)?),
        connection: row.parsed(1)?,
        event: row.value(2)?,
        object_id: row.value(3)?,
        via: row.named(4, Via::parse)?,
        time: row.count(5)?,
        received_at: row.count(6)?,
        state: row.named(7, DeliveryState::parse)?,
        reason: row.value(8)?,
        duplicates: row.count(9)?,
        last_at: row.count(10)?,
        runs: Vec::new(),
    })
}

/// Records how far a lane is.
struct SetMark {
    tenant: TenantId,
    connection: ConnectionName,
    mark: Mark,
}

#[async_trait]
impl Job for SetMark {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        script.add(
            "INSERT INTO hook_marks (tenant, connection, lane, watermark, looked_at, problem) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (tenant, connection, lane) DO UPDATE SET watermark = max(watermark, excluded.watermark), \
             looked_at = excluded.looked_at, problem = excluded.problem",
        );
        script
            .bind(self.tenant.as_str())
            .bind(self.connection.as_str())
            .bind(self.mark.lane)
            .bind(int(self.mark.watermark))
            .bind(int(self.mark.looked_at))
            .bind(self.mark.problem);
        tx.run(script).await?.complete().map(drop)
    }
}

/// Deletes what is not kept any longer of one connection.
struct Trim {
    tenant: TenantId,
    connection: ConnectionName,
    too_large: bool,
    keep: Keep,
    now: Timestamp,
    limit: u64,
}

/// Of one state: what is too old, or more than is kept.
const TRIM: &str = "DELETE FROM deliveries WHERE (tenant, id) IN (\
    SELECT tenant, id FROM deliveries WHERE tenant = ? AND connection = ? AND state = ? AND (received_at < ? OR id <= (\
        SELECT id FROM deliveries WHERE tenant = ? AND connection = ? AND state = ? ORDER BY id DESC LIMIT 1 OFFSET ?)) \
    ORDER BY id LIMIT ?) RETURNING 1";
const SHRINK: &str = "DELETE FROM deliveries WHERE (tenant, id) IN (\
    SELECT tenant, id FROM deliveries WHERE tenant = ? AND connection = ? AND state <> 'pending' ORDER BY id LIMIT ?) RETURNING 1";

#[async_trait]
impl Job for Trim {
    type Answer = u64;

    async fn run(self, tx: &mut Tx<'_>) -> Result<u64> {
        let (tenant, connection) = (self.tenant.as_str(), self.connection.as_str());
        let mut script = Script::default();
        let kept = [
            ("ignored", self.keep.ignored, self.keep.ignored_ms),
            ("accepted", self.keep.accepted, self.keep.accepted_ms),
        ];
        for (state, most, age) in kept {
            script.add(TRIM);
            script.bind(tenant).bind(connection).bind(state);
            script.bind(int(self.now.saturating_sub(age)));
            script.bind(tenant).bind(connection).bind(state).bind(int(most));
            script.bind(int(self.limit));
        }
        if self.too_large {
            script.add(SHRINK).bind(tenant).bind(connection).bind(int(self.limit));
        }
        let ran = tx.ask(script).await?.complete()?;
        let deleted = ran.all_rows().count() as u64;
        if deleted > 0 {
            tx.changed();
        }
        Ok(deleted)
    }
}
