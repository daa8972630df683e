//! How does cargo compile guests to core modules (or, for WASI, to components) on this machine?

use super::discover::{Group, Guest};
use crate::{paths, proc, setup::Toolchain};
use anyhow::Result;
use std::path::PathBuf;

/// One profile for both workspaces: small, and equal, so that they share one build of std and of the dependencies.
/// Overflow checks stay on: a wrapped number in an analyst's alert is worse than a trap with a journal.
pub const PROFILE: [(&str, &str); 6] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s"),
    ("CARGO_PROFILE_RELEASE_LTO", "true"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
];

/// Not cargo's usual target folder: another compiler would throw away the native build there.
fn dir() -> PathBuf {
    paths::target().join("guest-build")
}

/// Where cargo leaves a guest's module.
pub fn artefact(guest: &Guest) -> PathBuf {
    dir()
        .join(&guest.target)
        .join("release")
        .join(format!("{}.wasm", guest.artefact))
}

/// One cargo call for all these guests.
pub fn build(group: &Group, guests: &[&Guest], target: &str, toolchain: &Toolchain) -> Result<()> {
    let mut command = proc::cargo();
    command.args(["build", "--release", "--lib", "--target", target]);
    command
        .arg("--manifest-path")
        .arg(&group.manifest)
        .arg("--target-dir")
        .arg(dir());
    for guest in guests {
        command.args(["--package", &guest.name]);
    }
    command.envs(PROFILE);
    // A developer's or CI's flags for native code do not fit another target.
    for name in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "RUSTC_WRAPPER",
    ] {
        command.env_remove(name);
    }
    if let Toolchain::Debian {
        rustc,
        wasi_lib,
        linkers,
    } = toolchain
    {
        // Building std from source is unstable in cargo; RUSTC_BOOTSTRAP lets the stable one do it.
        command
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC", rustc)
            .env("RUSTC_BOOTSTRAP", "1");
        proc::prepend_path(&mut command, linkers)?;
        if target == "wasm32-wasip2" {
            command.env("CARGO_ENCODED_RUSTFLAGS", format!("-L\u{1f}{}", wasi_lib.display()));
        }
    }
    proc::run(&mut command)
}
