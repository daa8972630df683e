//! How do the outside judges get onto this machine?
//!
//! Programs that nobody here wrote must accept our simulators (design.md section 11). Each has its own environment with
//! pinned versions.

use super::apt;
use crate::judges::{self, JUDGES, Judge};
use crate::{paths, proc, stamp};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(600);

/// Makes the environments that are missing or were made for other packages.
pub fn install() -> Result<()> {
    let mut python = None;
    for judge in &JUDGES {
        let key = stamp::Key::new("venv").file(&requirements(judge))?.finish();
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
    Ok(())
}
