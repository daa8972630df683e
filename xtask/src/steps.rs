//! What ran, how long did it take, and did it succeed?

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

struct Step {
    name: &'static str,
    took: Duration,
    error: Option<String>,
}

/// A list of named steps, printed as a table at the end.
#[derive(Default)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// Runs a step and records it. Its error is printed at once and kept, so that later steps can still run.
    pub fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        println!("\n==> {name}");
        let start = Instant::now();
        let error = step().err().map(|error| format!("{error:#}"));
        if let Some(error) = &error {
            eprintln!("{name} failed: {error}");
        }
        let passed = error.is_none();
        self.0.push(Step {
            name,
            took: start.elapsed(),
            error,
        });
        passed
    }

    /// Prints the table; an error when any step failed.
    pub fn finish(self) -> Result<()> {
        println!("\n==> summary");
        for step in &self.0 {
            let outcome = if step.error.is_none() { "ok" } else { "FAILED" };
            println!("{:>7.1} s  {:<10} {outcome}", step.took.as_secs_f64(), step.name);
        }
        let failed: Vec<&str> = self
            .0
            .iter()
            .filter(|step| step.error.is_some())
            .map(|step| step.name)
            .collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}
