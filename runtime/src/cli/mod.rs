//! What can be typed? The command line's table; each subcommand is a file.
//!
//! Exit codes: 0 done, 1 it failed (the text says what to do), 2 wrong usage, 3 the run ended without success.

mod api;
mod check;
mod deploy;
mod doctor;
mod events;
mod keys;
mod pause;
mod runs;
mod show;
mod triggers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use synapse_domain::ids::{DeploymentName, TenantId};

use crate::{config, http, logging, serve};

/// Workflows between TheHive and its sources, sandboxed, journaled, explained.
#[derive(Parser)]
#[command(name = "synapse", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and carry runs.
    Serve {
        /// Configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Log as JSON lines.
        #[arg(long)]
        json_log: bool,
    },
    /// Check a configuration file; names every problem.
    CheckConfig {
        /// Configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Print the API's description (OpenAPI).
    Openapi,
    /// Upload a component and deploy it as a deployment file says.
    Deploy(deploy::Arguments),
    /// Start a run.
    Run(runs::Start),
    /// See, stop and resolve runs.
    #[command(subcommand)]
    Runs(runs::Command),
    /// See events that came in.
    #[command(subcommand)]
    Events(events::Command),
    /// Hold runs back: of a tenant, or of one connection, deployment or trigger of it.
    Pause(pause::Pause),
    /// Let runs go that were held back.
    Resume(pause::Resume),
    /// See what is held back.
    #[command(subcommand)]
    Pauses(pause::Pauses),
    /// See and operate what starts runs by itself.
    #[command(subcommand)]
    Triggers(triggers::Command),
    /// See and test connections.
    #[command(subcommand)]
    Connections(doctor::Connections),
    /// Examine everything: the node, connections, deployments; says what to do about what does not work.
    Doctor(doctor::Doctor),
    /// Make, see and take back API keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Compile a component from standard input; the server's own child.
    #[command(hide = true, name = "compile-component")]
    CompileComponent,
}

/// How to reach the server.
#[derive(Args, Clone)]
struct Server {
    /// The server's URL.
    #[arg(long, env = "SYNAPSE_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// API key; better in the environment than in the process list.
    #[arg(long, env = "SYNAPSE_KEY", hide_env_values = true)]
    key: Option<String>,
    /// File with the API key.
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Whose deployment.
#[derive(Args, Clone)]
struct Of {
    /// Tenant.
    #[arg(long)]
    tenant: TenantId,
    /// Deployment.
    deployment: DeploymentName,
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::CompileComponent) {
        return synapse_sandbox::compile::child_main();
    }
    // One provider for the process, before any TLS configuration is made.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return failed(&anyhow::anyhow!("a TLS provider is installed already"));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(dispatch(cli.command)) {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { config, json_log } => {
            logging::start(json_log);
            serve::serve(config::load(&config)?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::CheckConfig { config } => check::check(&config),
        Command::Openapi => {
            say(serde_json::to_string_pretty(&http::document())?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Deploy(arguments) => deploy::deploy(arguments).await,
        Command::Run(arguments) => runs::start(arguments).await,
        Command::Runs(command) => runs::dispatch(command).await,
        Command::Events(command) => events::dispatch(command).await,
        Command::Pause(arguments) => pause::pause(arguments).await,
        Command::Resume(arguments) => pause::resume(arguments).await,
        Command::Pauses(command) => pause::dispatch(command).await,
        Command::Triggers(command) => triggers::dispatch(command).await,
        Command::Connections(command) => doctor::connections(command).await,
        Command::Doctor(arguments) => doctor::doctor(arguments).await,
        Command::Keys(command) => keys::dispatch(command).await,
        Command::CompileComponent => Ok(ExitCode::from(2)),
    }
}

/// Prints a line for the caller. Whoever closes the pipe (`| head`) has seen enough.
fn say(line: impl std::fmt::Display) {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}").ok();
}

#[expect(clippy::print_stderr, reason = "the command line's error")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
