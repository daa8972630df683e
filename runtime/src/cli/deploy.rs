//! How does a component on disk become a deployment?

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use synapse_domain::digest::Digest;
use synapse_domain::ids::{BindingName, ConnectionName, DeploymentName, TenantId};
use synapse_domain::manifest::LowerLimits;
use synapse_domain::permission::Grant;
use synapse_domain::trigger::Trigger;

use super::api::Api;
use super::{Server, say, show};
use crate::deploy::Wanted;

/// Compiling a large component takes this long at most.
const COMPILING: Duration = Duration::from_secs(150);

#[derive(Args)]
pub struct Arguments {
    /// Tenant.
    #[arg(long)]
    tenant: TenantId,
    /// Deployment file: name, component, manifest, config, bindings, grants.
    #[arg(long)]
    file: PathBuf,
    /// Do not ask the targets whether the settings mean something there: while they are down.
    #[arg(long)]
    unchecked: bool,
    #[command(flatten)]
    server: Server,
}

/// A deployment file. Relative paths start at its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Name of the deployment.
    name: DeploymentName,
    /// The component.
    component: PathBuf,
    /// Its `workflow.toml`.
    manifest: PathBuf,
    /// Settings.
    #[serde(default)]
    config: BTreeMap<String, Value>,
    /// Logical name to connection.
    #[serde(default)]
    bindings: BTreeMap<BindingName, ConnectionName>,
    /// What it may do.
    #[serde(default)]
    grants: Vec<Grant>,
    /// What starts its runs by itself.
    #[serde(default)]
    triggers: Vec<Trigger>,
    /// Runs at once.
    #[serde(default = "serial")]
    concurrency: u32,
    /// Limits below the plan's.
    #[serde(default)]
    limits: Option<LowerLimits>,
}

fn serial() -> u32 {
    1
}

/// Uploads and deploys.
pub async fn deploy(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let path = &arguments.file;
    let text = std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let file: File = toml::from_str(&text).with_context(|| format!("`{}` is not a deployment file", path.display()))?;
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    let component_path = folder.join(&file.component);
    let component = std::fs::read(&component_path)
        .with_context(|| format!("component `{}` cannot be read", component_path.display()))?;
    let manifest_path = folder.join(&file.manifest);
    let manifest = std::fs::read_to_string(&manifest_path)
        .with_context(|| format!("manifest `{}` cannot be read", manifest_path.display()))?;
    let digest = Digest::of(&component);
    let api = Api::new(&arguments.server, COMPILING)?;
    let tenant = &arguments.tenant;
    api.upload(&format!("/v1/tenants/{tenant}/components/{digest}"), component)
        .await?;
    let wanted = Wanted {
        component: digest,
        manifest,
        config: serde_json::to_value(file.config)?,
        bindings: file.bindings,
        grants: file.grants,
        triggers: file.triggers,
        concurrency: file.concurrency,
        limits: file.limits,
        unchecked: arguments.unchecked,
    };
    let deployed = api
        .put(
            &format!("/v1/tenants/{tenant}/deployments/{}", file.name),
            &serde_json::to_value(wanted)?,
        )
        .await?;
    if arguments.server.json {
        say(deployed);
    } else {
        say(show::deployment(tenant, &deployed));
    }
    Ok(ExitCode::SUCCESS)
}
