//! Which guests are there, and what decides whether they must be built again?

use crate::{paths, proc, setup, stamp::Key};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;

/// Guests that share a workspace and are built together.
pub struct Group {
    /// For messages and stamps.
    pub name: &'static str,
    /// The workspace's manifest.
    pub manifest: PathBuf,
    /// The folder whose direct children are the guests.
    dir: PathBuf,
}

/// One guest crate.
#[derive(Debug, PartialEq, Eq)]
pub struct Guest {
    /// The package's name, which is the component's file name.
    pub name: String,
    /// The wasm target it is compiled for.
    pub target: String,
    /// What rustc calls the file: the library's name with underscores.
    pub artefact: String,
}

/// The first-party workflows (members of the main workspace) and the test guests (a workspace of their own).
pub fn groups() -> [Group; 2] {
    let root = paths::root();
    let tests = root.join("tests/guests");
    [
        Group {
            name: "workflows",
            manifest: root.join("Cargo.toml"),
            dir: root.join("workflows"),
        },
        Group {
            name: "tests",
            manifest: tests.join("Cargo.toml"),
            dir: tests,
        },
    ]
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    metadata: Option<serde_json::Value>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Group {
    /// Everything that can change a component: the guests, what they are made from, and the compiler.
    pub fn key(&self, compiler: &str) -> Result<String> {
        let root = paths::root();
        let manifest_dir = self.manifest.parent().context("a manifest without a folder")?;
        Key::new(self.name)
            .text(compiler)
            .text(&format!("{:?}", super::build::PROFILE))
            .file(&self.manifest)?
            .file(&manifest_dir.join("Cargo.lock"))?
            .tree(&self.dir)?
            .tree(&root.join("guest-sdk"))?
            .tree(&root.join("wit"))
            .map(Key::finish)
    }

    /// The guests, as cargo sees them. A folder without a manifest is not one.
    pub fn guests(&self) -> Result<Vec<Guest>> {
        let has_member = self
            .dir
            .read_dir()
            .is_ok_and(|entries| entries.flatten().any(|entry| entry.path().join("Cargo.toml").is_file()));
        if !has_member {
            return Ok(Vec::new());
        }
        let mut command = proc::cargo();
        command
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(&self.manifest);
        let metadata: Metadata = serde_json::from_str(&proc::run_quiet(&mut command)?)?;
        let mut guests = Vec::new();
        for package in metadata.packages {
            let folder = package.manifest_path.parent().and_then(|dir| dir.parent());
            if folder == Some(self.dir.as_path()) && !is_library(&package) {
                guests.push(guest(package)?);
            }
        }
        Ok(guests)
    }
}

/// What several workflows share says so: `[package.metadata.synapse] library = true`.
fn is_library(package: &Package) -> bool {
    let said = package
        .metadata
        .as_ref()
        .and_then(|value| value.pointer("/synapse/library"));
    said.and_then(serde_json::Value::as_bool) == Some(true)
}

fn guest(package: Package) -> Result<Guest> {
    let name = package.name;
    let library = package
        .targets
        .iter()
        .find(|target| target.crate_types.iter().any(|kind| kind == "cdylib"));
    let Some(library) = library else {
        bail!("guest {name} builds no cdylib: set crate-type = [\"cdylib\"] under [lib] in its Cargo.toml");
    };
    let asked = package
        .metadata
        .as_ref()
        .and_then(|value| value.pointer("/synapse/target"))
        .and_then(|v| v.as_str());
    let target = asked.unwrap_or(setup::WASM_TARGETS[0]);
    if !setup::WASM_TARGETS.contains(&target) {
        bail!(
            "guest {name} asks for target {target:?} in [package.metadata.synapse]: use one of {}",
            setup::WASM_TARGETS.join(", ")
        );
    }
    Ok(Guest {
        name,
        target: target.to_owned(),
        artefact: library.name.replace('-', "_"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(metadata: &str, kind: &str) -> Package {
        let text = format!(
            r#"{{"name": "a-b", "manifest_path": "/x/a-b/Cargo.toml", "metadata": {metadata},
                "targets": [{{"name": "a-b", "crate_types": ["{kind}"]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_guest_without_a_wish_is_built_without_wasi() {
        let found = guest(package("null", "cdylib")).unwrap();
        let expected = Guest {
            name: "a-b".into(),
            target: "wasm32-unknown-unknown".into(),
            artefact: "a_b".into(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_guest_may_ask_for_wasi_and_for_nothing_else() {
        let found = guest(package(r#"{"synapse": {"target": "wasm32-wasip2"}}"#, "cdylib")).unwrap();
        assert_eq!(found.target, "wasm32-wasip2");
        let refused = guest(package(r#"{"synapse": {"target": "wasm64"}}"#, "cdylib")).unwrap_err();
        assert!(refused.to_string().contains("wasm64"), "{refused}");
    }

    #[test]
    fn a_library_of_workflows_is_no_guest() {
        assert!(is_library(&package(r#"{"synapse": {"library": true}}"#, "lib")));
        assert!(!is_library(&package("null", "cdylib")));
    }

    #[test]
    fn a_crate_that_is_no_cdylib_is_refused_with_the_remedy() {
        let refused = guest(package("null", "lib")).unwrap_err();
        assert!(refused.to_string().contains("crate-type"), "{refused}");
    }
}
