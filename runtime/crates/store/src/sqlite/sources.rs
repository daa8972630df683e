//! How far were sources read, and what was found there?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{DeploymentName, TenantId};
use synapse_domain::run::RunState;

use super::advance::{Change, Drop, Forget, Own};
use super::columns::{Columns as _, int};
use super::script::Script;
use super::store::SqliteStore;
use crate::sources::{
    Advance, Advanced, Cursor, Cursors, EndedItem, ItemFilter, ItemState, Lane, SourceCounts, SourceId, SourceItem,
    SourceLoad,
};
use crate::traits::Result;

/// Most items of one list.
const PAGE: u32 = 1_000;

macro_rules! cursor {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, deployment, source, watches, position, revision, node, next_at, looked_at, ok_at, failures, problem, ",
            "backfill, floor, created_at FROM source_cursors WHERE tenant = ? AND ",
            $rest
        )
    };
}

pub(super) const CURSOR: &str = cursor!("deployment = ? AND source = ?");
const CURSORS: &str = cursor!("(? IS NULL OR deployment = ?) ORDER BY deployment, source");

macro_rules! items {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT i.id, i.key, i.alias, i.version, i.detail, i.lane, i.rank, i.state, i.reason, i.run, i.tries, i.times, i.backfill, ",
            "i.not_before, i.changed_at",
            $from,
            " WHERE i.tenant = ? AND i.deployment = ? AND i.source = ? AND ",
            $rest
        )
    };
}

const WAITING: &str = items!(
    " FROM source_items AS i INDEXED BY source_items_waiting",
    "i.state = 'new' AND (? IS NULL OR i.lane = ?) AND (? IS NULL OR i.not_before <= ?) \
     ORDER BY i.lane, i.rank DESC, i.changed_at, i.id LIMIT ?"
);
const LISTED: &str = items!(
    " FROM source_items AS i",
    "(? IS NULL OR i.state = ?) AND (? IS NULL OR i.lane = ?) ORDER BY i.changed_at DESC, i.id LIMIT ?"
);
const ITEM: &str = items!(" FROM source_items AS i", "i.id = ?");
const BY_ID: &str = items!(" FROM source_items AS i", "i.id IN (SELECT v.column1 FROM");
const BY_ALIAS: &str = items!(" FROM source_items AS i", "i.alias IN (SELECT v.column1 FROM");
const ENDED: &str = items!(
    ", r.state FROM source_items AS i INDEXED BY source_items_handed LEFT JOIN runs AS r ON r.tenant = i.tenant AND r.id = i.run",
    "i.state = 'handed' AND (r.id IS NULL OR r.ended_at IS NOT NULL) ORDER BY i.run, i.id LIMIT ?"
);
const COUNTS: &str = "
    SELECT sum(state = 'new' AND lane = 0), sum(state = 'new' AND lane = 1), sum(state = 'handed'), sum(state = 'done'),
        sum(state = 'skipped'), sum(state = 'poison')
    FROM source_items WHERE tenant = ? AND deployment = ? AND source = ?";
const WAITING_COUNT: &str = "
    SELECT lane, count(*) FROM source_items INDEXED BY source_items_waiting
    WHERE tenant = ? AND deployment = ? AND source = ? AND state = 'new' GROUP BY lane";
const HANDED_COUNT: &str = "
    SELECT count(*) FROM source_items INDEXED BY source_items_handed
    WHERE tenant = ? AND deployment = ? AND source = ? AND state = 'handed'";
const BACKLOG_RUNS: &str = "
    SELECT count(*) FROM runs AS r WHERE r.tenant = ? AND r.state IN ('queued', 'running') AND r.id IN (
        SELECT run FROM source_items INDEXED BY source_items_handed
        WHERE tenant = ? AND deployment = ? AND source = ? AND state = 'handed' AND lane = 1)";

#[async_trait]
impl Cursors for SqliteStore {
    async fn own_cursor(
        &self,
        id: &SourceId,
        node: &str,
        watches: &str,
        position: &str,
        floor: Timestamp,
        now: Timestamp,
    ) -> Result<Cursor> {
        self.writer()
            .write(Own {
                id: id.clone(),
                node: node.to_owned(),
                watches: watches.to_owned(),
                position: position.to_owned(),
                floor,
                now,
            })
            .await
    }

    async fn advance(&self, id: &SourceId, revision: u64, node: Option<&str>, change: Advance) -> Result<Advanced> {
        self.writer()
            .write(Change {
                id: id.clone(),
                revision,
                node: node.map(ToOwned::to_owned),
                change,
            })
            .await
    }

