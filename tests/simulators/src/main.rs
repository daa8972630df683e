//! How do other processes get simulators? `synapse-sim` starts those asked for, prints one JSON line with their URLs and serves
//! until standard input closes or it is told to stop.

use anyhow::Context;
use clap::Parser;
use serde_json::{Map, Value};
use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use synapse_sim::{
    start,
    tls::{PkiOptions, TlsSetup},
};
use tokio::signal::unix::{SignalKind, signal};

/// Simulators of TheHive 5, QRadar 7.5 and Exchange, and a laboratory target, each with a control API under /_sim.
#[derive(Parser)]
struct Arguments {
    /// Serve TheHive here (port 0 = any free port).
    #[arg(long, value_name = "ADDR")]
    thehive: Option<SocketAddr>,
    /// Serve QRadar here.
    #[arg(long, value_name = "ADDR")]
    qradar: Option<SocketAddr>,
    /// Serve Exchange (EWS) here.
    #[arg(long, value_name = "ADDR")]
    ews: Option<SocketAddr>,
    /// Serve the laboratory target here.
    #[arg(long, value_name = "ADDR")]
    lab: Option<SocketAddr>,
    /// Serve QRadar over TLS with the console's odd PKI; writes root.pem and chain.pem into DIR.
    #[arg(long, value_name = "DIR", requires = "qradar")]
    tls_qradar: Option<PathBuf>,
    /// State TheHive starts with and resets to (JSON).
    #[arg(long, value_name = "FILE", requires = "thehive")]
    state_thehive: Option<PathBuf>,
    /// State QRadar starts with and resets to (JSON).
    #[arg(long, value_name = "FILE", requires = "qradar")]
    state_qradar: Option<PathBuf>,
    /// Serve Exchange over TLS; writes root.pem and chain.pem into DIR.
    #[arg(long, value_name = "DIR", requires = "ews")]
    tls_ews: Option<PathBuf>,
    /// State Exchange starts with and resets to (JSON).
    #[arg(long, value_name = "FILE", requires = "ews")]
    state_ews: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut running = Vec::new();
    if let Some(addr) = arguments.thehive {
        running.push((
            "thehive",
            start::thehive(addr, read(arguments.state_thehive.as_deref())?).await?,
        ));
    }
    if let Some(addr) = arguments.qradar {
        let tls = arguments
            .tls_qradar
            .as_deref()
            .map(|dir| TlsSetup::generate_into(dir, &PkiOptions::default()));
        let state = read(arguments.state_qradar.as_deref())?;
        running.push(("qradar", start::qradar(addr, tls.transpose()?, state).await?));
    }
    if let Some(addr) = arguments.ews {
        let tls = arguments
            .tls_ews
            .as_deref()
            .map(|dir| TlsSetup::generate_into(dir, &PkiOptions::default()));
        let state = read(arguments.state_ews.as_deref())?;
        running.push(("ews", start::ews(addr, tls.transpose()?, state).await?));
    }
    if let Some(addr) = arguments.lab {
        running.push(("lab", start::lab(addr).await?));
    }
    anyhow::ensure!(
        !running.is_empty(),
        "nothing to serve: give --thehive, --qradar, --ews or --lab"
    );

    let urls: Map<String, Value> = running
        .iter()
        .map(|(name, one)| ((*name).to_owned(), one.url().into()))
        .collect();
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", Value::Object(urls))
        .and_then(|()| stdout.flush())
        .context("writing the URLs to stdout")?;
    until_told_to_stop().await
}

fn read(path: Option<&Path>) -> anyhow::Result<Option<Value>> {
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_str(&text)
        .map(Some)
        .with_context(|| format!("{} is not JSON", path.display()))
}

/// A parent that dies closes our standard input, so no simulator is left behind.
async fn until_told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    // A thread of its own: a pending read of standard input would keep the runtime from ending.
    let (closed, mut stdin_closed) = tokio::sync::watch::channel(false);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        closed.send_replace(true);
    });
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        _ = stdin_closed.wait_for(|closed| *closed) => {}
    }
    Ok(())
}
