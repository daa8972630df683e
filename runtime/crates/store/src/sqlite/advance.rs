//! How do a cursor, its items and their runs change together, and only from what was read?

use async_trait::async_trait;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::RunId;

use super::columns::{Columns as _, int, run_key};
use super::job::{Job, Tx};
use super::script::Script;
use super::sources::{CURSOR, cursor, lane_key};
use super::submit::Submit;
use crate::error::StoreError;
use crate::sources::{Advance, Advanced, Cursor, SourceId, SourceItem, SourceRun};
use crate::traits::Result;

/// Items of one statement: its parameters stay below what SQLite takes.
const ITEM_COLUMNS: usize = 15;
/// Longest reason and problem kept, bytes.
const TEXT_BYTES: usize = 1_000;

fn bind_id(script: &mut Script, id: &SourceId) {
    script
        .bind(id.tenant.as_str())
        .bind(id.deployment.as_str())
        .bind(id.trigger.as_str());
}

/// A text of a size that a row may have.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES)]
}

/// A node takes a cursor.
pub(super) struct Own {
    pub(super) id: SourceId,
    pub(super) node: String,
    pub(super) watches: String,
    pub(super) position: String,
    pub(super) floor: Timestamp,
    pub(super) now: Timestamp,
}

const MAKE: &str = "
    INSERT INTO source_cursors (tenant, deployment, source, watches, position, revision, next_at, floor, created_at)
    SELECT tenant, name, ?, ?, ?, 0, ?, ?, ? FROM deployments WHERE tenant = ? AND name = ?
    ON CONFLICT DO NOTHING";
const TAKE: &str = "
    UPDATE source_cursors SET node = ?, revision = revision + 1
    WHERE tenant = ? AND deployment = ? AND source = ?
        AND (node IS NULL OR node = ? OR NOT EXISTS (SELECT 1 FROM nodes WHERE name = source_cursors.node AND until > ?))
    RETURNING watches";
const ANEW: &str = "
    UPDATE source_cursors SET watches = ?, position = ?, floor = ?, created_at = ?, next_at = ?, looked_at = NULL, ok_at = NULL,
        failures = 0, problem = NULL, backfill = NULL
    WHERE tenant = ? AND deployment = ? AND source = ?";
const NO_ITEMS: &str = "DELETE FROM source_items WHERE tenant = ? AND deployment = ? AND source = ?";

#[async_trait]
impl Job for Own {
    type Answer = Cursor;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Cursor> {
        let Self { id, node, .. } = &self;
        let mut script = Script::default();
        script
            .add(MAKE)
            .bind(id.trigger.as_str())
            .bind(self.watches.as_str())
            .bind(self.position.as_str());
        script
            .bind(int(self.now))
            .bind(int(self.floor))
            .bind(int(self.now))
            .bind(id.tenant.as_str())
            .bind(id.deployment.as_str());
        script.add(TAKE).bind(node.as_str());
        bind_id(&mut script, id);
        script.bind(node.as_str()).bind(int(self.now));
        script.add(CURSOR);
        bind_id(&mut script, id);
        let ran = tx.run(script).await?.complete()?;
        let Some(now) = ran.row(2) else {
            return Err(StoreError::NotFound);
        };
        let Some(taken) = ran.row(1) else {
            let owner = cursor(now)?.node.unwrap_or_default();
            return Err(StoreError::Conflict(format!("the node `{owner}` looks there")));
        };
        if taken.value::<&str>(0)? == self.watches {
            return cursor(now);
        }
        let mut script = Script::default();
        script
            .add(ANEW)
            .bind(self.watches.as_str())
            .bind(self.position.as_str())
            .bind(int(self.floor));
        script.bind(int(self.now)).bind(int(self.now));
        bind_id(&mut script, id);
        script.add(NO_ITEMS);
        bind_id(&mut script, id);
        script.add(CURSOR);
        bind_id(&mut script, id);
        let ran = tx.run(script).await?.complete()?;
        cursor(ran.row(2).ok_or(StoreError::NotFound)?)
    }
}

