//! The binary `synapse`: only starts the command line.

mod alarms;
mod cli;
mod config;
mod deploy;
mod doctor;
mod engine;
mod http;
mod keys;
mod logging;
mod metrics;
mod node;
mod pausing;
mod queue;
mod retrying;
mod serve;
mod sweep;
mod triggers;

fn main() -> std::process::ExitCode {
    cli::main()
}
