//! How are Debian packages installed without a person at the keyboard?

use crate::proc;
use anyhow::{Result, bail};
use std::time::Duration;

/// A mirror that hangs must not hang a build: generous for a slow line, finite for a dead one.
const LIMIT: Duration = Duration::from_secs(900);

/// Installs the packages, for the stated reason. Needs root and apt-get; says so otherwise.
pub fn install(packages: &[&str], reason: &str) -> Result<()> {
    let list = packages.join(" ");
    if !proc::on_path("apt-get") {
        bail!("{reason}: this machine has no apt-get. Install the equivalent of the Debian packages: {list}");
    }
    let user = proc::run_quiet(proc::command("id").arg("-u"))?;
    if user.trim() != "0" {
        bail!("{reason}: needs the Debian packages {list}. As root: apt-get update && apt-get install {list}");
    }
    println!("setup: installing Debian packages {list} ({reason})");
    let apt = |words: &[&str]| {
        let mut command = proc::limited(LIMIT, "apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        proc::run_quiet(&mut command)
    };
    apt(&["update", "--quiet"])?;
    let mut words = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
    words.extend(packages);
    apt(&words)?;
    Ok(())
}

/// The files of an installed package; empty when it is not installed.
pub fn files(package: &str) -> Vec<String> {
    match proc::capture(proc::command("dpkg").args(["-L", package])) {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}
