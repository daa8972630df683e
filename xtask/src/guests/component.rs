//! How does a compiled guest become a component that the runtime accepts?

use super::{build, discover::Guest};
use crate::{paths, stamp};
use anyhow::{Context, Result};
use std::path::PathBuf;
use wit_component::ComponentEncoder;

/// Where the finished component of a guest is.
pub fn path(name: &str) -> PathBuf {
    paths::components().join(format!("{name}.wasm"))
}

/// Wraps a core module; a `wasm32-wasip2` build is a component already (wasm-component-ld made it).
pub fn make(guest: &Guest) -> Result<()> {
    let file = build::artefact(guest);
    let built = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let component = if is_component(&built) { built } else { encode(&built)? };
    stamp::replace(&path(&guest.name), &component)?;
    println!(
        "guests: {} ({} KB)",
        path(&guest.name).display(),
        component.len().div_ceil(1024)
    );
    Ok(())
}

fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|encoder| encoder.encode())
        .map_err(|error| anyhow::anyhow!("{error:#}"))
        .context("the module does not fit its WIT world")
}

/// The layer field behind the version in the preamble: 0 for a core module, 1 for a component.
fn is_component(bytes: &[u8]) -> bool {
    bytes.get(..4) == Some(b"\0asm") && bytes.get(6..8) == Some(&[1, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_preamble_tells_a_component_from_a_module() {
        assert!(is_component(b"\0asm\x0d\0\x01\0rest"));
        assert!(!is_component(b"\0asm\x01\0\0\0rest"));
        assert!(!is_component(b"\0as"));
    }

    #[test]
    fn a_module_without_type_information_is_refused_with_a_reason() {
        let refused = encode(b"not wasm").unwrap_err();
        assert!(refused.to_string().contains("does not fit"), "{refused:#}");
    }
}
