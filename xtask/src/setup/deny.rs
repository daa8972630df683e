//! Where is cargo-deny, and how does it get there?

use crate::{paths, proc, stamp};
use anyhow::{Context, Result};
use std::path::PathBuf;

const STEP: &str = "cargo-deny";

/// Pinned, so that the same tree gets the same verdict on every machine.
const VERSION: &str = "0.20.2";

/// The installed program.
pub fn program() -> PathBuf {
    paths::tools().join("bin/cargo-deny")
}

/// Compiles it once. The debug profile is chosen for the shorter build: it runs for seconds a day.
pub fn install() -> Result<()> {
    if stamp::is(STEP, VERSION) && program().is_file() {
        return Ok(());
    }
    println!(
        "setup: compiling cargo-deny {VERSION} into {} (some minutes, once)",
        paths::tools().display()
    );
    let build = paths::tools().join("cargo-deny-build");
    let mut command = proc::cargo();
    command.args([
        "install",
        "--quiet",
        "--locked",
        "--debug",
        "--force",
        "cargo-deny",
        "--version",
        VERSION,
    ]);
    command
        .arg("--root")
        .arg(paths::tools())
        .env("CARGO_TARGET_DIR", &build);
    // Line tables would triple the disk traffic of a program that we never debug.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    proc::run_quiet(&mut command).context("cannot compile cargo-deny")?;
    let _ = std::fs::remove_dir_all(&build);
    stamp::write(STEP, VERSION)
}
