//! Do the crates depend on each other in one direction only?
//!
//! domain <- store <- capabilities <- sandbox <- runtime (design.md section 10). The code rules in `layers` look at files;
//! this one looks at manifests, where a wrong edge starts.

use super::Finding;
use crate::{paths, proc};
use anyhow::Result;
use serde::Deserialize;
use std::path::PathBuf;

/// From the bottom up: each may depend on those before it.
const ORDER: [&str; 5] = [
    "synapse-domain",
    "synapse-store",
    "synapse-capabilities",
    "synapse-sandbox",
    "synapse",
];

/// Libraries that only some of those crates may name.
const KEPT: [(&str, &[&str]); 3] = [
    ("sqlx", &["synapse-store"]),
    ("reqwest", &["synapse"]),
    ("wasmtime", &["synapse-capabilities", "synapse-sandbox"]),
];

/// One workspace member, as cargo describes it.
#[derive(Deserialize)]
pub struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// Asks cargo for the workspace's members.
pub fn read() -> Result<Vec<Package>> {
    let mut command = proc::cargo();
    let text = proc::run_quiet(command.args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Metadata = serde_json::from_str(&text)?;
    Ok(metadata.packages)
}

/// Reports each edge that points the wrong way. Dev-dependencies do not ship, so they are free.
pub fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let Some(rank) = ORDER.iter().position(|name| *name == package.name) else {
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
        {
            let upwards = ORDER
                .iter()
                .position(|name| *name == dependency.name)
                .is_some_and(|other| other >= rank);
            let foreign = KEPT
                .iter()
                .any(|(name, homes)| *name == dependency.name && !homes.contains(&&*package.name));
            if upwards || foreign {
                let why = if upwards {
                    "dependencies point one way"
                } else {
                    "that library has its place in another crate"
                };
                findings.push(Finding {
                    file: package
                        .manifest_path
                        .strip_prefix(paths::root())
                        .unwrap_or(&package.manifest_path)
                        .into(),
                    line: 1,
                    message: format!(
                        "{} depends on {}: {why} ({})",
                        package.name,
                        dependency.name,
                        ORDER.join(" <- ")
                    ),
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(name: &str, dependencies: &[(&str, Option<&str>)]) -> usize {
        let dependencies = dependencies
            .iter()
            .map(|(name, kind)| Dependency {
                name: (*name).to_owned(),
                kind: kind.map(str::to_owned),
            })
            .collect();
        check(&[Package {
            name: name.to_owned(),
            manifest_path: PathBuf::from("Cargo.toml"),
            dependencies,
        }])
        .len()
    }

    #[test]
    fn a_lower_crate_may_not_depend_on_a_higher_one() {
        assert_eq!(
            count("synapse-store", &[("synapse-sandbox", None), ("synapse-domain", None)]),
            1
        );
        assert_eq!(count("synapse-store", &[("synapse-sandbox", Some("dev"))]), 0);
    }

    #[test]
    fn a_library_with_a_place_may_not_be_used_elsewhere() {
        assert_eq!(count("synapse", &[("sqlx", None), ("reqwest", None)]), 1);
        assert_eq!(count("synapse-tests", &[("sqlx", None)]), 0);
    }
}
