//! How do the outside judges get onto this machine?
//!
//! Programs that nobody here wrote must accept our simulators (design.md section 11). Each has its own environment with
//! pinned versions; one that runs its vendor's own suite has that too, from the source distribution.

use super::apt;
use crate::judges::{self, JUDGES, Judge};
use crate::{paths, proc, stamp, tempdir::TempDir};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(600);

/// Makes the environments that are missing or were made for other packages.
pub fn install() -> Result<()> {
    let mut python = None;
    for judge in &JUDGES {
        let mut key = stamp::Key::new("venv").file(&requirements(judge))?;
        if let Some(suite) = judge.suite {
            key = key.file(&judges::dir().join(suite))?;
        }
        let key = key.finish();
        let ready = stamp::is(&step(judge), &key) && paths::venv(judge.name).join("bin/python").exists();
        if !ready {
            let python = match &python {
                Some(found) => found,
                None => python.insert(interpreter()?),
            };
            make(judge, python)?;
            stamp::write(&step(judge), &key)?;
        }
    }
    Ok(())
}

fn step(judge: &Judge) -> String {
    format!("venv-{}", judge.name)
}

fn requirements(judge: &Judge) -> PathBuf {
    judges::dir().join(judge.requirements)
}

/// A Python that can make environments: the one on `PATH`, else Debian's.
fn interpreter() -> Result<PathBuf> {
    let works = |python: &str| {
        let probe = proc::capture(proc::command(python).args(["-c", "import venv, ensurepip"]));
        probe.is_ok_and(|output| output.status.success())
    };
    if !works("python3") {
        apt::install(&["python3", "python3-venv"], "running the Python judges")?;
    }
    let python = if works("python3") {
        "python3"
    } else {
        "/usr/bin/python3"
    };
    Ok(PathBuf::from(python))
}

fn make(judge: &Judge, python: &Path) -> Result<()> {
    let dir = paths::venv(judge.name);
    println!("setup: making {} for judge {}", dir.display(), judge.name);
    stamp::clear(&step(judge));
    if dir.is_symlink() {
        // Borrowed from another checkout: that one keeps its own.
        std::fs::remove_file(&dir).with_context(|| format!("cannot remove the link {}", dir.display()))?;
    }
    proc::run_quiet(proc::command(python).args(["-m", "venv", "--clear"]).arg(&dir))
        .with_context(|| format!("cannot make the environment of judge {}", judge.name))?;
    let mut pip = proc::limited(LIMIT, dir.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ]);
    proc::run_quiet(pip.arg(requirements(judge))).with_context(|| format!("cannot install judge {}", judge.name))?;
    if let Some((module, package)) = judge.library {
        find_library(judge, &dir, module, package)?;
    }
    match judge.suite {
        Some(suite) => unpack(&dir, &judges::dir().join(suite))
            .with_context(|| format!("cannot get the suite that judge {} runs", judge.name)),
        None => Ok(()),
    }
}

/// Imports the module, and installs the package if it does not find its library.
fn find_library(judge: &Judge, venv: &Path, module: &str, package: &str) -> Result<()> {
    let import = || {
        let mut python = proc::command(venv.join("bin/python"));
        proc::capture(python.args(["-c", &format!("import {module}")]))
    };
    if import()?.status.success() {
        return Ok(());
    }
    apt::install(&[package], &format!("the library that judge {} loads", judge.name))?;
    let again = import()?;
    anyhow::ensure!(
        again.status.success(),
        "judge {} cannot import {module} although {package} is installed: {}",
        judge.name,
        String::from_utf8_lossy(&again.stderr)
    );
    Ok(())
}

/// Puts the tests of a source distribution into `suite` of the environment: they are not in the wheel. pip checks the digest.
/// Only the tests and what they read: beside the package's own sources they would test those instead of what is installed.
fn unpack(venv: &Path, requirement: &Path) -> Result<()> {
    let download = TempDir::new("suite")?;
    let mut pip = proc::limited(LIMIT, venv.join("bin/python"));
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--no-deps", "--no-binary", ":all:", "--require-hashes"]);
    pip.arg("--dest").arg(download.path());
    proc::run_quiet(pip.arg("--requirement").arg(requirement))?;
    let archive = download.path().read_dir()?.next().context("pip downloaded nothing")??;
    let suite = venv.join("suite");
    std::fs::create_dir_all(&suite).with_context(|| format!("cannot make {}", suite.display()))?;
    let mut tar = proc::command("tar");
    tar.args([
        "--extract",
        "--gzip",
        "--strip-components=1",
        "--wildcards",
        "--no-wildcards-match-slash",
    ]);
    tar.arg("--file").arg(archive.path()).arg("--directory").arg(&suite);
    proc::run_quiet(tar.args(["*/tests", "*/examples"]))?;
    anyhow::ensure!(suite.join("tests").is_dir(), "the source distribution carries no tests");
    Ok(())
}
