//! Does everything that this repository promises hold on this machine?

use crate::steps::Steps;
use crate::{check, functions, guests, judges, paths, proc, setup};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// How many tests cargo's harness reported.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// Runs every step. Without tools or guests nothing later means anything; after that each step runs whatever the others said.
pub fn run() -> Result<()> {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    let ready = steps.run("setup", setup::run) && steps.run("guests", guests::run);
    if ready {
        steps.run("check", check::run);
        if steps.run("build", build) {
            if steps.run("tests", || tests(&mut counts)) {
                steps.run("functions", functions::run);
            }
            let mut checks = 0;
            steps.run("judges", || judges::run().map(|passed| checks = passed));
            println!("\njudges' own checks passed: {checks}");
        }
    }
    let outcome = steps.finish();
    println!("{} passed, {} failed", counts.passed, counts.failed);
    outcome
}

/// All targets at once: `cargo test` alone would not build the programs that tests of other packages start, and building
/// them apart would compile shared dependencies twice (other features).
fn build() -> Result<()> {
    proc::run(proc::cargo().args(["build", "--workspace", "--all-targets"]))
}

fn tests(counts: &mut Counts) -> Result<()> {
    let mut command = proc::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    let observed = functions::observations();
    std::fs::create_dir_all(paths::report())?;
    std::fs::write(&observed, "")?;
    command.env("SYNAPSE_OBSERVED", &observed);
    *counts = counted(&mut command)?;
    if counts.passed == 0 {
        bail!("cargo test ran no test");
    }
    if counts.failed > 0 {
        bail!("{} tests failed", counts.failed);
    }
    Ok(())
}

/// Shows what cargo prints as it comes and adds up the harness's closing lines.
fn counted(command: &mut Command) -> Result<Counts> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo test")?;
    let stdout = child.stdout.take().context("cargo test without an output")?;
    let mut counts = Counts::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        counts.add(&text);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()?;
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("cargo test ended with {status}");
    }
    Ok(counts)
}

impl Counts {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; ...`; others count nothing.
    fn add(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else {
            return;
        };
        let number = |word: &str| -> u64 {
            let part = rest
                .split([';', '.'])
                .map(str::trim)
                .find_map(|part| part.strip_suffix(word));
            part.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
        };
        self.passed += number("passed");
        self.failed += number("failed");
    }
}

#[cfg(test)]
mod tests_of_counts {
    use super::*;

    #[test]
    fn closing_lines_of_all_test_programs_are_added_up() {
        let mut counts = Counts::default();
        counts.add("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        counts.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        counts.add("test a ... ok");
        assert_eq!(counts, Counts { passed: 13, failed: 2 });
    }
}
