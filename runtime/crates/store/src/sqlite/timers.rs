//! Which schedules are due, and how does a due time get its run exactly once?

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use synapse_domain::clock::Timestamp;
use synapse_domain::ids::{DeploymentName, RunId, TenantId};
use synapse_domain::trigger::{Overlap, Schedule, Trigger};

use super::cancel::Cancel;
use super::columns::{Columns as _, int, record, run_key};
use super::job::{Job, Tx};
use super::pauses::{Maintenance, PauseJob, Resume, pause};
use super::script::Script;
use super::store::SqliteStore;
use super::submit::Submit;
use crate::error::StoreError;
use crate::records::DeploymentVersion;
use crate::timers::{Drain, Due, Fired, Firing, Pause, ScheduleView, Scope, Timers};
use crate::traits::Result;

/// Unfinished runs of one trigger with the overlap policy `queue`, at most: a schedule that is faster than its runs must not fill the queue.
const UNFINISHED: usize = 100;

/// Paused schedules wait; what to do about the times that pass is their catch-up policy's business.
const DUE: &str = "
    SELECT s.tenant, s.deployment, s.version, s.trigger, s.next_at, s.jitter_ms, v.record_blob
    FROM schedules AS s JOIN deployment_versions AS v ON v.tenant = s.tenant AND v.name = s.deployment AND v.version = s.version
    WHERE s.due_at <= ? AND NOT EXISTS (SELECT 1 FROM pauses AS p WHERE p.tenant = s.tenant
        AND (p.deployment = '' OR p.deployment = s.deployment) AND (p.trigger = '' OR p.trigger = s.trigger)
        AND (p.connection = '' OR EXISTS (SELECT 1 FROM version_connections AS c WHERE c.tenant = s.tenant
            AND c.deployment = s.deployment AND c.version = s.version AND c.connection = p.connection)))
    ORDER BY s.due_at LIMIT ?";
const UNCHANGED: &str =
    "SELECT 1 FROM schedules WHERE tenant = ? AND deployment = ? AND trigger = ? AND version = ? AND next_at = ?";
const OPEN_RUNS: &str = "SELECT id FROM runs INDEXED BY runs_active WHERE state IN ('running', 'queued', 'waiting', 'in_doubt') AND tenant = ? \
    AND deployment = ? AND ended_at IS NULL AND source = ? ORDER BY id";
const STEP: &str = "
    UPDATE schedules SET next_at = ?, due_at = ? + jitter_ms, fired_at = coalesce(?, fired_at), fired_run = coalesce(?, fired_run),
        skipped_at = coalesce(?, skipped_at), skip_reason = coalesce(?, skip_reason)
    WHERE tenant = ? AND deployment = ? AND trigger = ?";
const VIEW: &str = "SELECT trigger, next_at, due_at, fired_at, fired_run, skipped_at, skip_reason FROM schedules \
    WHERE tenant = ? AND deployment = ? ORDER BY trigger";

#[async_trait]
impl Timers for SqliteStore {
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Due>> {
        let rows = sqlx::query(DUE)
            .bind(int(now))
            .bind(limit)
            .fetch_all(self.reader())
            .await?;
        rows.iter().filter_map(|row| due(row).transpose()).collect()
    }

    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>> {
        let row = sqlx::query("SELECT min(due_at) FROM schedules WHERE due_at > ?")
            .bind(int(after))
            .fetch_one(self.reader())
            .await?;
        row.optional_number(0)
    }

    async fn fire(&self, firing: Firing) -> Result<Fired> {
        self.writer().write(Fire(firing)).await
    }

