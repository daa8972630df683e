//! How do an attempt's entries become rows, and how is it made sure that the attempt still holds the run?

use synapse_domain::digest::Digest;

use super::columns::{digest_key, int, json, run_key};
use super::script::{Ran, Script};
use crate::codec;
use crate::error::StoreError;
use crate::journal::{Entry, Intent, Line, Outcome};
use crate::records::Lease;
use crate::traits::Result;

/// Entries with their payloads encoded: made by the caller, so that the writer only writes.
#[derive(Default)]
pub(super) struct Rows {
    calls: Vec<CallRow>,
    lines: Vec<LineRow>,
}

struct CallRow {
    call: u32,
    item: u32,
    kind: &'static str,
    n: u32,
    operation: String,
    class: String,
    binding: String,
    arguments: Vec<u8>,
    effect_key: Option<Digest>,
    epoch: u32,
    time: u64,
    send_before: Option<u64>,
    how: Option<&'static str>,
    by: Option<String>,
    ok: Option<bool>,
    result: Option<Vec<u8>>,
}

struct LineRow {
    call: u32,
    n: u32,
    time: u64,
    content: Vec<u8>,
}

const CALLS: &str = "INSERT INTO journal (tenant, run, cut, call, item, kind, n, operation, class, binding, arguments_blob, effect_key, \
    epoch, time, send_before, how, by, ok, result_blob) \
    SELECT ?, ?, (SELECT cut FROM runs WHERE tenant = ? AND id = ?), v.* FROM";
const CALL_COLUMNS: usize = 16;
const LINES: &str = "INSERT INTO lines (tenant, run, call, n, time, content_blob) SELECT ?, ?, v.* FROM";
const LINE_COLUMNS: usize = 4;
const LINES_ONCE: &str = "ON CONFLICT (tenant, run, call, n, superseded) DO NOTHING";

impl Rows {
    /// Encodes entries.
    ///
    /// # Errors
    /// `Quota` if a payload is too large.
    pub(super) fn encode(entries: Vec<Entry>) -> Result<Self> {
        let mut rows = Self::default();
        for entry in entries {
            rows.push(entry)?;
        }
        Ok(rows)
    }

    /// Encodes one more entry.
    ///
    /// # Errors
    /// `Quota` if a payload is too large.
    pub(super) fn push(&mut self, entry: Entry) -> Result<()> {
        match entry {
            Entry::Intent(intent) => self.calls.push(intent_row(intent)?),
            Entry::Outcome(outcome) => self.calls.push(outcome_row(outcome)?),
            Entry::Line(line) => self.lines.push(line_row(&line)?),
        }
        Ok(())
    }

    /// Adds the inserts.
    pub(super) fn insert(self, script: &mut Script, lease: &Lease) {
        let owner = |script: &mut Script| {
            script.bind(lease.tenant.as_str()).bind(run_key(lease.run));
        };
        let owner_twice = |script: &mut Script| {
            owner(script);
            owner(script);
        };
        script.add_rows(CALLS, "", CALL_COLUMNS, self.calls, owner_twice, bind_call);
        script.add_rows(LINES, LINES_ONCE, LINE_COLUMNS, self.lines, owner, |script, row| {
            script.bind(row.call).bind(row.n).bind(int(row.time)).bind(row.content);
        });
    }
}

fn bind_call(script: &mut Script, row: CallRow) {
    script.bind(row.call).bind(row.item).bind(row.kind).bind(row.n);
    script
        .bind(row.operation)
        .bind(row.class)
        .bind(row.binding)
        .bind(row.arguments);
    script
        .bind(row.effect_key.as_ref().map(digest_key))
        .bind(row.epoch)
        .bind(int(row.time))
        .bind(row.send_before.map(int));
    script.bind(row.how).bind(row.by).bind(row.ok).bind(row.result);
}

fn intent_row(intent: Intent) -> Result<CallRow> {
    Ok(CallRow {
        call: intent.at.call,
        item: intent.at.item,
        kind: "i",
        n: intent.n,
        operation: intent.operation,
        class: intent.class,
        binding: intent.binding,
        arguments: codec::encode(&intent.arguments)?,
        effect_key: Some(intent.effect_key),
        epoch: intent.epoch,
        time: intent.time,
        send_before: Some(intent.send_before),
        how: None,
        by: None,
        ok: None,
        result: None,
    })
}

fn outcome_row(outcome: Outcome) -> Result<CallRow> {
    Ok(CallRow {
        call: outcome.at.call,
        item: outcome.at.item,
        kind: "o",
        n: 0,
        operation: outcome.operation,
        class: outcome.class,
        binding: outcome.binding,
        arguments: codec::encode(&outcome.arguments)?,
        effect_key: outcome.effect_key,
        epoch: outcome.epoch,
        time: outcome.time,
        send_before: None,
        how: Some(outcome.how.as_str()),
        by: outcome.by,
        ok: Some(outcome.ok),
        result: Some(codec::encode(&outcome.result)?),
    })
}

fn line_row(line: &Line) -> Result<LineRow> {
    Ok(LineRow {
        call: line.call,
        n: line.n,
        time: line.time,
        content: codec::encode(&json(&line.content)?)?,
    })
}

/// Starts a script of an attempt: its first statement answers a row, who asked the run to stop, if the attempt still holds the run.
pub(super) fn fenced(lease: &Lease) -> Script {
    let mut script = Script::default();
    script.add("SELECT cancel_by FROM runs WHERE tenant = ? AND id = ? AND epoch = ? AND state = 'running'");
    script
        .bind(lease.tenant.as_str())
        .bind(run_key(lease.run))
        .bind(lease.epoch);
    script
}

/// What a script that [`fenced`] started did, if the attempt holds the run.
///
/// # Errors
/// `Fenced` if it does not (whatever else went wrong); `Conflict` if a position is recorded already.
pub(super) fn held(ran: Ran) -> Result<Ran> {
    let duplicate = ran.is_duplicate();
    match ran.row(0) {
        Some(_) if duplicate => Err(StoreError::Conflict(
            "the journal holds a row at this position: the attempt does not know its own journal".into(),
        )),
        Some(_) => ran.complete(),
        // No row because the statement was not reached is a failure of the database, not a fence.
        None if ran.reached(0) => Err(StoreError::Fenced),
        None => ran.complete().and(Err(StoreError::Fenced)),
    }
}
