//! Which runs are held back, by whom, and how are they let go?

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use synapse_domain::ids::TenantId;

use super::columns::{Columns as _, int, record};
use super::job::{Job, Tx};
use super::script::Script;
use crate::codec;
use crate::error::StoreError;
use crate::records::DeploymentVersion;
use crate::timers::{Drain, Pause, Scope};
use crate::traits::Result;

/// Does a pause `p` cover a run `r`? A trigger's runs carry its label, `webhook:closed-cases`.
macro_rules! covers {
    () => {
        "p.tenant = r.tenant AND (p.deployment = '' OR p.deployment = r.deployment) \
         AND (p.trigger = '' OR p.trigger = iif(instr(r.source, ':') > 0, substr(r.source, instr(r.source, ':') + 1), '')) \
         AND (p.connection = '' OR EXISTS (SELECT 1 FROM version_connections AS c WHERE c.tenant = r.tenant \
             AND c.deployment = r.deployment AND c.version = r.version AND c.connection = p.connection))"
    };
}
/// No pause covers the run `r`.
macro_rules! not_paused {
    () => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM pauses AS p WHERE ",
            super::pauses::covers!(),
            ")"
        )
    };
}
pub(super) use {covers, not_paused};

/// The runs that the pause held and no other one holds, one after the other from `now` on. Runs while `?` is the pause still recorded.
const LET_GO: &str = concat!(
    "UPDATE runs SET hold_until = ? + h.n * ? FROM (
        SELECT r.tenant AS tenant, r.id AS id, row_number() OVER (ORDER BY r.id) - 1 AS n
        FROM runs AS r INDEXED BY runs_active
        WHERE r.state = 'queued' AND r.tenant = ? AND r.ended_at IS NULL
            AND EXISTS (SELECT 1 FROM (SELECT ? AS tenant, ? AS connection, ? AS deployment, ? AS trigger) AS p WHERE ",
    covers!(),
    ") AND ",
    "NOT EXISTS (SELECT 1 FROM pauses AS p WHERE ",
    covers!(),
    ")) AS h
    WHERE runs.tenant = h.tenant AND runs.id = h.id
    RETURNING 1"
);
const INSERT: &str = "INSERT INTO pauses (tenant, maintenance, connection, deployment, trigger, by, why, at, until) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1";
const UNTIL: &str = "UPDATE pauses SET until = ?, why = ? WHERE tenant = ? AND maintenance AND connection = ? AND deployment = ? AND trigger = ?";
const DELETE: &str = "DELETE FROM pauses WHERE tenant = ? AND maintenance = ? AND connection = ? AND deployment = ? AND trigger = ? RETURNING 1";

/// A scope as its columns.
fn columns(scope: &Scope) -> [String; 3] {
    let text = |name: Option<String>| name.unwrap_or_default();
    [
        text(scope.connection.as_ref().map(ToString::to_string)),
        text(scope.deployment.as_ref().map(ToString::to_string)),
        text(scope.trigger.as_ref().map(ToString::to_string)),
    ]
}

/// A pause of its row.
pub(super) fn pause(row: &SqliteRow) -> Result<Pause> {
    fn name<T: std::str::FromStr>(row: &SqliteRow, column: usize) -> Result<Option<T>> {
        match row.value::<&str>(column)? {
            "" => Ok(None),
            _ => row.parsed(column).map(Some),
        }
    }
    Ok(Pause {
        tenant: row.parsed(0)?,
        maintenance: row.value(1)?,
        scope: Scope {
            connection: name(row, 2)?,
            deployment: name(row, 3)?,
            trigger: name(row, 4)?,
        },
        by: row.value(5)?,
        why: row.value(6)?,
        at: row.count(7)?,
        until: row.optional_number(8)?,
    })
}

fn insert(script: &mut Script, pause: &Pause) {
    script.add(INSERT).bind(pause.tenant.as_str()).bind(pause.maintenance);
    for column in columns(&pause.scope) {
        script.bind(column);
    }
    script.bind(pause.by.as_str()).bind(pause.why.as_str());
    script.bind(int(pause.at)).bind(pause.until.map(int));
}

/// Another window goes on where this one was to end, or the configuration says another end.
fn longer(script: &mut Script, window: &Pause) {
    script.add(UNTIL).bind(window.until.map(int)).bind(window.why.as_str());
    script.bind(window.tenant.as_str());
    for column in columns(&window.scope) {
        script.bind(column);
    }
}

/// Begins a pause.
pub(super) struct PauseJob(pub(super) Pause);

#[async_trait]
impl Job for PauseJob {
    type Answer = bool;

    async fn run(self, tx: &mut Tx<'_>) -> Result<bool> {
        let mut script = Script::default();
        insert(&mut script, &self.0);
        let ran = tx.run(script).await?.complete()?;
        Ok(ran.row(0).is_some())
    }
}

/// Ends a pause.
pub(super) struct Resume {
    pub(super) tenant: TenantId,
    pub(super) scope: Scope,
    pub(super) drain: Drain,
}

#[async_trait]
impl Job for Resume {
    type Answer = u64;

    async fn run(self, tx: &mut Tx<'_>) -> Result<u64> {
        end(tx, &self.tenant, false, &self.scope, self.drain)
            .await?
            .ok_or(StoreError::NotFound)
    }
}

/// Takes a pause back and lets go what it held: how many runs, if there was such a pause.
async fn end(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    maintenance: bool,
    scope: &Scope,
    drain: Drain,
) -> Result<Option<u64>> {
    let mut script = Script::default();
    script.add(DELETE).bind(tenant.as_str()).bind(maintenance);
    for column in columns(scope) {
        script.bind(column);
    }
    let gap = 60_000 / u64::from(drain.per_minute.max(1));
    script
        .add(LET_GO)
        .bind(int(drain.now))
        .bind(int(gap))
        .bind(tenant.as_str());
    script.bind(tenant.as_str());
    for column in columns(scope) {
        script.bind(column);
    }
    let ran = tx.run(script).await?.complete()?;
    Ok(ran.row(0).map(|_| ran.rows(1).len() as u64))
}

/// Makes the open maintenance windows these.
pub(super) struct Maintenance {
    pub(super) open: Vec<Pause>,
    pub(super) drain: Drain,
}

#[async_trait]
impl Job for Maintenance {
    type Answer = ();

    async fn run(self, tx: &mut Tx<'_>) -> Result<()> {
        let mut script = Script::default();
        script.add("SELECT tenant, maintenance, connection, deployment, trigger, by, why, at, until FROM pauses WHERE maintenance");
        let ran = tx.ask(script).await?.complete()?;
        let known = ran.rows(0).iter().map(pause).collect::<Result<Vec<_>>>()?;
        let same = |one: &Pause, other: &Pause| one.tenant == other.tenant && one.scope == other.scope;
        for gone in known
            .iter()
            .filter(|known| !self.open.iter().any(|open| same(open, known)))
        {
            end(tx, &gone.tenant, true, &gone.scope, self.drain).await?;
        }
        let mut script = Script::default();
        let mut any = false;
        for open in &self.open {
            match known.iter().find(|known| same(open, known)) {
                None => insert(&mut script, open),
                Some(known) if known.until != open.until => longer(&mut script, open),
                Some(_) => continue,
            }
            any = true;
        }
        if any {
            tx.run(script).await?.complete()?;
        }
        Ok(())
    }
}

/// Adds which connections a version is bound to.
pub(super) fn insert_connections(script: &mut Script, version: &DeploymentVersion) {
    for connection in version.bindings.values() {
        script.add("INSERT INTO version_connections (tenant, deployment, version, connection) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
        script.bind(version.tenant.as_str()).bind(version.name.as_str());
        script.bind(version.version).bind(connection.as_str());
    }
}

/// Versions that were made before pauses existed get their connections.
pub(super) async fn backfill(connection: &mut SqliteConnection) -> Result<()> {
    let sql = "SELECT record_blob FROM deployment_versions AS v WHERE NOT EXISTS (SELECT 1 FROM version_connections AS c \
        WHERE c.tenant = v.tenant AND c.deployment = v.name AND c.version = v.version)";
    let rows = sqlx::query(sql).fetch_all(&mut *connection).await?;
    let mut script = Script::default();
    let mut any = false;
    for row in &rows {
        let version: DeploymentVersion = record(&codec::decode(row.try_get::<&[u8], _>(0)?)?)?;
        any = any || !version.bindings.is_empty();
        insert_connections(&mut script, &version);
    }
    if any {
        script.run(connection, "", 0).await?.complete()?;
    }
    Ok(())
}
