//! Which events came in, on the command line?

use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;
use serde_json::json;
use synapse_domain::ids::{ConnectionName, DeliveryId, DeploymentName, TenantId};

use super::api::Api;
use super::{Server, say, show};

#[derive(Subcommand)]
pub enum Command {
    /// Newest first.
    List {
        /// Tenant.
        #[arg(long)]
        tenant: TenantId,
        /// Only of this connection.
        #[arg(long)]
        connection: Option<ConnectionName>,
        /// Only those that started a run of this deployment.
        #[arg(long)]
        deployment: Option<DeploymentName>,
        /// Only `accepted`, `ignored` or `pending` ones, or those of which a run `failed`.
        #[arg(long)]
        state: Option<String>,
        /// Only what came at this time or later: `2026-11-26T02:00:00Z`.
        #[arg(long)]
        since: Option<jiff::Timestamp>,
        /// Only what came before this one.
        #[arg(long)]
        before: Option<DeliveryId>,
        /// At most this many, 1 to 100.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        server: Server,
    },
    /// Take up again what a deployment did not do; what its runs did is kept.
    Redrive {
        /// Tenant.
        #[arg(long)]
        tenant: TenantId,
        /// Deployment.
        #[arg(long)]
        deployment: DeploymentName,
        /// Nothing older than this: `2026-11-26T02:00:00Z`.
        #[arg(long)]
        since: jiff::Timestamp,
        /// `failed` or `partial` runs are retried; events that were `ignored` are evaluated again.
        #[arg(long, value_parser = ["failed", "partial", "ignored"])]
        state: String,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// At most this many, 1 to 100.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        #[command(flatten)]
        server: Server,
    },
    /// What an event said, and what became of it.
    Show {
        /// Tenant.
        #[arg(long)]
        tenant: TenantId,
        /// The event's id.
        event: DeliveryId,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs a subcommand.
pub async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List {
            tenant,
            connection,
            deployment,
            state,
            since,
            before,
            limit,
            server,
        } => {
            let mut path = format!("/v1/tenants/{tenant}/events?limit={limit}");
            let filters = [
                ("connection", connection.map(|name| name.to_string())),
                ("deployment", deployment.map(|name| name.to_string())),
                (
                    "state",
                    state.filter(|state| state.bytes().all(|byte| byte.is_ascii_alphanumeric())),
                ),
                ("since", since.map(|since| since.as_millisecond().max(0).to_string())),
                ("before", before.map(|id| id.to_string())),
            ];
            for (name, value) in filters {
                path.extend(value.map(|value| format!("&{name}={value}")));
            }
            let list = Api::new(&server, Duration::ZERO)?.get(&path).await?;
            if server.json {
                say(list);
            } else {
                say(show::events(&list));
            }
        }
        Command::Redrive {
            tenant,
            deployment,
            since,
            state,
            dry_run,
            limit,
            server,
        } => {
            let path = format!("/v1/tenants/{tenant}/deployments/{deployment}/redrive");
            let since = since.as_millisecond().max(0);
            let order = json!({ "since": since, "state": state, "dry_run": dry_run, "limit": limit });
            let done = Api::new(&server, Duration::ZERO)?.post(&path, &order, &[]).await?;
            if server.json {
                say(done);
            } else {
                say(show::redriven(&done, dry_run));
            }
        }
        Command::Show { tenant, event, server } => {
            let path = format!("/v1/tenants/{tenant}/events/{event}");
            let shown = Api::new(&server, Duration::ZERO)?.get(&path).await?;
            if server.json {
                say(shown);
            } else {
                say(format!("{shown:#}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
