//! What works and what does not, from the command line?

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use synapse_capabilities::checkup::{self, Step};
use synapse_domain::ids::{ConnectionName, TenantId};

use super::api::Api;
use super::show::{items, text};
use super::{Server, say};
use crate::config;

/// An examination takes about a minute per connection at most; a server does eight at once.
const EXAMINING: Duration = Duration::from_secs(300);

#[derive(Subcommand)]
pub enum Connections {
    /// The tenant's connections.
    List {
        /// Tenant.
        #[arg(long)]
        tenant: TenantId,
        #[command(flatten)]
        server: Server,
    },
    /// Test connections step by step: name, TCP, TLS, certificate, login, version, permissions.
    Test(Test),
}

#[derive(Args)]
pub struct Test {
    /// Tenant.
    #[arg(long)]
    tenant: TenantId,
    /// Connection; without it all of the tenant's.
    connection: Option<ConnectionName>,
    /// Test from here, without a server, as this configuration file says. What deployments need is not known then.
    #[arg(long)]
    config: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
}

#[derive(Args)]
pub struct Doctor {
    /// Only this tenant.
    #[arg(long)]
    tenant: Option<TenantId>,
    #[command(flatten)]
    server: Server,
}

/// Lists or tests connections. Exit code 1: a step failed.
pub async fn connections(command: Connections) -> anyhow::Result<ExitCode> {
    match command {
        Connections::List { tenant, server } => {
            let list = Api::new(&server, Duration::ZERO)?
                .get(&format!("/v1/tenants/{tenant}/connections"))
                .await?;
            say(if server.json { list.to_string() } else { listed(&list) });
            Ok(ExitCode::SUCCESS)
        }
        Connections::Test(arguments) => test(arguments).await,
    }
}

async fn test(arguments: Test) -> anyhow::Result<ExitCode> {
    let reports = match &arguments.config {
        Some(path) => from_here(&config::load(path)?, &arguments).await?,
        None => from_server(&arguments).await?,
    };
    if reports.is_empty() {
        anyhow::bail!(
            "the tenant `{}` has no connection to test; declare one in the configuration",
            arguments.tenant
        );
    }
    let fine = reports.iter().all(is_ok);
    say(if arguments.server.json {
        json!({ "connections": reports }).to_string()
    } else {
        let shown: Vec<_> = reports.iter().map(connection).collect();
        shown.join("\n")
    });
    Ok(exit(fine))
}

async fn from_server(arguments: &Test) -> anyhow::Result<Vec<Value>> {
    let (api, tenant) = (Api::new(&arguments.server, EXAMINING)?, &arguments.tenant);
    let names: Vec<String> = match &arguments.connection {
        Some(name) => vec![name.to_string()],
        None => {
            let list = api.get(&format!("/v1/tenants/{tenant}/connections")).await?;
            items(&list, "connections")
                .iter()
                .map(|one| text(one, "name").to_owned())
                .collect()
        }
    };
    let mut reports = Vec::new();
    for name in names {
        let path = format!("/v1/tenants/{tenant}/connections/{name}/test");
        reports.push(api.post(&path, &json!({}), &[]).await?);
    }
    Ok(reports)
}

async fn from_here(config: &config::Config, arguments: &Test) -> anyhow::Result<Vec<Value>> {
    let tenant = &arguments.tenant;
    let settings = config
        .tenants
        .get(tenant)
        .with_context(|| format!("the file declares no tenant `{tenant}`"))?;
    let built = config::connections(config);
    let mut reports = Vec::new();
    for name in settings.connections.keys() {
        if arguments.connection.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let place = format!("tenants.{tenant}.connections.{name}");
        let Some(found) = built.connections.get(tenant, name) else {
            let problem = built
                .problems
                .iter()
                .map(ToString::to_string)
                .find(|problem| problem.contains(&place));
            anyhow::bail!("{}", problem.unwrap_or_else(|| format!("{place} cannot be built")));
        };
        let steps = checkup::examine(&found, &[], config::clock().now()).await;
        let ok = !steps.iter().any(Step::is_failed);
        reports.push(json!({
            "tenant": tenant, "connection": name, "kind": found.client.kind(), "ok": ok, "steps": steps,
        }));
    }
    match (&arguments.connection, reports.is_empty()) {
        (Some(name), true) => anyhow::bail!("the tenant `{tenant}` has no connection `{name}` in the file"),
        _ => Ok(reports),
    }
}

/// Examines everything. Exit code 1: a step failed.
pub async fn doctor(arguments: Doctor) -> anyhow::Result<ExitCode> {
    let of = arguments
        .tenant
        .map_or_else(String::new, |tenant| format!("?tenant={tenant}"));
    let report = Api::new(&arguments.server, EXAMINING)?
        .post(&format!("/v1/doctor{of}"), &json!({}), &[])
        .await?;
    say(if arguments.server.json {
        report.to_string()
    } else {
        everything(&report)
    });
    Ok(exit(is_ok(&report)))
}

fn is_ok(report: &Value) -> bool {
    report.get("ok").and_then(Value::as_bool) == Some(true)
}

fn exit(fine: bool) -> ExitCode {
    if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn listed(list: &Value) -> String {
    let mut rows = vec![format!("{:24}  {:8}  {}", "CONNECTION", "KIND", "SOURCE ID")];
    for one in items(list, "connections") {
        rows.push(format!(
            "{:24}  {:8}  {}",
            text(one, "name"),
            text(one, "kind"),
            text(one, "source_id")
        ));
    }
    rows.join("\n")
}

fn everything(report: &Value) -> String {
    let mut parts = vec![format!(
        "the node: {}\n{}",
        verdict(items(report, "node")),
        steps(items(report, "node"))
    )];
    parts.extend(items(report, "connections").iter().map(connection));
    parts.extend(items(report, "deployments").iter().map(|one| {
        let name = format!("deployment `{}` of `{}`", text(one, "deployment"), text(one, "tenant"));
        format!(
            "{name}: {}\n{}",
            verdict(items(one, "steps")),
            steps(items(one, "steps"))
        )
    }));
    parts.join("\n")
}

fn connection(report: &Value) -> String {
    let (name, tenant, kind) = (text(report, "connection"), text(report, "tenant"), text(report, "kind"));
    let all = items(report, "steps");
    format!(
        "connection `{name}` of `{tenant}` ({kind}): {}\n{}",
        verdict(all),
        steps(all)
    )
}

fn verdict(steps: &[Value]) -> String {
    let count = |wanted: &str| steps.iter().filter(|step| text(step, "verdict") == wanted).count();
    match (count("failed"), count("warning")) {
        (0, 0) => "fine".to_owned(),
        (0, warnings) => format!("works, {warnings} thing(s) to look at"),
        (failed, _) => format!("{failed} step(s) failed"),
    }
}

fn steps(steps: &[Value]) -> String {
    let mut out = String::new();
    for step in steps {
        let (name, verdict) = (text(step, "step"), text(step, "verdict"));
        writeln!(out, "  {verdict:8}{name:17}{}", text(step, "found")).ok();
        if let Some(remedy) = step.get("remedy").and_then(Value::as_str) {
            writeln!(out, "{:27}do: {remedy}", "").ok();
        }
    }
    out.trim_end().to_owned()
}
