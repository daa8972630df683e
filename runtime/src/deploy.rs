//! May this component be deployed this way? Everything that can be known before a run is checked here, and refused by name (G12).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use synapse_capabilities::checkup::Step;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{BindingName, ConnectionName, DeploymentName, TenantId};
use synapse_domain::manifest::{LowerLimits, Manifest, Refused};
use synapse_domain::permission::Grant;
use synapse_domain::trigger::{self, Trigger, Watch};
use synapse_store::StoreError;
use synapse_store::records::{Deployment, DeploymentVersion};

use crate::doctor;
use crate::node::Node;

/// Scopes that a grant may name: those that connectors give to the gate.
const SCOPES: [&str; 8] = [
    "alert-type",
    "alert-source",
    "domain",
    "folder",
    "raw-method",
    "raw-path",
    "closing-reason",
    "reference-set",
];
/// Runs of one deployment at once, at most.
const MOST_CONCURRENCY: u32 = 64;

/// A deployment as an operator asks for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Digest of an uploaded component.
    pub component: Digest,
    /// Text of its `workflow.toml`.
    pub manifest: String,
    /// Settings that satisfy the manifest's schema.
    #[serde(default = "no_settings")]
    pub config: Value,
    /// Logical name to connection.
    #[serde(default)]
    pub bindings: BTreeMap<BindingName, ConnectionName>,
    /// What it may do.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// What starts its runs by itself.
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    /// Runs at once; absent: one after the other.
    #[serde(default = "serial")]
    pub concurrency: u32,
    /// Limits below the plan's.
    #[serde(default)]
    pub limits: Option<LowerLimits>,
    /// Do not ask the targets whether the settings mean something there (`[[checks]]` of the manifest): while they are down. Default false.
    #[serde(default)]
    pub unchecked: bool,
}

fn no_settings() -> Value {
    Value::Object(serde_json::Map::new())
}

fn serial() -> u32 {
    1
}

/// Why a deployment did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Wrong input.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Error> for crate::http::Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => refused.into(),
            Error::Store(error) => error.into(),
        }
    }
}

/// Checks everything, compiles the component, and records the new version.
///
/// # Errors
/// Says what, where and what to do; nothing is half applied.
pub async fn deploy(
    node: &Arc<Node>,
    tenant: TenantId,
    name: DeploymentName,
    wanted: Wanted,
) -> Result<Deployment, Error> {
    if !node.config.tenants.contains_key(&tenant) {
        return Err(StoreError::NotFound.into());
    }
    let manifest = Manifest::parse(&wanted.manifest)?;
    manifest.check_config(&wanted.config)?;
    let limits = manifest.run_limits(wanted.limits.as_ref())?;
    if !(1..=MOST_CONCURRENCY).contains(&wanted.concurrency) {
        return Err(Refused::new(
            "concurrency",
            format!("{}; use 1 to {MOST_CONCURRENCY}", wanted.concurrency),
        )
        .into());
    }
    let source_ids = check_bindings(node, &tenant, &manifest, &wanted.bindings)?;
    check_grants(&wanted.bindings, &wanted.grants)?;
    check_triggers(node, &tenant, &manifest, &wanted)?;
    let bytes = node
        .store
        .component(&tenant, wanted.component)
        .await
        .map_err(|error| match error {
            StoreError::NotFound => Error::from(Refused::new(
                "component",
                format!("{} is not uploaded; upload it first", wanted.component),
            )),
            other => other.into(),
        })?;
    let refused = |error: &dyn std::fmt::Display| Refused::new("component", error.to_string());
    let prepared = node
        .engine
        .loaded
        .components
        .load(&bytes, manifest.plan()?)
        .await
        .map_err(|error| refused(&error))?;
    check_imports(&prepared.imports, &wanted.grants)?;
    if !wanted.unchecked {
        check_targets(node, &tenant, &manifest, &wanted).await?;
    }
    let now = node.clock.now();
    let version = DeploymentVersion {
        tenant: tenant.clone(),
        name: name.clone(),
        version: 0,
        component: wanted.component,
        manifest: wanted.manifest,
        config: wanted.config,
        bindings: wanted.bindings,
        source_ids,
        triggers: wanted.triggers,
        limits,
        concurrency: wanted.concurrency,
        go_live: now,
        created_at: now,
    };
    let deployment = node.store.deploy(version, wanted.grants).await?;
    node.queue.grants_changed(&tenant, &name);
    node.schedules.wake();
    node.hooks.deployed(&tenant).await;
    node.sources.changed().await;
    Ok(deployment)
}

/// The targets have what the settings name.
async fn check_targets(node: &Node, tenant: &TenantId, manifest: &Manifest, wanted: &Wanted) -> Result<(), Refused> {
    let deployed = doctor::Deployed {
        tenant,
        manifest,
        config: &wanted.config,
        bindings: &wanted.bindings,
    };
    let steps = doctor::check(node, &deployed).await;
    let failed: Vec<String> = steps
        .into_iter()
        .filter(Step::is_failed)
        .map(|step| step.to_string())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let advice = "`unchecked = true` deploys it without asking";
    Err(Refused::new("config", format!("{}; {advice}", failed.join("; "))))
}

