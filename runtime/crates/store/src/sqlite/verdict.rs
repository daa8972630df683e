//! How does an operator's word settle an effect that nobody can look up?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{RunId, TenantId};
use synapse_domain::run::{How, RunState};

use super::columns::{Columns as _, int, run_key};
use super::job::{Job, Tx};
use super::script::Script;
use crate::codec;
use crate::error::StoreError;
use crate::journal::Position;
use crate::traits::Result;

/// Records a verdict: with a result the effect happened, without one it is to be sent again.
pub(super) struct Resolve {
    pub(super) tenant: TenantId,
    pub(super) run: RunId,
    pub(super) at: Position,
    pub(super) result: Option<String>,
    pub(super) by: String,
    pub(super) now: Timestamp,
}

const IN_DOUBT: &str = "
    SELECT 1 FROM journal AS i
    WHERE i.tenant = ? AND i.run = ? AND i.call = ? AND i.item = ? AND i.kind = 'i' AND i.superseded = 0 AND NOT EXISTS (
        SELECT 1 FROM journal AS o WHERE o.tenant = i.tenant AND o.run = i.run AND o.call = i.call AND o.item = i.item
            AND o.kind = 'o' AND o.superseded = 0)
    LIMIT 1";
/// The outcome repeats what the last intent said the call was.
const HAPPENED: &str = "
    INSERT INTO journal (tenant, run, call, item, kind, n, cut, operation, class, binding, arguments_blob, effect_key, epoch, time,
        how, by, ok, result_blob)
    SELECT i.tenant, i.run, i.call, i.item, 'o', 0, r.cut, i.operation, i.class, i.binding, i.arguments_blob, i.effect_key, r.epoch, ?,
        ?, ?, ?, ?
    FROM journal AS i JOIN runs AS r ON r.tenant = i.tenant AND r.id = i.run
    WHERE i.tenant = ? AND i.run = ? AND i.call = ? AND i.item = ? AND i.kind = 'i' AND i.superseded = 0
    ORDER BY i.n DESC LIMIT 1";
/// The intents are set aside, with the name of who did it: the next attempt finds none and sends again.
const AGAIN: &str = "
    UPDATE journal SET by = ?, superseded = (SELECT 1 + max(superseded) FROM journal WHERE tenant = ? AND run = ?)
    WHERE tenant = ? AND run = ? AND call = ? AND item = ? AND kind = 'i' AND superseded = 0";
const QUEUE: &str = "
    UPDATE runs SET state = 'queued', problem_blob = NULL
    WHERE tenant = ? AND id = ? AND NOT EXISTS (
        SELECT 1 FROM journal AS i
        WHERE i.tenant = runs.tenant AND i.run = runs.id AND i.kind = 'i' AND i.superseded = 0 AND NOT EXISTS (
            SELECT 1 FROM journal AS o WHERE o.tenant = i.tenant AND o.run = i.run AND o.call = i.call AND o.item = i.item
                AND o.kind = 'o' AND o.superseded = 0))";

#[async_trait]
impl Job for Resolve {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        script
            .add("SELECT state FROM runs WHERE tenant = ? AND id = ?")
            .bind(self.tenant.as_str())
            .bind(run_key(self.run));
        script.add(IN_DOUBT);
        self.bind_position(&mut script);
        let ran = tx.ask(script).await?.complete()?;
        self.check(ran.row(0), ran.row(1).is_some())?;

        let mut script = Script::default();
        match &self.result {
            Some(result) => {
                script
                    .add(HAPPENED)
                    .bind(int(self.now))
                    .bind(How::Verdict.as_str())
                    .bind(self.by.as_str());
                script.bind(succeeded(result)?).bind(codec::encode(result)?);
            }
            None => {
                script
                    .add(AGAIN)
                    .bind(self.by.as_str())
                    .bind(self.tenant.as_str())
                    .bind(run_key(self.run));
            }
        }
        self.bind_position(&mut script);
        script.add(QUEUE).bind(self.tenant.as_str()).bind(run_key(self.run));
        tx.run(script).await?.complete().map(drop)
    }
}

impl Resolve {
    fn bind_position(&self, script: &mut Script) {
        script
            .bind(self.tenant.as_str())
            .bind(run_key(self.run))
            .bind(self.at.call)
            .bind(self.at.item);
    }

    fn check(&self, run: Option<&SqliteRow>, in_doubt: bool) -> Result<()> {
        let state = run.ok_or(StoreError::NotFound)?.named(0, RunState::parse)?;
        if state != RunState::InDoubt {
            return Err(StoreError::Conflict(format!(
                "the run is `{}`: a verdict is for a run that is `in_doubt`",
                state.as_str()
            )));
        }
        if !in_doubt {
            let Position { call, item } = self.at;
            return Err(StoreError::Conflict(format!(
                "nothing is in doubt at call {call}, item {item}: the run's problem lists what is"
            )));
        }
        Ok(())
    }
}

/// Does a canonical result say that the call succeeded?
fn succeeded(result: &str) -> Result<bool> {
    let value: serde_json::Value = serde_json::from_str(result).unwrap_or_default();
    match value
        .as_object()
        .filter(|object| object.len() == 1)
        .and_then(|object| object.keys().next())
        .map(String::as_str)
    {
        Some("Ok") => Ok(true),
        Some("Err") => Ok(false),
        _ => Err(StoreError::Conflict(
            "a verdict's result is `{\"Ok\": ...}` or `{\"Err\": ...}`".into(),
        )),
    }
}
