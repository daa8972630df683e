//! Is the node itself well: store, disk, lease, what waits for people, and what starts runs by itself?

use synapse_capabilities::checkup::Step;
use synapse_domain::ids::TenantId;
use synapse_domain::run::RunState;
use synapse_store::StoreError;
use synapse_store::records::{Deployment, RunFilter};

use crate::node::Node;

/// Free space of the data folder below which the node is in danger, bytes and parts of the whole.
const DISK_BYTES: u64 = 1 << 30;
const DISK_PARTS: u64 = 20;
/// Runs that are counted.
const COUNTED: u32 = 100;

/// Store, lease, disk, runs that wait for people, and what is held back.
///
/// # Errors
/// The store's.
pub async fn examine(node: &Node, tenants: &[&TenantId]) -> Result<Vec<Step>, StoreError> {
    node.store.ping().await?;
    let mut steps = vec![Step::ok("store", "answers")];
    steps.push(lease(node));
    steps.push(disk(node));
    for tenant in tenants {
        steps.extend(in_doubt(node, tenant).await?);
        steps.extend(webhooks(node, tenant).await?);
    }
    let held = node.engine.holds.all();
    let of_tenants = held.iter().filter(|pause| tenants.contains(&&pause.tenant)).count();
    if of_tenants > 0 {
        let found = format!("{of_tenants} pause(s) or maintenance window(s) hold runs back");
        steps.push(Step::warning(
            "pauses",
            found,
            "`synapse pauses list` shows them, `synapse resume` ends one",
        ));
    }
    Ok(steps)
}

fn lease(node: &Node) -> Step {
    if node.engine.lease.until() > node.clock.now() {
        return Step::ok("lease", "the node holds its lease: it may start effects");
    }
    Step::failed(
        "lease",
        "the node's lease ended: it starts no effects",
        "look at the server's log for writes to the store that fail or take longer than `server.lease_seconds`",
    )
}

fn disk(node: &Node) -> Step {
    const STEP: &str = "disk";
    let folder = &node.config.server.data_dir;
    let (free, size) = match rustix::fs::statvfs(folder) {
        Ok(found) => (
            found.f_bavail.saturating_mul(found.f_frsize),
            found.f_blocks.saturating_mul(found.f_frsize),
        ),
        Err(error) => return Step::skipped(STEP, format!("`{}` cannot be asked: {error}", folder.display())),
    };
    let found = format!(
        "`{}` has {} MiB free of {} MiB",
        folder.display(),
        free >> 20,
        size >> 20
    );
    if free < DISK_BYTES || free < size / DISK_PARTS {
        return Step::warning(
            STEP,
            found,
            "make room: without it no event is accepted and no call is journaled",
        );
    }
    Step::ok(STEP, found)
}

/// Runs whose effect nobody but a person can settle.
async fn in_doubt(node: &Node, tenant: &TenantId) -> Result<Option<Step>, StoreError> {
    let filter = RunFilter {
        deployment: None,
        state: Some(RunState::InDoubt),
        before: None,
        limit: COUNTED,
    };
    let found = node.store.runs(tenant, filter).await?;
    let count = found.len();
    Ok((count > 0).then(|| {
        Step::warning(
            "in-doubt",
            format!("{count} run(s) of `{tenant}` wait for somebody to say whether an effect happened"),
            format!("`synapse runs list --tenant {tenant} --state in_doubt`, look at the target, then `synapse runs resolve`"),
        )
    }))
}

/// Connections that accept events which nobody sends.
async fn webhooks(node: &Node, tenant: &TenantId) -> Result<Vec<Step>, StoreError> {
    let mut steps = Vec::new();
    let Some(settings) = node.config.tenants.get(tenant) else {
        return Ok(steps);
    };
    for name in settings
        .connections
        .iter()
        .filter(|(_, connection)| connection.webhook.is_some())
        .map(|(name, _)| name)
    {
        let counts = node.store.hook_counts(tenant, name).await?;
        if counts.last_received_at.is_none() {
            steps.push(Step::warning(
                "webhooks",
                format!("no event of `{name}` of `{tenant}` has ever come"),
                format!("let TheHive send to `/t/{tenant}/hooks/thehive/{name}` (docs/operators.md); the reconciler finds closures meanwhile"),
            ));
        }
    }
    Ok(steps)
}

/// The sources that a deployment watches.
///
/// # Errors
/// The store's.
pub async fn sources(node: &Node, deployment: &Deployment) -> Result<Vec<Step>, StoreError> {
    let current = &deployment.current;
    let cursors = node.store.cursors(&current.tenant, Some(&current.name)).await?;
    let shown = cursors.iter().map(|cursor| {
        let name = &cursor.id.trigger;
        match (cursor.failures, &cursor.problem) {
            (0, _) => Step::ok("source", format!("`{name}` looks at its source")),
            (failures, problem) => Step::failed(
                "source",
                format!("the last {failures} look(s) of `{name}` failed: {}", problem.as_deref().unwrap_or("no reason was kept")),
                "`synapse connections test` says which step fails; what is missed meanwhile is found when the source answers",
            ),
        }
    });
    Ok(shown.collect())
}
