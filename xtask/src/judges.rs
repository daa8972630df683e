//! Do programs that nobody here wrote accept our simulators, and our way to a target?
//!
//! Each judge is given the URL of a simulator of its own, or a client that it lets ask, runs its checks, and ends with one line of
//! JSON. What it leaves out it has to name with a reason: a silent skip is a failure.

mod list;
mod simulator;
mod verdict;

pub use list::{JUDGES, Judge, dir};

use crate::{paths, proc, stamp};
use anyhow::{Context, Result, bail};
use std::process::Stdio;
use std::time::Duration;
use verdict::Verdict;

/// A judge makes some hundred calls to this machine.
const LIMIT: Duration = Duration::from_secs(600);

/// Builds what they judge; `cargo xtask test` has done so already.
pub fn build() -> Result<()> {
    proc::run(proc::cargo().args(["build", "--package", "synapse-sim"]))?;
    proc::run(proc::cargo().args(["build", "--package", "synapse-capabilities", "--example", "ask"]))
}

/// Runs them all, writes `target/test-report/judges.json`, and returns how many of their checks passed.
pub fn run() -> Result<u64> {
    every_script_is_listed()?;
    let mut verdicts = Vec::new();
    let mut failures = Vec::new();
    for judge in &JUDGES {
        println!("judges: {}", judge.name);
        match ask(judge) {
            Ok((verdict, problem)) => {
                println!("judges: {}", verdict.summary());
                failures.extend(problem.map(|problem| format!("{}: {problem}", judge.name)));
                verdicts.push(verdict);
            }
            Err(error) => failures.push(format!("{}: {error:#}", judge.name)),
        }
    }
    let file = paths::report().join("judges.json");
    stamp::replace(&file, &serde_json::to_vec_pretty(&verdicts)?)?;
    println!("judges: wrote {}", file.display());
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(verdicts.iter().map(|verdict| verdict.passed).sum())
}

/// Runs one judge. A verdict that cannot stand is returned with the problem, so that the report still holds it.
fn ask(judge: &Judge) -> Result<(Verdict, Option<String>)> {
    let running = simulator::start(judge.simulator)?;
    let mut command = proc::limited(LIMIT, paths::venv(judge.name).join("bin/python"));
    command
        .arg(dir().join(judge.script))
        .args(&running.arguments)
        .stderr(Stdio::inherit());
    // A proxy of the machine is not the way to our own simulators.
    command.env("NO_PROXY", "127.0.0.1").env("PYTHONDONTWRITEBYTECODE", "1");
    let output = proc::capture(&mut command)?;
    running.stop()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let verdict = Verdict::parse(&text).with_context(|| format!("it ended with {}:\n{text}", output.status))?;
    let problem = if output.status.success() {
        verdict.problem()
    } else {
        Some(format!("ended with {}", output.status))
    };
    if problem.is_some() {
        print!("{text}");
    }
    Ok((verdict, problem))
}

/// A script that is in the tree and not in the list would never run.
fn every_script_is_listed() -> Result<()> {
    let folder = dir();
    for entry in folder
        .read_dir()
        .with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path().join("run.py");
        if path.is_file() && !JUDGES.iter().any(|judge| folder.join(judge.script) == path) {
            bail!(
                "{} is not in JUDGES of xtask/src/judges/list.rs: it would never run",
                path.display()
            );
        }
    }
    Ok(())
}
