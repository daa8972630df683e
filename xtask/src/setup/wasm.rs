//! Which compiler can build wasm guests on this machine, and what does it need?
//!
//! rustup's targets are tried first. Where they cannot be fetched, Debian's own packages serve: a rustc that knows the
//! wasm targets and the standard library's sources, from which cargo builds std itself. rust-lld and wasm-component-ld
//! then come from the rustup toolchain (guests-and-engine.md, section 1).

use super::apt;
use crate::{paths, proc, stamp};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The targets a guest may ask for; the first is the default (no WASI at all).
pub const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "wasm32-wasip2"];

/// Where rustup can fetch a target it takes seconds; where it cannot, waiting longer does not help.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

const STEP: &str = "wasm";

/// How guests are compiled here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Toolchain {
    /// The running toolchain has the targets.
    Rustup,
    /// Debian's compiler, with std built from source.
    Debian {
        /// Debian's rustc.
        rustc: PathBuf,
        /// The folder of wasi-libc's `libc.a`.
        wasi_lib: PathBuf,
        /// The rustup toolchain's folder with rust-lld and wasm-component-ld.
        linkers: PathBuf,
    },
}

impl Toolchain {
    /// The compiler's full version text: part of what decides whether a guest must be rebuilt.
    pub fn version(&self) -> Result<String> {
        let rustc = match self {
            Self::Rustup => paths::rustc(),
            Self::Debian { rustc, .. } => rustc.clone(),
        };
        proc::run_quiet(proc::command(rustc).arg("-vV"))
    }
}

/// Makes sure that one of the two ways works.
pub fn install() -> Result<()> {
    let sysroot = sysroot()?;
    if has_targets(&sysroot) {
        return Ok(());
    }
    if remembered(&sysroot).is_some() {
        return Ok(());
    }
    println!(
        "setup: asking rustup for {} (at most {} s)",
        TARGETS.join(" and "),
        RUSTUP_LIMIT.as_secs()
    );
    let mut rustup = proc::limited(RUSTUP_LIMIT, "rustup");
    let added = proc::capture(rustup.args(["target", "add"]).args(TARGETS));
    if added.is_ok_and(|output| output.status.success()) && has_targets(&sysroot) {
        return Ok(());
    }
    println!("setup: rustup cannot provide them here; using Debian's compiler and std sources instead");
    if debian(&sysroot).is_none() {
        apt::install(&["rustc-web", "rust-web-src", "wasi-libc"], "building wasm guests")?;
    }
    let Some(found) = debian(&sysroot) else {
        bail!(
            "no way to compile wasm guests: rustup target add {} failed, and Debian's rustc-web (with rust-web-src, wasi-libc) \
             or the rustup toolchain's rust-lld and wasm-component-ld are not where they should be",
            TARGETS.join(" ")
        );
    };
    stamp::write(STEP, &serde_json::to_string(&found)?)
}

/// The way that works, once `install` has run.
pub fn toolchain() -> Result<Toolchain> {
    let sysroot = sysroot()?;
    if has_targets(&sysroot) {
        return Ok(Toolchain::Rustup);
    }
    remembered(&sysroot)
        .or_else(|| debian(&sysroot))
        .context("no compiler for wasm guests: run `cargo xtask setup`")
}

/// What an earlier `install` found for this toolchain, if it is still there: saves asking dpkg and two compilers.
fn remembered(sysroot: &Path) -> Option<Toolchain> {
    let found = serde_json::from_str(&stamp::read(STEP)?).ok()?;
    let valid = match &found {
        Toolchain::Rustup => false,
        Toolchain::Debian {
            rustc,
            wasi_lib,
            linkers,
        } => linkers.starts_with(sysroot) && rustc.is_file() && wasi_lib.is_dir() && linkers.is_dir(),
    };
    valid.then_some(found)
}

fn sysroot() -> Result<PathBuf> {
    let text = proc::run_quiet(proc::command(paths::rustc()).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(text.trim()))
}

fn has_targets(sysroot: &Path) -> bool {
    TARGETS
        .iter()
        .all(|target| sysroot.join("lib/rustlib").join(target).join("lib").is_dir())
}

/// Debian's way, if every part of it is there.
fn debian(sysroot: &Path) -> Option<Toolchain> {
    let rustc = find(&apt::files("rustc-web"), "/bin/rustc")?;
    let wasi_lib = find(&apt::files("wasi-libc"), "/libc.a")?.parent()?.to_path_buf();
    let host = proc::run_quiet(proc::command(&rustc).args(["--print", "host-tuple"])).ok()?;
    let linkers = sysroot.join("lib/rustlib").join(host.trim()).join("bin");
    let complete =
        sources(&rustc)?.is_file() && linkers.join("rust-lld").is_file() && linkers.join("wasm-component-ld").is_file();
    complete.then_some(Toolchain::Debian {
        rustc,
        wasi_lib,
        linkers,
    })
}

/// std's lock file where cargo's build-std looks for it: rust-web-src puts the sources into rustc-web's sysroot.
fn sources(rustc: &Path) -> Option<PathBuf> {
    let sysroot = proc::run_quiet(proc::command(rustc).args(["--print", "sysroot"])).ok()?;
    Some(Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/Cargo.lock"))
}

fn find(files: &[String], ending: &str) -> Option<PathBuf> {
    files
        .iter()
        .find(|file| file.ends_with(ending))
        .map(PathBuf::from)
        .filter(|path| path.is_file())
}
