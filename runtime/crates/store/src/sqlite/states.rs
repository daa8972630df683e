//! How does a deployment's memory change together with the journal?

use std::collections::HashMap;

use async_trait::async_trait;
use synapse_domain::ids::{DeploymentName, TenantId};
use synapse_domain::limits::{STATE_KEYS, STATE_PAGE};

use super::columns::{Columns as _, int};
use super::entries::{Rows, fenced, held};
use super::job::{Job, Tx};
use super::script::{Ran, Script};
use super::store::SqliteStore;
use crate::error::StoreError;
use crate::journal::Entry;
use crate::records::{Lease, StateChange, StateEntry, StateResult};
use crate::traits::{MakeOutcome, Result, States};

#[async_trait]
impl States for SqliteStore {
    async fn state_get(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        keys: &[String],
    ) -> Result<Vec<Option<StateEntry>>> {
        let mut script = Script::default();
        select_keys(&mut script, "key, value, revision", tenant, deployment, keys);
        let mut connection = self.reader().acquire().await?;
        let ran = script.run(&mut connection, "", 0).await?.complete()?;
        let mut found = HashMap::new();
        for row in ran.all_rows() {
            found.insert(
                row.value::<String>(0)?,
                StateEntry {
                    value: row.value(1)?,
                    revision: row.count(2)?,
                },
            );
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    async fn state_keys(
        &self,
        tenant: &TenantId,
        deployment: &DeploymentName,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>> {
        // Keys with the prefix are the keys from it on, in byte order, until one does not start with it. `substr` counts characters,
        // hence the comparison of bytes.
        let sql = "SELECT key FROM state WHERE tenant = ? AND deployment = ? AND key >= ? AND key > coalesce(?, '') \
            AND substr(CAST(key AS BLOB), 1, ?) = CAST(? AS BLOB) ORDER BY key LIMIT ?";
        let page = u32::try_from(STATE_PAGE).unwrap_or(u32::MAX);
        let rows = sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(deployment.as_str())
            .bind(prefix)
            .bind(after);
        let rows = rows
            .bind(int(prefix.len() as u64))
            .bind(prefix)
            .bind(limit.clamp(1, page));
        rows.fetch_all(self.reader())
            .await?
            .iter()
            .map(|row| row.value(0))
            .collect()
    }

    async fn state_apply(
        &self,
        lease: &Lease,
        before: Vec<Entry>,
        deployment: &DeploymentName,
        changes: Vec<StateChange>,
        outcome: MakeOutcome,
    ) -> Result<Vec<StateResult>> {
        let before = Rows::encode(before)?;
        self.writer()
            .write(Apply {
                lease: lease.clone(),
                before,
                deployment: deployment.clone(),
                changes,
                outcome,
            })
            .await
    }
}

/// Adds the statements that find the rows of these keys.
fn select_keys(script: &mut Script, columns: &str, tenant: &TenantId, deployment: &DeploymentName, keys: &[String]) {
    let head =
        format!("SELECT {columns} FROM state WHERE tenant = ? AND deployment = ? AND key IN (SELECT v.column1 FROM");
    let owner = |script: &mut Script| {
        script.bind(tenant.as_str()).bind(deployment.as_str());
    };
    script.add_rows(&head, ")", 1, keys.iter().collect(), owner, |script, key| {
        script.bind(key.as_str());
    });
}

/// One `state.apply`.
struct Apply {
    lease: Lease,
    before: Rows,
    deployment: DeploymentName,
    changes: Vec<StateChange>,
    outcome: MakeOutcome,
}

/// What the changes of one call do, worked out in memory: a later change of a key sees the earlier one.
#[derive(Default)]
struct Memory {
    revisions: HashMap<String, Option<u64>>,
    keys: u64,
    floor: u64,
}

#[async_trait]
impl Job for Apply {
    type Answer = Vec<StateResult>;

    async fn run(self, tx: &mut Tx<'_>) -> Result<Vec<StateResult>> {
        let Self {
            lease,
            before,
            deployment,
            changes,
            outcome,
        } = self;
        let keys: Vec<String> = changes.iter().map(|change| change.key.clone()).collect();
        let mut script = fenced(&lease);
        script.add("SELECT d.state_keys, d.state_floor FROM deployments AS d JOIN runs AS r ON r.tenant = d.tenant AND r.deployment = d.name \
            WHERE d.tenant = ? AND d.name = ? AND r.id = ?");
        script
            .bind(lease.tenant.as_str())
            .bind(deployment.as_str())
            .bind(super::columns::run_key(lease.run));
        select_keys(&mut script, "key, revision", &lease.tenant, &deployment, &keys);
        before.insert(&mut script, &lease);
        let ran = held(tx.run(script).await?)?;
        let mut memory = Memory::read(&ran)?;

        let mut results = Vec::with_capacity(changes.len());
        let mut written: HashMap<String, Option<(String, u64)>> = HashMap::new();
        for change in changes {
            let result = memory.change(&change);
            if let StateResult::Changed(revision) = result {
                written.insert(change.key, change.value.map(|value| (value, revision)));
            }
            results.push(result);
        }

        let mut script = Script::default();
        let (tenant, name) = (lease.tenant.as_str(), deployment.as_str());
        write(&mut script, tenant, name, written);
        script.add("UPDATE deployments SET state_keys = ?, state_floor = ? WHERE tenant = ? AND name = ?");
        script
            .bind(int(memory.keys))
            .bind(int(memory.floor))
            .bind(tenant)
            .bind(name);
        let mut rows = Rows::default();
        rows.push(outcome(&results))?;
        rows.insert(&mut script, &lease);
        let ran = tx.run(script).await?;
        if ran.is_duplicate() {
            return Err(StoreError::Conflict(
                "the outcome of this call is recorded already".into(),
            ));
        }
        ran.complete()?;
        Ok(results)
    }
}

/// Adds the statements that put and delete keys.
fn write(script: &mut Script, tenant: &str, deployment: &str, written: HashMap<String, Option<(String, u64)>>) {
    let (mut puts, mut deletes) = (Vec::new(), Vec::new());
    for (key, value) in written {
        match value {
            Some((value, revision)) => puts.push((key, value, revision)),
            None => deletes.push(key),
        }
    }
    let owner = |script: &mut Script| {
        script.bind(tenant).bind(deployment);
    };
    let put = "INSERT INTO state (tenant, deployment, key, value, revision) SELECT ?, ?, v.* FROM";
    let replace =
        "ON CONFLICT (tenant, deployment, key) DO UPDATE SET value = excluded.value, revision = excluded.revision";
    script.add_rows(put, replace, 3, puts, owner, |script, (key, value, revision)| {
        script.bind(key).bind(value).bind(int(revision));
    });
    let delete = "DELETE FROM state WHERE tenant = ? AND deployment = ? AND key IN (SELECT v.column1 FROM";
    script.add_rows(delete, ")", 1, deletes, owner, |script, key| {
        script.bind(key);
    });
}

impl Memory {
    fn read(ran: &Ran) -> Result<Self> {
        // The deployment of the lease's run, or none: an attempt has no business with another one's state.
        let counts = ran.row(1).ok_or(StoreError::NotFound)?;
        let mut memory = Self {
            keys: counts.count(0)?,
            floor: counts.count(1)?,
            ..Self::default()
        };
        for row in ran.all_rows().skip(2) {
            memory.revisions.insert(row.value(0)?, Some(row.count(1)?));
        }
        Ok(memory)
    }

    fn change(&mut self, change: &StateChange) -> StateResult {
        let revision = self.revisions.get(&change.key).copied().flatten();
        if revision != change.expected {
            return StateResult::Conflict(revision);
        }
        let after = match (&change.value, revision) {
            (Some(_), Some(revision)) => Some(revision + 1),
            (Some(_), None) if self.keys >= STATE_KEYS => return StateResult::Full,
            (Some(_), None) => {
                self.keys += 1;
                Some(self.floor + 1)
            }
            (None, Some(revision)) => {
                self.keys = self.keys.saturating_sub(1);
                self.floor = self.floor.max(revision);
                None
            }
            (None, None) => None,
        };
        self.revisions.insert(change.key.clone(), after);
        StateResult::Changed(after.unwrap_or(0))
    }
}
