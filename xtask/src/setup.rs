//! What must be on this machine before anything can be built and tested, and how does it get there?
//!
//! Every step says what it does, does nothing the second time, and fails with what a person can do about it.

mod apt;
mod deny;
mod python;
mod rust;
mod wasm;

use anyhow::Result;

pub use deny::program as cargo_deny;
pub use wasm::{TARGETS as WASM_TARGETS, Toolchain, toolchain as wasm_toolchain};

/// What building guests needs: all that the demo and the benchmark need beside cargo.
pub fn wasm() -> Result<()> {
    rust::install()?;
    wasm::install()
}

/// Runs every step.
pub fn run() -> Result<()> {
    rust::install()?;
    wasm::install()?;
    python::install()?;
    deny::install()
}