/// A cursor changes, with its items and runs.
pub(super) struct Change {
    pub(super) id: SourceId,
    pub(super) revision: u64,
    pub(super) node: Option<String>,
    pub(super) change: Advance,
}

const CHANGE: &str = "
    UPDATE source_cursors SET revision = revision + 1, position = coalesce(?, position), floor = max(floor, coalesce(?, floor)),
        backfill = iif(?, ?, backfill), looked_at = coalesce(?, looked_at), next_at = coalesce(?, next_at),
        ok_at = coalesce(?, ok_at), failures = iif(?, iif(?, 0, failures + 1), failures), problem = iif(?, ?, problem)
    WHERE tenant = ? AND deployment = ? AND source = ? AND revision = ? AND (? IS NULL OR node = ?)
    RETURNING revision";
const ITEMS: &str = "
    INSERT INTO source_items (tenant, deployment, source, id, key, alias, version, detail, lane, rank, state, reason, run, tries, times,
        backfill, not_before, changed_at)
    SELECT ?, ?, ?, v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9, v.column10,
        v.column11, v.column12, v.column13, v.column14, v.column15 FROM";
const ITEMS_AGAIN: &str = "
    ON CONFLICT DO UPDATE SET key = excluded.key, alias = excluded.alias, version = excluded.version, detail = excluded.detail,
        lane = excluded.lane, rank = excluded.rank, state = excluded.state, reason = excluded.reason, run = excluded.run,
        tries = excluded.tries, times = excluded.times, backfill = excluded.backfill, not_before = excluded.not_before,
        changed_at = excluded.changed_at";
