//! How is an event recorded with its runs, once, however often it comes?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::hive::{Action, Via};
use synapse_domain::ids::{DeliveryId, TenantId};

use super::columns::{Columns as _, int, run_key};
use super::job::{Job, Tx};
use super::script::Script;
use super::submit::Submit;
use crate::codec;
use crate::deliveries::{Delivered, DeliveryState, HookRun, NewDelivery, PENDING_EVENTS, SAME_CLOSURE, Verdict, What};
use crate::error::StoreError;
use crate::traits::Result;

/// Why an event waits whose runs found no place.
const FULL: &str = "the tenant's queue is full; it is tried again";

/// A closure or reopening that is known already: the same moment, or one that the reconciler could only date by a later change.
macro_rules! same_closure {
    () => {
        "d.tenant = ? AND d.connection = ? AND d.object = ? AND d.object_id = ? AND d.action = ? AND d.moment IS NOT NULL \
         AND (abs(d.moment - ?) <= ? OR (d.via = 'reconciler' AND NOT d.exact AND d.moment >= ?))"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO deliveries (tenant, id, connection, key, via, event, object, action, object_id, event_time, moment, exact, state, \
     reason, received_at, last_at, bytes, data_blob) \
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? \
     WHERE NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE ",
    same_closure!(),
    ") ON CONFLICT (tenant, connection, key) DO NOTHING RETURNING id"
);
const KNOWN: &str = concat!(
    "SELECT id, state, reason FROM deliveries AS d WHERE d.tenant = ? AND d.connection = ? AND d.key = ? \
     UNION ALL SELECT id, state, reason FROM deliveries AS d WHERE ",
    same_closure!(),
    " LIMIT 1"
);
const AGAIN: &str = "UPDATE deliveries SET duplicates = duplicates + 1, last_at = ? WHERE tenant = ? AND id = ?";
const RUNS: &str = "SELECT run FROM delivery_runs WHERE tenant = ? AND delivery = ?";
const RUN: &str = "INSERT INTO delivery_runs (tenant, delivery, deployment, trigger, run) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const STATE: &str =
    "UPDATE deliveries SET state = ?, reason = ?, last_at = ? WHERE tenant = ? AND id = ? RETURNING connection";
const PENDING: &str = "SELECT pending FROM hooks WHERE tenant = ? AND connection = ?";

/// Records an event.
pub(super) struct Deliver(pub(super) NewDelivery);

fn split(verdict: Verdict) -> (DeliveryState, Option<String>, Vec<HookRun>) {
    match verdict {
        Verdict::Start(runs) => (DeliveryState::Accepted, None, runs),
        Verdict::Ignore(reason) => (DeliveryState::Ignored, Some(reason), Vec::new()),
        Verdict::Wait(reason) => (DeliveryState::Pending, Some(reason), Vec::new()),
    }
}

/// Binds the parameters of `same_closure`; a parameter is empty, and no row fits, where the event is neither closure nor reopening.
fn bind_closure(script: &mut Script, delivery: &NewDelivery) {
    let what = delivery
        .what
        .as_ref()
        .filter(|what| matches!(what.action, Action::Closed | Action::Reopened));
    let moment = what.and_then(|what| what.moment).map(|(at, _)| int(at));
    script
        .bind(delivery.tenant.as_str())
        .bind(delivery.connection.as_str())
        .bind(what.map(|what| what.object.as_str()))
        .bind(what.map(|what| what.id.as_str()))
        .bind(what.map(|what| what.action.as_str()))
        .bind(moment)
        .bind(int(SAME_CLOSURE))
        .bind(moment);
}

fn insert(delivery: &NewDelivery, state: DeliveryState, reason: Option<&str>) -> Result<Script> {
    let mut script = Script::default();
    let data = codec::encode(&delivery.data)?;
    let what = delivery.what.as_ref();
    let moment = what.and_then(told);
    script.add(INSERT);
    script
        .bind(delivery.tenant.as_str())
        .bind(delivery.id.as_bytes().to_vec())
        .bind(delivery.connection.as_str())
        .bind(delivery.key.as_str())
        .bind(delivery.via.as_str())
        .bind(what.map_or(String::new(), |what| {
            format!("{}.{}", what.object.as_str(), what.action.as_str())
        }))
        .bind(what.map_or("", |what| what.object.as_str()))
        .bind(what.map_or("", |what| what.action.as_str()))
        .bind(what.map_or("", |what| what.id.as_str()))
        .bind(int(what.map_or(delivery.received_at, |what| what.time)))
        .bind(moment.map(|(at, _)| int(at)))
        .bind(moment.is_some_and(|(_, exact)| exact))
        .bind(state.as_str())
        .bind(reason)
        .bind(int(delivery.received_at))
        .bind(int(delivery.received_at))
        .bind(int(data.len() as u64))
        .bind(data);
    bind_closure(&mut script, delivery);
    Ok(script)
}

/// Only creations, closures and reopenings are the ledger's.
fn told(what: &What) -> Option<(Timestamp, bool)> {
    match what.action {
        Action::Created | Action::Closed | Action::Reopened => what.moment,
        Action::Updated | Action::Deleted | Action::Merged | Action::Imported => None,
    }
}

#[async_trait]
impl Job for Deliver {
    type Answer = Delivered;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Delivered> {
        let Self(mut delivery) = self;
        let verdict = std::mem::replace(&mut delivery.verdict, Verdict::Start(Vec::new()));
        let (state, reason, runs) = split(verdict);
        let script = insert(&delivery, state, reason.as_deref())?;
        if tx.ask(script).await?.complete()?.row(0).is_none() {
            return known(tx, &delivery).await;
        }
        tx.changed();
        let mut delivered = Delivered {
            id: delivery.id,
            created: true,
            state,
            reason,
            runs: Vec::new(),
            started: false,
        };
        start(tx, &delivery.tenant, runs, &mut delivered).await?;
        if delivered.state == DeliveryState::Pending {
            let connection = delivery.connection.as_str();
            if state != DeliveryState::Pending {
                set_state(tx, &delivery.tenant, &delivered, delivery.received_at).await?;
            }
            let mut script = Script::default();
            script.add(PENDING).bind(delivery.tenant.as_str()).bind(connection);
            let ran = tx.ask(script).await?.complete()?;
            if ran.row(0).map(|row| row.count(0)).transpose()? > Some(PENDING_EVENTS) {
                return Err(StoreError::Quota("pending-events"));
            }
        }
        Ok(delivered)
    }
}

/// What became of the event when it came first.
async fn known(tx: &mut Tx<'_>, delivery: &NewDelivery) -> Result<Delivered> {
    let tenant = delivery.tenant.as_str();
    let mut script = Script::default();
    script
        .add(KNOWN)
        .bind(tenant)
        .bind(delivery.connection.as_str())
        .bind(delivery.key.as_str());
    bind_closure(&mut script, delivery);
    let ran = tx.ask(script).await?.complete()?;
    let row = ran.row(0).ok_or(StoreError::NotFound)?;
    let id = DeliveryId::from_bytes(row.bytes(0)?);
    let (state, reason) = (row.named(1, DeliveryState::parse)?, row.value(2)?);
    let mut script = Script::default();
    script.add(RUNS).bind(tenant).bind(id.as_bytes().to_vec());
    // What the reconciler sees again was not sent again.
    let ran = if delivery.via == Via::Webhook {
        script
            .add(AGAIN)
            .bind(int(delivery.received_at))
            .bind(tenant)
            .bind(id.as_bytes().to_vec());
        tx.run(script).await?.complete()?
    } else {
        tx.ask(script).await?.complete()?
    };
    Ok(Delivered {
        id,
        created: false,
        state,
        reason,
        runs: ran
            .rows(0)
            .iter()
            .map(|row: &SqliteRow| row.run_id(0))
            .collect::<Result<_>>()?,
        started: false,
    })
}

/// Starts the runs; a full queue leaves the event pending, with what could be started.
async fn start(tx: &mut Tx<'_>, tenant: &TenantId, runs: Vec<HookRun>, delivered: &mut Delivered) -> Result<()> {
    for HookRun { trigger, run } in runs {
        let deployment = run.deployment.clone();
        let submitted = match Submit::new(run, None, 0)?.run(tx).await {
            Ok(submitted) => submitted,
            Err(StoreError::Quota(_)) => {
                delivered.state = DeliveryState::Pending;
                delivered.reason = Some(FULL.to_owned());
                continue;
            }
            Err(error) => return Err(error),
        };
        delivered.started |= submitted.created;
        delivered.runs.push(submitted.run);
        let mut script = Script::default();
        script
            .add(RUN)
            .bind(tenant.as_str())
            .bind(delivered.id.as_bytes().to_vec())
            .bind(deployment.as_str())
            .bind(trigger.as_str())
            .bind(run_key(submitted.run));
        tx.run(script).await?.complete()?;
    }
    Ok(())
}

async fn set_state(tx: &mut Tx<'_>, tenant: &TenantId, delivered: &Delivered, now: Timestamp) -> Result<()> {
    let mut script = Script::default();
    script
        .add(STATE)
        .bind(delivered.state.as_str())
        .bind(delivered.reason.as_deref())
        .bind(int(now))
        .bind(tenant.as_str())
        .bind(delivered.id.as_bytes().to_vec());
    let ran = tx.run(script).await?.complete()?;
    ran.row(0).map(drop).ok_or(StoreError::NotFound)
}

/// Records what became of an event that was evaluated again.
pub(super) struct Settle {
    pub(super) tenant: TenantId,
    pub(super) id: DeliveryId,
    pub(super) verdict: Verdict,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Job for Settle {
    type Answer = Delivered;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Delivered> {
        let (state, reason, runs) = split(self.verdict);
        let mut delivered = Delivered {
            id: self.id,
            created: false,
            state,
            reason,
            runs: Vec::new(),
            started: false,
        };
        start(tx, &self.tenant, runs, &mut delivered).await?;
        set_state(tx, &self.tenant, &delivered, self.now).await?;
        Ok(delivered)
    }
}
