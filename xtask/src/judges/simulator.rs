//! How does a judge get a simulator of its own, in the state that it expects?

use super::list::Simulator;
use crate::{paths, proc, tempdir::TempDir};
use anyhow::{Context, Result};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

/// It binds a port and prints a line: seconds even on a loaded machine.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// The token of the simulator's default state.
const TOKEN: &str = "sim-token";

/// A running simulator.
pub struct Running {
    guard: Option<proc::Guard>,
    /// What the judge's script is given: the simulator's URL, or the client, first.
    pub arguments: Vec<String>,
    /// Holds the certificate files as long as the simulator runs.
    _certificates: Option<TempDir>,
}

/// Starts one, fresh: no judge sees what another one left.
pub fn start(simulator: Simulator) -> Result<Running> {
    let name = match simulator {
        Simulator::Thehive => "thehive",
        Simulator::Qradar | Simulator::QradarTls => "qradar",
        Simulator::Ews => "ews",
        Simulator::Client => {
            let client = paths::cargo_target().join("debug/examples/ask");
            return Ok(Running {
                guard: None,
                arguments: vec![client.to_string_lossy().into_owned()],
                _certificates: None,
            });
        }
    };
    let certificates = TempDir::new("judge")?;
    let dir = certificates.path();
    let recorded = paths::root().join("tests/simulators/fixtures/qradar-recorded.json");
    let mail = super::dir().join("exchangelib/state.json");
    let mut command = proc::command(paths::cargo_target().join("debug/synapse-sim"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.arg(format!("--{name}")).arg("127.0.0.1:0");
    if name == "qradar" {
        command.arg("--state-qradar").arg(recorded);
    }
    if name == "ews" {
        command.arg("--state-ews").arg(mail);
    }
    let tls = matches!(simulator, Simulator::QradarTls | Simulator::Ews);
    if tls {
        command.arg(format!("--tls-{name}")).arg(dir);
    }
    let mut guard = proc::Guard::start("the simulator", &mut command)?;
    let line = guard.ready_line(READY_LIMIT)?;
    let urls: Value = serde_json::from_str(&line).with_context(|| format!("the simulator's ready line: {line}"))?;
    let url = urls.get(name).and_then(Value::as_str);
    let url = url.with_context(|| format!("the simulator named no URL for {name}: {line}"))?;
    let mut arguments = vec![url.to_owned()];
    if name == "qradar" {
        arguments.push(TOKEN.to_owned());
    }
    if tls {
        arguments.push(dir.join("chain.pem").to_string_lossy().into_owned());
    }
    Ok(Running {
        guard: Some(guard),
        arguments,
        _certificates: Some(certificates),
    })
}

impl Running {
    /// Ends it in order; an unclean end is an error of the simulator.
    pub fn stop(self) -> Result<()> {
        self.guard.map_or(Ok(()), proc::Guard::stop)
    }
}