const HAND: &str = "
    UPDATE source_items SET state = 'handed', run = ?, times = times + 1, changed_at = ?
    WHERE tenant = ? AND deployment = ? AND source = ? AND state = 'new' AND id IN (SELECT v.column1 FROM";

#[async_trait]
impl Job for Change {
    type Answer = Advanced;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Advanced> {
        let Self {
            id,
            revision,
            node,
            change,
        } = self;
        let mut script = Script::default();
        bind_change(&mut script, &change);
        bind_id(&mut script, &id);
        script.bind(int(revision)).bind(node.as_deref()).bind(node.as_deref());
        let ran = tx.run(script).await?.complete()?;
        if ran.row(0).is_none() {
            return Err(refused(tx, &id).await);
        }
        let mut script = Script::default();
        let owner = |script: &mut Script| bind_id(script, &id);
        script.add_rows(ITEMS, ITEMS_AGAIN, ITEM_COLUMNS, change.items, owner, bind_item);
        script.add(CURSOR);
        bind_id(&mut script, &id);
        let ran = tx.run(script).await?.complete()?;
        let row = ran.all_rows().last().ok_or(StoreError::NotFound)?;
        let cursor = cursor(row)?;
        let mut runs = Vec::with_capacity(change.runs.len());
        for run in change.runs {
            runs.push(hand(tx, &id, run, change.now).await?);
        }
        Ok(Advanced { cursor, runs })
    }
}

fn bind_change(script: &mut Script, change: &Advance) {
    let looked = change.looked.as_ref();
    let problem = looked.and_then(|(_, ended)| ended.as_ref().err());
    let ok = looked.is_some() && problem.is_none();
    script
        .add(CHANGE)
        .bind(change.position.as_deref())
        .bind(change.floor.map(int));
    script
        .bind(change.backfill.is_some())
        .bind(change.backfill.as_ref().and_then(|backfill| backfill.as_deref()));
    script
        .bind(looked.map(|(looked, _)| int(looked.at)))
        .bind(looked.map(|(looked, _)| int(looked.next_at)));
    script
        .bind(looked.filter(|_| ok).map(|(looked, _)| int(looked.at)))
        .bind(looked.is_some())
        .bind(ok)
        .bind(looked.is_some())
        .bind(problem.map(|problem| cut(problem)));
}

fn bind_item(script: &mut Script, item: SourceItem) {
    script.bind(item.id).bind(item.key).bind(item.alias).bind(item.version);
    script
        .bind(item.detail)
        .bind(lane_key(item.lane))
        .bind(item.rank)
        .bind(item.state.as_str());
    script
        .bind(item.reason.as_deref().map(cut).map(ToOwned::to_owned))
        .bind(item.run.map(run_key));
    script
        .bind(item.tries)
        .bind(item.times)
        .bind(i64::from(item.backfill))
        .bind(int(item.not_before))
        .bind(int(item.changed_at));
}

/// Why was the cursor not changed?
async fn refused(tx: &mut Tx<'_>, id: &SourceId) -> StoreError {
    let mut script = Script::default();
    script.add(CURSOR);
    bind_id(&mut script, id);
    match tx.ask(script).await.and_then(super::script::Ran::complete) {
        Ok(ran) if ran.row(0).is_none() => StoreError::NotFound,
        Ok(_) => StoreError::Conflict("the cursor was changed meanwhile: read it again".into()),
        Err(error) => error,
    }
}

/// Accepts one run and puts its items into it. A full queue is no failure: the items wait on.
async fn hand(tx: &mut Tx<'_>, id: &SourceId, wanted: SourceRun, now: Timestamp) -> Result<Option<RunId>> {
    let SourceRun { run, items } = wanted;
    let submitted = match Submit::new(run, None, 0)?.run(tx).await {
        Ok(submitted) => submitted,
        Err(StoreError::Quota(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut script = Script::default();
    let owner = |script: &mut Script| {
        script.bind(run_key(submitted.run)).bind(int(now));
        bind_id(script, id);
    };
    script.add_rows(HAND, ")", 1, items, owner, |script, item| {
        script.bind(item);
    });
    tx.run(script).await?.complete()?;
    Ok(Some(submitted.run))
}

/// Old items are forgotten.
pub(super) struct Forget {
    pub(super) id: SourceId,
    pub(super) before: Timestamp,
    pub(super) most: u64,
}

const FORGET: &str = "
    DELETE FROM source_items WHERE tenant = ? AND deployment = ? AND source = ? AND id IN (
        SELECT id FROM source_items INDEXED BY source_items_by_age
        WHERE tenant = ? AND deployment = ? AND source = ? AND state IN ('done', 'skipped', 'poison')
            AND (changed_at < ? OR changed_at <= coalesce((
                SELECT changed_at FROM source_items INDEXED BY source_items_by_age
                WHERE tenant = ? AND deployment = ? AND source = ? AND state IN ('done', 'skipped', 'poison')
                ORDER BY changed_at DESC LIMIT 1 OFFSET ?), -1)))
    RETURNING changed_at";
const RAISE: &str =
    "UPDATE source_cursors SET floor = max(floor, ?) WHERE tenant = ? AND deployment = ? AND source = ?";

#[async_trait]
impl Job for Forget {
    type Answer = u64;

    async fn run(self, tx: &mut Tx<'_>) -> Result<u64> {
        let mut script = Script::default();
        script.add(FORGET);
        bind_id(&mut script, &self.id);
        bind_id(&mut script, &self.id);
        script.bind(int(self.before));
        bind_id(&mut script, &self.id);
        script.bind(int(self.most));
        let ran = tx.ask(script).await?.complete()?;
        let mut newest = None;
        for row in ran.rows(0) {
            newest = newest.max(Some(row.count(0)?));
        }
        let Some(newest) = newest else { return Ok(0) };
        tx.changed();
        let count = ran.rows(0).len() as u64;
        let mut script = Script::default();
        script.add(RAISE).bind(int(newest));
        bind_id(&mut script, &self.id);
        tx.run(script).await?.complete()?;
        Ok(count)
    }
}

/// A trigger is gone.
pub(super) struct Drop {
    pub(super) id: SourceId,
}

#[async_trait]
impl Job for Drop {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        for sql in [
            NO_ITEMS,
            "DELETE FROM source_cursors WHERE tenant = ? AND deployment = ? AND source = ?",
        ] {
            script.add(sql);
            bind_id(&mut script, &self.id);
        }
        tx.run(script).await?.complete().map(drop)
    }
}
