//! How is a run's journal written, read and judged?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::run::How;

use super::columns::{Columns as _, record, run_key};
use super::end::Attempt;
use super::store::SqliteStore;
use super::verdict::Resolve;
use crate::error::StoreError;
use crate::journal::{Entry, Intent, Journal, Line, Outcome, Position};
use crate::records::Lease;
use crate::traits::{Journals, Result};

/// One statement, hence one snapshot: whether the run exists, its calls, its lines, its successful writes that were set aside.
const JOURNAL: &str = "
    SELECT 'r', 0, 0, 0, 0, 0, '', '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM runs WHERE tenant = ?1 AND id = ?2
    UNION ALL
    SELECT kind, call, item, n, epoch, time, operation, class, binding, arguments_blob, effect_key, send_before, how, by, ok, result_blob
    FROM journal WHERE tenant = ?1 AND run = ?2 AND superseded = 0
    UNION ALL
    SELECT 'l', call, 0, n, 0, time, '', '', '', content_blob, NULL, NULL, NULL, NULL, NULL, NULL
    FROM lines WHERE tenant = ?1 AND run = ?2 AND superseded = 0
    UNION ALL
    SELECT * FROM (
        SELECT 's', call, item, n, epoch, time, operation, class, binding, arguments_blob, effect_key, send_before, how, by, ok, result_blob
        FROM journal INDEXED BY journal_effects
        WHERE tenant = ?1 AND run = ?2 AND superseded > 0 AND effect_key IS NOT NULL AND kind = 'o' AND ok
        ORDER BY superseded, call, item)";

#[async_trait]
impl Journals for SqliteStore {
    async fn append(&self, lease: &Lease, entries: Vec<Entry>) -> Result<()> {
        self.writer().write(Attempt::append(lease, entries)?).await
    }

    async fn journal(&self, tenant: &TenantId, run: RunId) -> Result<Journal> {
        let rows = sqlx::query(JOURNAL)
            .bind(tenant.as_str())
            .bind(run_key(run))
            .fetch_all(self.reader())
            .await?;
        let mut journal = Journal::default();
        let mut found = false;
        for row in &rows {
            match row.value(0)? {
                "r" => found = true,
                "i" => journal.intents.push(intent(row)?),
                "o" => journal.outcomes.push(outcome(row)?),
                "l" => journal.lines.push(line(row)?),
                "s" => journal.set_aside.push(outcome(row)?),
                other => {
                    return Err(StoreError::Damaged(format!(
                        "a journal row of the unknown kind `{other}`"
                    )));
                }
            }
        }
        if !found {
            return Err(StoreError::NotFound);
        }
        // The primary keys give this order, UNION ALL does not promise it; sorting what is sorted is cheap.
        journal.intents.sort_by_key(|intent| (intent.at, intent.n));
        journal.outcomes.sort_by_key(|outcome| outcome.at);
        journal.lines.sort_by_key(|line| (line.call, line.n));
        Ok(journal)
    }

    async fn resolve(
        &self,
        tenant: &TenantId,
        run: RunId,
        at: Position,
        result: Option<String>,
        by: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.writer()
            .write(Resolve {
                tenant: tenant.clone(),
                run,
                at,
                result,
                by: by.to_owned(),
                now,
            })
            .await
    }
}

fn position(row: &SqliteRow) -> Result<Position> {
    Ok(Position {
        call: row.number(1)?,
        item: row.number(2)?,
    })
}

fn intent(row: &SqliteRow) -> Result<Intent> {
    Ok(Intent {
        at: position(row)?,
        n: row.number(3)?,
        operation: row.value(6)?,
        class: row.value(7)?,
        binding: row.value(8)?,
        arguments: row.payload(9)?,
        effect_key: Digest::from_bytes(row.bytes(10)?),
        send_before: row.count(11)?,
        epoch: row.number(4)?,
        time: row.count(5)?,
    })
}

fn outcome(row: &SqliteRow) -> Result<Outcome> {
    let keyed = row.value::<Option<&[u8]>>(10)?.is_some();
    Ok(Outcome {
        at: position(row)?,
        operation: row.value(6)?,
        class: row.value(7)?,
        binding: row.value(8)?,
        arguments: row.payload(9)?,
        effect_key: keyed.then(|| row.bytes(10)).transpose()?.map(Digest::from_bytes),
        result: row.payload(15)?,
        ok: row.value(14)?,
        how: row.named(12, How::parse)?,
        by: row.value(13)?,
        epoch: row.number(4)?,
        time: row.count(5)?,
    })
}

fn line(row: &SqliteRow) -> Result<Line> {
    Ok(Line {
        call: row.number(1)?,
        n: row.number(3)?,
        time: row.count(5)?,
        content: record(&row.payload(9)?)?,
    })
}
