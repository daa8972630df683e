//! What does the product do, shown on recorded offenses and reported mails, against the simulators?

mod closing;
mod mails;
mod offenses;
mod told;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::stage::{self, Stage, text};
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
    let works = examine(&stage)?;
    let mut effects = serde_json::Map::new();
    for name in ["thehive", "qradar", "ews"] {
        effects.insert(name.to_owned(), stage.effects(name)?);
    }
    if let Some(path) = &options.json {
        let report = json!({ "runs": runs, "effects": effects, "doctor": works });
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

/// Asks whether everything works, and shows what somebody should look at.
fn examine(stage: &Stage) -> Result<Value> {
    let report = stage.api("POST", "/v1/doctor", &[], Some(&json!({})))?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let reports = ["connections", "deployments"]
        .into_iter()
        .flat_map(|part| list(&report[part]));
    let steps: Vec<Value> = list(&report["node"])
        .into_iter()
        .chain(reports.flat_map(|one| list(&one["steps"])))
        .collect();
    println!("\nsynapse doctor looked at {} things:", steps.len());
    let mut told = BTreeSet::new();
    for step in &steps {
        if step["verdict"] != "ok" && step["verdict"] != "skipped" {
            let (verdict, name, found) = (text(step, "verdict")?, text(step, "step")?, text(step, "found")?);
            told.insert(format!("  {verdict} {name}: {found}"));
        }
    }
    for line in &told {
        println!("{line}");
    }
    ensure!(report["ok"] == true, "something does not work: {report:#}");
    println!("  everything else is as it should be");
    Ok(report)
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
