//! How are runs held back and let go from the command line?

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use synapse_domain::ids::{ConnectionName, DeploymentName, TenantId, TriggerName};

use super::api::Api;
use super::{Server, say, show};

#[derive(Args)]
pub struct Scope {
    /// Tenant; without anything else all of it.
    #[arg(long)]
    tenant: TenantId,
    /// Deployments that use this connection.
    #[arg(long, conflicts_with = "deployment")]
    connection: Option<ConnectionName>,
    /// This deployment.
    #[arg(long)]
    deployment: Option<DeploymentName>,
    /// Of the deployment, this trigger.
    #[arg(long, requires = "deployment")]
    trigger: Option<TriggerName>,
}

#[derive(Args)]
pub struct Pause {
    #[command(flatten)]
    scope: Scope,
    /// Why: shown to whoever wonders.
    #[arg(long, default_value = "")]
    why: String,
    #[command(flatten)]
    server: Server,
}

#[derive(Args)]
pub struct Resume {
    #[command(flatten)]
    scope: Scope,
    /// Runs per minute that start of those that were held. Default 60.
    #[arg(long)]
    per_minute: Option<u32>,
    #[command(flatten)]
    server: Server,
}

#[derive(Subcommand)]
pub enum Pauses {
    /// What is held back, by whom and why.
    List {
        /// Tenant.
        #[arg(long)]
        tenant: TenantId,
        #[command(flatten)]
        server: Server,
    },
}

impl Scope {
    fn body(&self) -> Map<String, Value> {
        let named = [
            ("connection", self.connection.as_ref().map(ToString::to_string)),
            ("deployment", self.deployment.as_ref().map(ToString::to_string)),
            ("trigger", self.trigger.as_ref().map(ToString::to_string)),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
        named.collect()
    }
}

/// Holds runs back.
pub async fn pause(arguments: Pause) -> anyhow::Result<ExitCode> {
    let mut body = arguments.scope.body();
    body.insert("why".to_owned(), arguments.why.into());
    let path = format!("/v1/tenants/{}/pause", arguments.scope.tenant);
    let api = Api::new(&arguments.server, Duration::ZERO)?;
    let paused = api.post(&path, &Value::Object(body), &[]).await?;
    say(if arguments.server.json {
        paused.to_string()
    } else {
        "paused: events are accepted, no run starts until `synapse resume`".to_owned()
    });
    Ok(ExitCode::SUCCESS)
}

/// Lets runs go.
pub async fn resume(arguments: Resume) -> anyhow::Result<ExitCode> {
    let mut body = arguments.scope.body();
    body.extend(
        arguments
            .per_minute
            .map(|rate| ("per_minute".to_owned(), Value::from(rate))),
    );
    let path = format!("/v1/tenants/{}/resume", arguments.scope.tenant);
    let api = Api::new(&arguments.server, Duration::ZERO)?;
    let resumed = api.post(&path, &Value::Object(body), &[]).await?;
    say(if arguments.server.json {
        resumed.to_string()
    } else {
        format!(
            "resumed: {} run(s) that were held start now",
            resumed.get("held").unwrap_or(&Value::Null)
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// Shows what is held back.
pub async fn dispatch(command: Pauses) -> anyhow::Result<ExitCode> {
    let Pauses::List { tenant, server } = command;
    let list = Api::new(&server, Duration::ZERO)?
        .get(&format!("/v1/tenants/{tenant}/pauses"))
        .await?;
    say(if server.json {
        list.to_string()
    } else {
        show::pauses(&list)
    });
    Ok(ExitCode::SUCCESS)
}
