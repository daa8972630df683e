//! Where does each thing that the tasks read or write live?

use std::path::{Path, PathBuf};

/// The repository's root: the folder above this crate.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// What the tasks themselves produce. Not moved by `CARGO_TARGET_DIR`: tests look for components here.
pub fn target() -> PathBuf {
    root().join("target")
}

/// Cargo's own target folder: where `cargo build` leaves our binaries.
pub fn cargo_target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(target, |dir| root().join(dir))
}

/// Programs that `setup` installed for this checkout.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// Finished components, one `<name>.wasm` each.
pub fn components() -> PathBuf {
    target().join("guests")
}

/// Reports for people and CI.
pub fn report() -> PathBuf {
    target().join("test-report")
}

/// A virtual environment made by `setup`.
pub fn venv(name: &str) -> PathBuf {
    tools().join(format!("venv-{name}"))
}

/// The cargo that runs us: `cargo` sets this variable for the programs it starts.
pub fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// The rustc beside that cargo; asked directly because the rustup proxy costs tens of milliseconds a call.
pub fn rustc() -> PathBuf {
    let beside = cargo().with_file_name("rustc");
    if beside.is_absolute() && beside.is_file() {
        beside
    } else {
        PathBuf::from("rustc")
    }
}
