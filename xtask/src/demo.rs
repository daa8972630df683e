//! What does the product do, shown on recorded offenses and reported mails, against the simulators?

mod closing;
mod mails;
mod offenses;
mod told;

use anyhow::{Context, Result, bail};
use serde_json::json;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::stage::{self, Stage};
use crate::{guests, proc, setup};

/// What was asked for.
#[derive(Default)]
struct Options {
    once: bool,
    json: Option<PathBuf>,
}

/// Installs, builds, runs the workflows twice, and says what happened. Without `--once` the server stays up.
pub fn run(args: &[&str]) -> Result<()> {
    let options = parse(args)?;
    setup::wasm()?;
    guests::run()?;
    println!("building the server and the simulators");
    proc::run(proc::cargo().args(["build", "--workspace", "--bins"]))?;
    let stage = Stage::start("debug")?;
    println!("\nserver {}   simulators {}", stage.url, stage.simulators);
    let mut runs = offenses::show(&stage)?;
    runs.extend(closing::show(&stage)?);
    runs.extend(mails::show(&stage)?);
    let mut effects = serde_json::Map::new();
    for name in ["thehive", "qradar", "ews"] {
        effects.insert(name.to_owned(), stage.effects(name)?);
    }
    if let Some(path) = &options.json {
        let report = json!({ "runs": runs, "effects": effects });
        std::fs::write(path, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("writing {}", path.display()))?;
    }
    if options.once {
        return Ok(());
    }
    println!("\nthe server stays up at {}; operator key {}", stage.url, stage.key);
    println!(
        "  runs: curl -H 'Authorization: Bearer {}' {}/v1/tenants/{}/runs",
        stage.key,
        stage.url,
        stage::TENANT
    );
    println!(
        "  the original's route: curl -X POST -H 'Content-Type: application/json' -d '{{\"timerange\": 60}}' {}/QRadar2alert",
        stage.url
    );
    println!("  and its other one: curl {}/ews2case", stage.url);
    println!("press Ctrl-C to stop");
    loop {
        std::thread::park();
    }
}

fn parse(args: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match *word {
            "--once" => options.once = true,
            "--json" => options.json = Some(PathBuf::from(words.next().context("--json needs a file")?)),
            other => bail!("`{other}` is unknown; use --once and --json FILE"),
        }
    }
    Ok(options)
}

/// Now, in milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a task of the developer's machine, not of the platform"
)]
pub fn now_ms() -> Result<i64> {
    Ok(i64::try_from(
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis(),
    )?)
}
