//! How are runs started, seen, stopped and resolved from the command line?

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use synapse_domain::ids::{DeploymentName, RunId, TenantId};

use super::api::Api;
use super::{Of, Server, say, show};

/// The run ended without success.
const NO_SUCCESS: u8 = 3;

#[derive(Args)]
pub struct Start {
    #[command(flatten)]
    of: Of,
    /// JSON for the workflow, or `@file`.
    #[arg(long, default_value = "{}")]
    input: String,
    /// Seconds to wait for the end; 0 only accepts the run.
    #[arg(long, default_value_t = 60)]
    wait: u64,
    /// Equal keys start one run.
    #[arg(long)]
    idempotency_key: Option<String>,
    #[command(flatten)]
    server: Server,
}

#[derive(Subcommand)]
pub enum Command {
    /// Newest first.
    List {
        /// Tenant.
        #[arg(long)]
        tenant: TenantId,
        /// Only this deployment.
        #[arg(long)]
        deployment: Option<DeploymentName>,
        /// Only this state.
        #[arg(long)]
        state: Option<String>,
        /// At most this many, 1 to 100.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        server: Server,
    },
    /// What a run did, and why.
    Show {
        #[command(flatten)]
        run: Run,
    },
    /// Stop a run at its next call.
    Cancel {
        #[command(flatten)]
        run: Run,
    },
    /// Take a failed or partial run up again; what it did is kept.
    Retry {
        #[command(flatten)]
        run: Run,
        /// Repeat the run from this call on. Default: the last one that answered an error.
        #[arg(long)]
        from: Option<u32>,
    },
    /// Say whether an effect in doubt happened.
    Resolve {
        #[command(flatten)]
        run: Run,
        /// Number of the call.
        #[arg(long)]
        call: u32,
        /// Number of the item.
        #[arg(long, default_value_t = 0)]
        item: u32,
        /// What became of it.
        verdict: Verdict,
        /// For `happened`: the call's result, JSON.
        #[arg(long)]
        result: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Verdict {
    /// It did, with `--result`.
    Happened,
    /// It did not: send it again.
    Repeat,
    /// Give it up.
    Fail,
}

#[derive(Args)]
pub struct Run {
    /// Tenant.
    #[arg(long)]
    tenant: TenantId,
    /// The run's id.
    run: RunId,
    #[command(flatten)]
    server: Server,
}

impl Run {
    fn path(&self) -> String {
        format!("/v1/tenants/{}/runs/{}", self.tenant, self.run)
    }
}

/// Starts a run, and waits for it.
pub async fn start(arguments: Start) -> anyhow::Result<ExitCode> {
    let text = match arguments.input.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("`{path}` cannot be read"))?,
        None => arguments.input,
    };
    let input: Value = serde_json::from_str(&text).context("--input is not JSON")?;
    let mut headers = vec![("prefer", format!("wait={}", arguments.wait))];
    headers.extend(arguments.idempotency_key.map(|key| ("idempotency-key", key)));
    let api = Api::new(&arguments.server, Duration::from_secs(arguments.wait))?;
    let Of { tenant, deployment } = &arguments.of;
    let run = api
        .post(
            &format!("/v1/tenants/{tenant}/deployments/{deployment}/runs"),
            &input,
            &headers,
        )
        .await?;
    if arguments.server.json {
        say(&run);
    } else {
        let id = run.get("id").and_then(Value::as_str).unwrap_or_default();
        let journal = api
            .get(&format!("/v1/tenants/{tenant}/runs/{id}/journal"))
            .await
            .unwrap_or(Value::Null);
        say(show::run(&run, &journal));
    }
    Ok(code(&run))
}

/// Runs a `runs` command.
pub async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List {
            tenant,
            deployment,
            state,
            limit,
            server,
        } => {
            let mut path = format!("/v1/tenants/{tenant}/runs?limit={limit}");
            path.extend(deployment.map(|name| format!("&deployment={name}")));
            path.extend(state.map(|state| format!("&state={state}")));
            let runs = Api::new(&server, Duration::ZERO)?.get(&path).await?;
            say(if server.json {
                runs.to_string()
            } else {
                show::runs(&runs)
            });
            Ok(ExitCode::SUCCESS)
        }
        Command::Show { run } => {
            let api = Api::new(&run.server, Duration::ZERO)?;
            let view = api.get(&run.path()).await?;
            let journal = api.get(&format!("{}/journal", run.path())).await?;
            say(if run.server.json {
                json!({ "run": view, "journal": journal }).to_string()
            } else {
                show::run(&view, &journal)
            });
            Ok(ExitCode::SUCCESS)
        }
        Command::Cancel { run } => {
            let answer = Api::new(&run.server, Duration::ZERO)?
                .post(&format!("{}/cancel", run.path()), &json!({}), &[])
                .await?;
            let state = answer.get("state").and_then(Value::as_str).unwrap_or("?");
            say(if run.server.json {
                answer.to_string()
            } else {
                format!("run {} is {state}", run.run)
            });
            Ok(ExitCode::SUCCESS)
        }
        Command::Retry { run, from } => {
            let body = from.map_or(json!({}), |from| json!({ "from": from }));
            let answer = Api::new(&run.server, Duration::ZERO)?
                .post(&format!("{}/retry", run.path()), &body, &[])
                .await?;
            say(if run.server.json {
                answer.to_string()
            } else {
                format!(
                    "run {} goes on from call {}",
                    run.run,
                    answer.get("from").unwrap_or(&Value::Null)
                )
            });
            Ok(ExitCode::SUCCESS)
        }
        Command::Resolve {
            run,
            call,
            item,
            verdict,
            result,
        } => {
            let result: Option<Value> = result
                .map(|text| serde_json::from_str(&text))
                .transpose()
                .context("--result is not JSON")?;
            let verdict = match verdict {
                Verdict::Happened => "happened",
                Verdict::Repeat => "repeat",
                Verdict::Fail => "fail",
            };
            let mut body = json!({ "call": call, "item": item, "verdict": verdict });
            if let (Some(result), Some(members)) = (result, body.as_object_mut()) {
                members.insert("result".to_owned(), result);
            }
            Api::new(&run.server, Duration::ZERO)?
                .post(&format!("{}/resolve", run.path()), &body, &[])
                .await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn code(run: &Value) -> ExitCode {
    match run.get("state").and_then(Value::as_str) {
        Some("succeeded" | "queued" | "running" | "waiting") => ExitCode::SUCCESS,
        _ => ExitCode::from(NO_SUCCESS),
    }
}