    async fn schedules(&self, tenant: &TenantId, deployment: &DeploymentName) -> Result<Vec<ScheduleView>> {
        let rows = sqlx::query(VIEW)
            .bind(tenant.as_str())
            .bind(deployment.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(view).collect()
    }

    async fn pause(&self, pause: Pause) -> Result<bool> {
        self.writer().write(PauseJob(pause)).await
    }

    async fn resume(&self, tenant: &TenantId, scope: Scope, drain: Drain) -> Result<u64> {
        let tenant = tenant.clone();
        self.writer().write(Resume { tenant, scope, drain }).await
    }

    async fn set_maintenance(&self, open: Vec<Pause>, drain: Drain) -> Result<()> {
        self.writer().write(Maintenance { open, drain }).await
    }

    async fn pauses(&self, tenant: Option<&TenantId>) -> Result<Vec<Pause>> {
        let sql = "SELECT tenant, maintenance, connection, deployment, trigger, by, why, at, until FROM pauses \
            WHERE ? IS NULL OR tenant = ? ORDER BY tenant, at, connection, deployment, trigger";
        let tenant = tenant.map(TenantId::as_str);
        let rows = sqlx::query(sql)
            .bind(tenant)
            .bind(tenant)
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(pause).collect()
    }
}

/// A due schedule; nothing if its version does not declare it (which only damage can cause).
fn due(row: &SqliteRow) -> Result<Option<Due>> {
    let version: DeploymentVersion = record(&row.payload(6)?)?;
    let name: &str = row.value(3)?;
    let schedule = version.triggers.into_iter().find_map(|trigger| match trigger {
        Trigger::Schedule(schedule) if schedule.name.as_str() == name => Some(schedule),
        Trigger::Schedule(_) | Trigger::Webhook(_) | Trigger::Source(_) => None,
    });
    let Some(schedule) = schedule else { return Ok(None) };
    Ok(Some(Due {
        tenant: row.parsed(0)?,
        deployment: row.parsed(1)?,
        version: row.number(2)?,
        schedule,
        next: row.count(4)?,
        jitter_ms: row.count(5)?,
    }))
}

fn view(row: &SqliteRow) -> Result<ScheduleView> {
    let ran = row.value::<Option<&[u8]>>(4)?.is_some();
    Ok(ScheduleView {
        trigger: row.parsed(0)?,
        next: row.optional_number(1)?,
        due: row.optional_number(2)?,
        last_fired: row.optional_number(3)?,
        last_run: ran.then(|| row.run_id(4)).transpose()?,
        last_skipped: row.optional_number(5)?,
        skip_reason: row.value(6)?,
    })
}

/// Acts on a due schedule.
struct Fire(Firing);

#[async_trait]
impl Job for Fire {
    type Answer = Fired;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Fired> {
        let Firing {
            due,
            run,
            mut skipped,
            next,
            now,
        } = self.0;
        let (tenant, deployment) = (due.tenant.as_str(), due.deployment.as_str());
        let trigger = due.schedule.name.as_str();
        let label = format!("schedule:{trigger}");
        let mut script = Script::default();
        script.add(UNCHANGED).bind(tenant).bind(deployment).bind(trigger);
        script.bind(due.version).bind(int(due.next));
        script.add(OPEN_RUNS).bind(tenant).bind(deployment).bind(label);
        let ran = tx.ask(script).await?.complete()?;
        if ran.row(0).is_none() {
            return Ok(Fired::default());
        }
        let open = ran
            .rows(1)
            .iter()
            .map(|row| row.run_id(0))
            .collect::<Result<Vec<_>>>()?;
        let mut fired = Fired {
            done: true,
            ..Fired::default()
        };
        let mut accepted = None;
        if let Some((time, run)) = run {
            if let Some(reason) = left_out(due.overlap(), &open) {
                skipped = Some(synapse_domain::trigger::Skipped {
                    time,
                    reason: reason.clone(),
                });
                fired.left_out = Some(reason);
            } else {
                if due.overlap() == Overlap::Replace {
                    for run in &open {
                        replace(tx, &due, *run, now).await?;
                    }
                    fired.replaced = open;
                }
                let id = submit(tx, run, due.overlap() == Overlap::Queue).await?;
                accepted = Some((time, id));
                fired.run = Some(id);
            }
        }
        let mut script = Script::default();
        script.add(STEP).bind(next.map(int)).bind(next.map(int));
        script
            .bind(accepted.map(|(time, _)| int(time)))
            .bind(accepted.map(|(_, id)| run_key(id)));
        script
            .bind(skipped.as_ref().map(|skipped| int(skipped.time)))
            .bind(skipped.as_ref().map(|skipped| skipped.reason.as_str()));
        script.bind(tenant).bind(deployment).bind(trigger);
        tx.run(script).await?.complete()?;
        Ok(fired)
    }
}

/// Why a time gets no run while others of its trigger are unfinished.
fn left_out(overlap: Overlap, open: &[RunId]) -> Option<String> {
    let first = open.first()?;
    match overlap {
        Overlap::Skip => Some(format!(
            "run {first} of this trigger was not finished (`overlap` is `skip`)"
        )),
        Overlap::Queue if open.len() >= UNFINISHED => Some(format!(
            "{} runs of this trigger were not finished, the first is {first}",
            open.len()
        )),
        Overlap::Queue | Overlap::Replace => None,
    }
}

async fn replace(tx: &mut Tx<'_>, due: &Due, run: RunId, now: Timestamp) -> Result<()> {
    let cancel = Cancel {
        tenant: due.tenant.clone(),
        run,
        by: format!("schedule:{}", due.schedule.name),
        now,
    };
    cancel.run(tx).await.map(drop)
}

/// Accepts the run. A time whose key is known has its run, whatever its input was then.
async fn submit(tx: &mut Tx<'_>, run: crate::records::NewRun, in_order: bool) -> Result<RunId> {
    let (tenant, id) = (run.tenant.clone(), run.id);
    let key = run.idempotency.as_ref().map(|(key, _)| key.clone());
    match Submit::new(run, None, 0)?.run(tx).await {
        Ok(submitted) => {
            if submitted.created && in_order {
                let mut script = Script::default();
                script.add("UPDATE runs SET in_order = 1 WHERE tenant = ? AND id = ?");
                script.bind(tenant.as_str()).bind(run_key(id));
                tx.run(script).await?.complete()?;
            }
            Ok(submitted.run)
        }
        Err(StoreError::Conflict(_)) => {
            let mut script = Script::default();
            script.add("SELECT run FROM idempotency WHERE tenant = ? AND key = ?");
            script.bind(tenant.as_str()).bind(key);
            let ran = tx.ask(script).await?.complete()?;
            ran.row(0).ok_or(StoreError::NotFound)?.run_id(0)
        }
        Err(error) => Err(error),
    }
}

/// Makes the schedules of a deployment those of its new version. One whose times did not change keeps what it is about to do.
pub(super) async fn replace_schedules(tx: &mut Tx<'_>, version: &DeploymentVersion) -> Result<()> {
    let (tenant, name) = (version.tenant.as_str(), version.name.as_str());
    let mut script = Script::default();
    script.add("SELECT trigger, spec, fired_at FROM schedules WHERE tenant = ? AND deployment = ?");
    script.bind(tenant).bind(name);
    let ran = tx.ask(script).await?.complete()?;
    let mut known = std::collections::BTreeMap::new();
    for row in ran.rows(0) {
        let fired: Option<u64> = row.optional_number(2)?;
        known.insert(row.value::<String>(0)?, (row.value::<String>(1)?, fired));
    }
    let mut script = Script::default();
    let mut any = !known.is_empty();
    for trigger in &version.triggers {
        let Trigger::Schedule(schedule) = trigger else { continue };
        any = true;
        let (spec, jitter) = (spec(schedule), schedule.jitter_ms(&version.tenant, &version.name));
        let before = known.remove(schedule.name.as_str());
        if before.as_ref().is_some_and(|(known, _)| *known == spec) {
            script.add("UPDATE schedules SET version = ? WHERE tenant = ? AND deployment = ? AND trigger = ?");
            script
                .bind(version.version)
                .bind(tenant)
                .bind(name)
                .bind(schedule.name.as_str());
            continue;
        }
        // Not a time that had its run already, should the clock have been set back.
        let after = version
            .created_at
            .max(version.go_live)
            .max(before.and_then(|(_, fired)| fired).unwrap_or(0));
        let calendar = schedule
            .calendar()
            .map_err(|(field, why)| StoreError::Conflict(format!("schedule `{}`, {field}: {why}", schedule.name)))?;
        let next = calendar.next_after(after);
        script.add(
            "INSERT INTO schedules (tenant, deployment, trigger, version, spec, next_at, due_at, jitter_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (tenant, deployment, trigger) DO UPDATE SET version = excluded.version, spec = excluded.spec, \
             next_at = excluded.next_at, due_at = excluded.due_at, jitter_ms = excluded.jitter_ms",
        );
        script
            .bind(tenant)
            .bind(name)
            .bind(schedule.name.as_str())
            .bind(version.version);
        script
            .bind(spec)
            .bind(next.map(int))
            .bind(next.map(|next| int(next.saturating_add(jitter))))
            .bind(int(jitter));
    }
    for gone in known.keys() {
        script.add("DELETE FROM schedules WHERE tenant = ? AND deployment = ? AND trigger = ?");
        script.bind(tenant).bind(name).bind(gone.as_str());
    }
    if any {
        tx.run(script).await?.complete()?;
    }
    Ok(())
}

/// What decides when it fires.
fn spec(schedule: &Schedule) -> String {
    format!("{}|{}|{}", schedule.cron, schedule.time_zone, schedule.jitter_seconds)
}