/// Replaces a deployment's grants; they hold from the next live call on.
///
/// # Errors
/// As [`deploy`].
pub async fn set_grants(
    node: &Arc<Node>,
    tenant: &TenantId,
    name: &DeploymentName,
    grants: Vec<Grant>,
) -> Result<(), Error> {
    let deployment = node.store.deployment(tenant, name).await?;
    check_grants(&deployment.current.bindings, &grants)?;
    node.store.set_grants(tenant, name, grants).await?;
    node.queue.grants_changed(tenant, name);
    Ok(())
}

/// Every binding of the manifest is bound to a connection of its kind, and nothing else is. Answers the source ids to pin.
fn check_bindings(
    node: &Node,
    tenant: &TenantId,
    manifest: &Manifest,
    bound: &BTreeMap<BindingName, ConnectionName>,
) -> Result<BTreeMap<BindingName, String>, Refused> {
    for name in bound.keys() {
        if !manifest.bindings.contains_key(name) {
            return Err(Refused::new(
                format!("bindings.{name}"),
                "the manifest has no such binding; remove it",
            ));
        }
    }
    let mut source_ids = BTreeMap::new();
    for (name, binding) in &manifest.bindings {
        let place = format!("bindings.{name}");
        let Some(connection) = bound.get(name) else {
            return Err(Refused::new(
                place,
                format!("missing; name a `{}` connection of the tenant", binding.kind),
            ));
        };
        let Some(found) = node.connections.get(tenant, connection) else {
            return Err(Refused::new(
                place,
                format!("the tenant has no connection `{connection}`; declare it in the configuration"),
            ));
        };
        if found.client.kind() != binding.kind {
            let problem = format!(
                "`{connection}` is a `{}` connection, the workflow needs `{}`",
                found.client.kind(),
                binding.kind
            );
            return Err(Refused::new(place, problem));
        }
        source_ids.insert(name.clone(), found.source_id.clone());
    }
    Ok(source_ids)
}

/// The workflow understands each trigger's kind, and each trigger's binding is bound to a connection that can do it.
fn check_triggers(node: &Node, tenant: &TenantId, manifest: &Manifest, wanted: &Wanted) -> Result<(), Refused> {
    trigger::check(&wanted.triggers)?;
    for (index, trigger) in wanted.triggers.iter().enumerate() {
        let place = format!("triggers[{index}]");
        let (understood, binding) = match trigger {
            Trigger::Webhook(webhook) => (manifest.triggers.webhook, Some((&webhook.binding, "thehive"))),
            Trigger::Schedule(_) => (manifest.triggers.schedule, None),
            Trigger::Source(source) => {
                let kind = match source.watch {
                    Watch::Offenses { .. } => "qradar",
                    Watch::Folder { .. } => "ews",
                };
                let understood = manifest
                    .triggers
                    .source
                    .iter()
                    .any(|known| known == source.watch.name());
                (understood, Some((&source.binding, kind)))
            }
        };
        if !understood {
            let problem = "the workflow does not understand this kind of trigger (`[triggers]` in its manifest)";
            return Err(Refused::new(place, problem));
        }
        let Some((binding, kind)) = binding else { continue };
        let connection = wanted
            .bindings
            .get(binding)
            .and_then(|name| node.connections.get(tenant, name));
        if connection.is_none_or(|connection| connection.client.kind() != kind) {
            let problem = format!("`{binding}` is not bound to a `{kind}` connection in this deployment");
            return Err(Refused::new(format!("{place}.binding"), problem));
        }
    }
    Ok(())
}

fn check_grants(bound: &BTreeMap<BindingName, ConnectionName>, grants: &[Grant]) -> Result<(), Refused> {
    for (index, grant) in grants.iter().enumerate() {
        if !bound.contains_key(&grant.binding) {
            let problem = format!("`{}` is not bound in this deployment", grant.binding);
            return Err(Refused::new(format!("grants[{index}].binding"), problem));
        }
        if let Some(unknown) = grant.scopes.keys().find(|scope| !SCOPES.contains(&scope.as_str())) {
            let problem = format!("`{unknown}` is no scope; use one of {}", SCOPES.join(", "));
            return Err(Refused::new(format!("grants[{index}].scopes"), problem));
        }
    }
    Ok(())
}

/// The world says what a workflow can touch, the grant how far: an imported interface without any grant is refused, by name.
fn check_imports(imports: &[String], grants: &[Grant]) -> Result<(), Refused> {
    for import in imports {
        let Some(interface) = import.strip_prefix("synapse:").and_then(|rest| rest.split('@').next()) else {
            continue;
        };
        if interface.starts_with("workflow/") || interface.ends_with("/connection") {
            continue;
        }
        let covered = grants
            .iter()
            .any(|grant| grant.operations.iter().any(|pattern| pattern.touches(interface)));
        if !covered {
            let problem = format!(
                "the component imports `{import}`, and no grant covers any operation of it; grant `{interface}.*` or less"
            );
            return Err(Refused::new("grants", problem));
        }
    }
    Ok(())
}