    async fn cursor(&self, id: &SourceId) -> Result<Cursor> {
        let row = sqlx::query(CURSOR)
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str());
        cursor(&row.fetch_one(self.reader()).await?)
    }

    async fn cursors(&self, tenant: &TenantId, deployment: Option<&DeploymentName>) -> Result<Vec<Cursor>> {
        let deployment = deployment.map(DeploymentName::as_str);
        let rows = sqlx::query(CURSORS)
            .bind(tenant.as_str())
            .bind(deployment)
            .bind(deployment);
        rows.fetch_all(self.reader()).await?.iter().map(cursor).collect()
    }

    async fn source_items(&self, id: &SourceId, filter: ItemFilter) -> Result<Vec<SourceItem>> {
        let waiting = filter.state == Some(ItemState::New);
        let lane = filter.lane.map(lane_key);
        let query = sqlx::query(if waiting { WAITING } else { LISTED })
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str());
        let query = if waiting {
            let due = filter.due.map(int);
            query.bind(lane).bind(lane).bind(due).bind(due)
        } else {
            let state = filter.state.map(ItemState::as_str);
            query.bind(state).bind(state).bind(lane).bind(lane)
        };
        let rows = query.bind(filter.limit.clamp(1, PAGE)).fetch_all(self.reader()).await?;
        rows.iter().map(item).collect()
    }

    async fn source_item(&self, id: &SourceId, wanted: &str) -> Result<SourceItem> {
        let row = sqlx::query(ITEM)
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str())
            .bind(wanted);
        item(&row.fetch_one(self.reader()).await?)
    }

    async fn known_items(&self, id: &SourceId, ids: &[String], aliases: &[String]) -> Result<Vec<SourceItem>> {
        let mut script = Script::default();
        let owner = |script: &mut Script| {
            script
                .bind(id.tenant.as_str())
                .bind(id.deployment.as_str())
                .bind(id.trigger.as_str());
        };
        let bind = |script: &mut Script, text: &String| {
            script.bind(text.as_str());
        };
        script.add_rows(BY_ID, ")", 1, ids.iter().collect(), owner, bind);
        script.add_rows(BY_ALIAS, ")", 1, aliases.iter().collect(), owner, bind);
        if ids.is_empty() && aliases.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.reader().acquire().await?;
        let ran = script.run(&mut connection, "", 0).await?.complete()?;
        let mut found: Vec<SourceItem> = ran.all_rows().map(item).collect::<Result<_>>()?;
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.dedup_by(|a, b| a.id == b.id);
        Ok(found)
    }

    async fn ended_items(&self, id: &SourceId, limit: u32) -> Result<Vec<EndedItem>> {
        let rows = sqlx::query(ENDED)
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str())
            .bind(limit.clamp(1, PAGE));
        let ended = |row: &SqliteRow| {
            let state = row.value::<Option<&str>>(15)?.and_then(RunState::parse);
            Ok(EndedItem {
                item: item(row)?,
                state,
            })
        };
        rows.fetch_all(self.reader()).await?.iter().map(ended).collect()
    }

    async fn source_counts(&self, id: &SourceId) -> Result<SourceCounts> {
        let row = sqlx::query(COUNTS)
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str())
            .fetch_one(self.reader())
            .await?;
        let count = |column| row.optional_number(column).map(|count: Option<u64>| count.unwrap_or(0));
        Ok(SourceCounts {
            live: count(0)?,
            backlog: count(1)?,
            handed: count(2)?,
            done: count(3)?,
            skipped: count(4)?,
            poison: count(5)?,
        })
    }

    async fn source_load(&self, id: &SourceId) -> Result<SourceLoad> {
        let mut load = SourceLoad::default();
        let waiting = sqlx::query(WAITING_COUNT)
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str())
            .fetch_all(self.reader())
            .await?;
        for row in waiting {
            if row.value::<i64>(0)? == lane_key(Lane::Live) {
                load.live = row.count(1)?;
            } else {
                load.backlog = row.count(1)?;
            }
        }
        let handed = sqlx::query(HANDED_COUNT)
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str())
            .fetch_one(self.reader())
            .await?;
        load.handed = handed.count(0)?;
        let runs = sqlx::query(BACKLOG_RUNS)
            .bind(id.tenant.as_str())
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str())
            .bind(id.trigger.as_str())
            .fetch_one(self.reader())
            .await?;
        load.backlog_runs = runs.count(0)?;
        Ok(load)
    }

    async fn forget_items(&self, id: &SourceId, before: Timestamp, most: u64) -> Result<u64> {
        self.writer()
            .write(Forget {
                id: id.clone(),
                before,
                most,
            })
            .await
    }

    async fn drop_cursor(&self, id: &SourceId) -> Result<()> {
        self.writer().write(Drop { id: id.clone() }).await
    }
}

/// A lane as SQLite keeps it.
pub(super) fn lane_key(lane: Lane) -> i64 {
    match lane {
        Lane::Live => 0,
        Lane::Backlog => 1,
    }
}

pub(super) fn cursor(row: &SqliteRow) -> Result<Cursor> {
    Ok(Cursor {
        id: SourceId {
            tenant: row.parsed(0)?,
            deployment: row.parsed(1)?,
            trigger: row.parsed(2)?,
        },
        watches: row.value(3)?,
        position: row.value(4)?,
        revision: row.count(5)?,
        node: row.value(6)?,
        next_at: row.count(7)?,
        looked_at: row.optional_number(8)?,
        ok_at: row.optional_number(9)?,
        failures: row.number(10)?,
        problem: row.value(11)?,
        backfill: row.value(12)?,
        floor: row.count(13)?,
        created_at: row.count(14)?,
    })
}

fn item(row: &SqliteRow) -> Result<SourceItem> {
    let lane = if row.value::<i64>(5)? == lane_key(Lane::Live) {
        Lane::Live
    } else {
        Lane::Backlog
    };
    let run = match row.value::<Option<&[u8]>>(9)? {
        Some(_) => Some(row.run_id(9)?),
        None => None,
    };
    Ok(SourceItem {
        id: row.value(0)?,
        key: row.value(1)?,
        alias: row.value(2)?,
        version: row.value(3)?,
        detail: row.value(4)?,
        lane,
        rank: row.value(6)?,
        state: row.named(7, ItemState::parse)?,
        reason: row.value(8)?,
        run,
        tries: row.number(10)?,
        times: row.number(11)?,
        backfill: row.value(12)?,
        not_before: row.count(13)?,
        changed_at: row.count(14)?,
    })
}
