//! Has the Rust toolchain the two components that `check` needs?

use crate::{paths, proc};
use anyhow::{Result, bail};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);

/// Adds rustfmt and clippy through rustup when one is missing.
pub fn install() -> Result<()> {
    if present() {
        return Ok(());
    }
    println!("setup: adding rustfmt and clippy to the Rust toolchain");
    let added = proc::run_quiet(proc::limited(LIMIT, "rustup").args(["component", "add", "rustfmt", "clippy"]));
    if !present() {
        let why = added.err().map(|error| format!("{error:#}")).unwrap_or_default();
        bail!("cargo fmt and cargo clippy are needed: rustup component add rustfmt clippy\n{why}");
    }
    Ok(())
}

fn present() -> bool {
    ["cargo-fmt", "cargo-clippy"]
        .iter()
        .all(|program| paths::cargo().with_file_name(program).is_file() || proc::on_path(program))
}
