//! What do cargo's own checkers say: rustfmt, clippy and cargo-deny?

use crate::{paths, proc, setup};
use anyhow::{Result, bail};
use std::process::Stdio;
use std::time::Duration;

/// The advisory database is fetched from outside: waiting longer for it does not make it reachable.
const ADVISORY_LIMIT: Duration = Duration::from_secs(40);

/// How `timeout` ends when it had to end the program.
const TIMED_OUT: i32 = 124;

/// Both workspaces, because the test guests are a workspace of their own.
pub fn format() -> Result<()> {
    println!("check: cargo fmt --check");
    let guests = paths::root().join("tests/guests");
    let mut manifests = vec![paths::root().join("Cargo.toml")];
    if guests
        .read_dir()?
        .flatten()
        .any(|entry| entry.path().join("Cargo.toml").is_file())
    {
        manifests.push(guests.join("Cargo.toml"));
    }
    let mut unformatted = String::new();
    for manifest in manifests {
        let mut command = proc::cargo();
        command
            .args(["fmt", "--all", "--check", "--manifest-path"])
            .arg(manifest)
            .args(["--", "--files-with-diff"]);
        let output = proc::capture(&mut command)?;
        if !output.status.success() {
            unformatted.push_str(&String::from_utf8_lossy(&output.stdout));
            unformatted.push_str(&String::from_utf8_lossy(&output.stderr));
        }
    }
    if !unformatted.is_empty() {
        bail!(
            "run `cargo fmt --all` (for tests/guests in that folder):\n{}",
            unformatted.trim_end()
        );
    }
    Ok(())
}

/// Every target of the main workspace; a warning is an error.
pub fn clippy() -> Result<()> {
    println!("check: cargo clippy");
    let mut command = proc::cargo();
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--keep-going",
        "--",
        "-D",
        "warnings",
    ]);
    proc::run(&mut command)
}

/// Licences, bans and sources decide: they depend on nothing but the tree.
pub fn deny() -> Result<()> {
    println!("check: cargo deny check bans licenses sources");
    proc::run(deny_command().args(["bans", "licenses", "sources"])).map(drop)
}

/// Advisories are reported only: the database changes without us, and may be out of reach.
pub fn advisories() {
    let mut command = proc::limited(ADVISORY_LIMIT, setup::cargo_deny());
    command
        .args(["--log-level", "error", "check", "--hide-inclusion-graph", "advisories"])
        .stdin(Stdio::null());
    match proc::capture(&mut command) {
        Ok(output) if output.status.success() => println!("check: no known advisories"),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            if text.contains("failed to fetch") || output.status.code() == Some(TIMED_OUT) {
                println!("check: the advisory database cannot be reached from here (reported, not deciding)");
                return;
            }
            println!("check: advisories (reported, not deciding):\n{}", text.trim());
        }
        Err(error) => println!("check: advisories could not be read (not deciding): {error:#}"),
    }
}

fn deny_command() -> std::process::Command {
    let mut command = proc::command(setup::cargo_deny());
    command.args(["--log-level", "warn", "check", "--hide-inclusion-graph"]);
    command
}
